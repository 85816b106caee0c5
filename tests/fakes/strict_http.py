"""A strict HTTP server at the far end: what its interface does not have is a fault that fails the test."""

import ssl
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


Handler = Callable[[Asked], Awaitable[web.Response] | web.Response]


@dataclass
class StrictServer(ABC):
    """Subclasses say what there is; `faults` is what was asked for wrongly."""

    faults: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    ahead: list[web.Response] = field(default_factory=list)
    """Answers that are given before any other, in order."""

    @abstractmethod
    def answer(self, asked: Asked) -> web.Response:
        """What there is to say; `fault` where the interface has no such thing."""

    def fault(self, what: str) -> web.Response:
        self.faults.append(what)
        return web.json_response({"error": what}, status=400)

    def paths(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.asked]

    async def _handle(self, request: web.Request) -> web.Response:
        kind = request.content_type if request.can_read_body else ""
        if kind == "application/json":
            body: Any = await request.json()
        elif kind == "application/x-www-form-urlencoded":
            body = dict(await request.post())
        else:
            body = await request.text() or None
        asked = Asked(request.method, request.path, dict(request.query), dict(request.headers), body)
        self.asked.append(asked)
        if self.ahead:
            return self.ahead.pop(0)
        return self.answer(asked)

    @asynccontextmanager
    async def listening(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        """Its address."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        try:
            port = runner.addresses[0][1]
            yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        finally:
            await runner.cleanup()
