"""Pages that listen: server-sent events until the page or the daemon goes, to no more than some at once."""

import asyncio
from collections.abc import Callable, Coroutine

from aiohttp import web

Pump = Callable[[web.StreamResponse], Coroutine[None, None, None]]
"""Writes events for as long as somebody looks; it is cancelled when nobody does."""


class Listeners:
    """At most `most` pages; `refusal` is what the next one is told."""

    def __init__(self, most: int, refusal: str) -> None:
        self._most, self._refusal = most, refusal
        self._open: set[asyncio.Task[None]] = set()
        self._closing = False

    async def serve(self, request: web.Request, pump: Pump) -> web.StreamResponse:
        """Until the page or the daemon goes."""
        if self._closing or len(self._open) >= self._most:
            raise web.HTTPServiceUnavailable(text=f"{self._refusal}\n", headers={"Retry-After": "10"})
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        task = asyncio.ensure_future(pump(response))
        self._open.add(task)
        try:
            await task
        except ConnectionError:
            pass  # The page is gone: nothing is lost, it asks again when it is back.
        except asyncio.CancelledError:
            if not self._closing:
                raise
        finally:
            task.cancel()
            self._open.discard(task)
        return response

    async def close(self, app: web.Application) -> None:
        """End all streams, so that the server can stop."""
        self._closing = True
        for task in list(self._open):
            task.cancel()
