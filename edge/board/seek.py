"""The stream of a search: how near one book is, five times a second, for as long as a page looks."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from aiohttp import web

from edge.board.stream import dump

PERIOD_S: Final = 0.2
MOST: Final = 8
_LONGEST_BARCODE: Final = 64


class Search(Protocol):
    """A search that goes on."""

    def now(self) -> Mapping[str, object]: ...

    def close(self) -> None: ...


class Searches:
    """All pages that search. `begin` begins one by barcode."""

    def __init__(self, begin: Callable[[str], Search]) -> None:
        self._begin = begin
        self._open: set[asyncio.Task[None]] = set()
        self._closing = False

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Until the page or the daemon goes."""
        barcode = request.query.get("barcode", "").strip()
        if not 0 < len(barcode) <= _LONGEST_BARCODE:
            raise web.HTTPBadRequest(text="say which book: ?barcode=…\n")
        if self._closing or len(self._open) >= MOST:
            raise web.HTTPServiceUnavailable(text="too many searches\n", headers={"Retry-After": "10"})
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        search = self._begin(barcode)
        task = asyncio.ensure_future(_pump(response, search))
        self._open.add(task)
        try:
            await task
        except ConnectionError:
            pass  # The page is gone.
        except asyncio.CancelledError:
            if not self._closing:
                raise
        finally:
            task.cancel()
            self._open.discard(task)
            search.close()
        return response

    async def close(self, app: web.Application) -> None:
        """End all streams, so that the server can stop."""
        self._closing = True
        for task in list(self._open):
            task.cancel()


async def _pump(response: web.StreamResponse, search: Search) -> None:
    while True:
        await response.write(b"data: %s\n\n" % dump(search.now()))
        await asyncio.sleep(PERIOD_S)
