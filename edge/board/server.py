"""The board's web server: the page, its JSON, its stream of changes, metrics and health."""

import errno
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Final

from aiohttp import web

from edge.board.assets import load_assets
from edge.board.config import BoardOptions
from edge.board.document import rounded
from edge.board.guard import add_headers, guard
from edge.board.metrics import CONTENT_TYPE, exposition
from edge.board.public import public_view
from edge.board.seek import Search, Searches
from edge.board.state import BoardState
from edge.board.stream import Streams, View, dump
from edge.errors import ConfigError, why
from edge.vitals import Vitals

_log = logging.getLogger(__name__)

_PORTS_TRIED: Final = 20
_STOP_S: Final = 2.0


def board_app(
    state: BoardState,
    vitals: Callable[[], Vitals],
    options: BoardOptions | None = None,
    begin_search: Callable[[str], Search] | None = None,
) -> web.Application:
    """The application; nothing listens yet. `begin_search`: by barcode, where there are readers."""
    options = options or BoardOptions()
    board = _Board(state, vitals, options)
    app = web.Application(middlewares=[guard(options.hosts)])
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(board.streams.close)
    app.add_routes(
        [
            web.get("/", board.page),
            web.get("/static/{name}", board.asset),
            web.get("/api/state", board.state),
            web.get("/api/events", board.events),
            web.get("/api/shelf/{shelf}", board.shelf),
            web.get("/healthz", board.health),
        ]
    )
    if not options.public_only:
        app.add_routes([web.get("/api/vitals", board.vitals), web.get("/metrics", board.metrics)])
        if begin_search is not None:
            searches = Searches(begin_search)
            app.on_shutdown.append(searches.close)
            app.add_routes([web.get("/find", board.find_page), web.get("/api/seek", searches.serve)])
    return app


async def serve(app: web.Application, options: BoardOptions) -> tuple[web.AppRunner, str]:
    """Listen; give what `cleanup()` ends, and the board's address. A busy port: the next free one.

    Raises ConfigError where the address is not this machine's, or no port is free.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_STOP_S)
    await runner.setup()
    wanted = options.port
    for port in range(wanted, min(wanted + _PORTS_TRIED, 65_535) + 1) if wanted else [0]:
        try:
            site = web.TCPSite(runner, options.host, port)
            await site.start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            await runner.cleanup()
            raise ConfigError(f"board: {options.host}:{port}: {why(error)}") from None
        bound: int = runner.addresses[0][1]
        if wanted and bound != wanted:
            _log.warning("port %d is busy: the board is on port %d", wanted, bound)
        host = f"[{options.host}]" if ":" in options.host else options.host
        return runner, f"http://{host}:{bound}/"
    await runner.cleanup()
    raise ConfigError(f"board: ports {wanted} to {wanted + _PORTS_TRIED} of {options.host} are all busy")


class _Board:
    """The handlers."""

    def __init__(self, state: BoardState, vitals: Callable[[], Vitals], options: BoardOptions) -> None:
        self._state, self._vitals, self._options = state, vitals, options
        self._assets = load_assets()
        self.streams = Streams(state, self._beat)

    async def page(self, request: web.Request) -> web.StreamResponse:
        return self._file(request, "index.html")

    async def find_page(self, request: web.Request) -> web.StreamResponse:
        return self._file(request, "find.html")

    async def asset(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in self._assets:
            raise web.HTTPNotFound
        return self._file(request, name)

    async def state(self, request: web.Request) -> web.StreamResponse:
        kind = "public" if self._is_public(request) else "staff"
        etag = f"{self._state.boot}-{self._state.revision}-{kind}"
        if _has(request, etag):
            return web.Response(status=304, headers={"ETag": f'"{etag}"'})
        document = self._view(request)({**self._state.snapshot(), **self._beat()})
        response = web.Response(
            body=dump(document),
            content_type="application/json",
            headers={"ETag": f'"{etag}"', "Cache-Control": "no-cache"},
        )
        response.enable_compression()
        return response

    async def shelf(self, request: web.Request) -> web.StreamResponse:
        found = None if self._is_public(request) else self._state.shelf(request.match_info["shelf"])
        if found is None:
            raise web.HTTPNotFound
        return _json(found)

    async def events(self, request: web.Request) -> web.StreamResponse:
        return await self.streams.serve(request, self._view(request))

    async def vitals(self, request: web.Request) -> web.StreamResponse:
        found = self._vitals()
        return _json(asdict(found) | {"reasons": found.reasons()})

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=exposition(self._vitals()).encode(), headers={"Content-Type": CONTENT_TYPE})

    async def health(self, request: web.Request) -> web.StreamResponse:
        """From progress: how old each source's last reading and each sink's last acknowledgement are."""
        found = self._vitals()
        reasons = found.reasons()
        document: dict[str, object] = {"status": "degraded" if reasons else "ok"}
        if not self._options.public_only:
            document |= {
                "reasons": reasons,
                "uptime_s": round(found.uptime_s, 1),
                "reading_age_s": {name: source.age_s for name, source in found.sources.items()},
                "ack_age_s": {name: sink.ack_age_s for name, sink in found.sinks.items()},
            }
        return _json(document, status=503 if reasons else 200)

    def _beat(self) -> dict[str, object]:
        found = self._vitals()
        sinks = {
            name: {"waiting": sink.depth, "ack_age_s": sink.ack_age_s, "error": sink.error}
            for name, sink in found.sinks.items()
        }
        sources = {
            name: {
                "received": source.received,
                "malformed": source.malformed,
                "age_s": rounded(source.age_s, 1),
            }
            for name, source in found.sources.items()
        }
        return {"sinks": sinks, "sources": sources, "reasons": found.reasons()}

    def _is_public(self, request: web.Request) -> bool:
        return self._options.public_only or request.query.get("public", "0") not in ("", "0")

    def _view(self, request: web.Request) -> View:
        return public_view if self._is_public(request) else _as_it_is

    def _file(self, request: web.Request, name: str) -> web.StreamResponse:
        asset = self._assets[name]
        headers = {"ETag": f'"{asset.etag}"', "Cache-Control": "no-cache"}
        if _has(request, asset.etag):
            return web.Response(status=304, headers=headers)
        response = web.Response(body=asset.body, headers=headers | {"Content-Type": asset.content_type})
        response.enable_compression()
        return response


def _has(request: web.Request, etag: str) -> bool:
    return etag in {tag.value for tag in request.if_none_match or ()}


def _as_it_is(document: Mapping[str, object]) -> Mapping[str, object]:
    return document


def _json(document: Mapping[str, object], status: int = 200) -> web.Response:
    return web.Response(
        body=dump(document),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
