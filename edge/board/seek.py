"""The stream of a search: how near one book is, five times a second, for as long as a page looks."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from aiohttp import web

from edge.board.listeners import Listeners
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
        self._pages = Listeners(MOST, "too many searches")

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Until the page or the daemon goes."""
        barcode = request.query.get("barcode", "").strip()
        if not 0 < len(barcode) <= _LONGEST_BARCODE:
            raise web.HTTPBadRequest(text="say which book: ?barcode=…\n")
        return await self._pages.serve(request, lambda response: self._pump(response, barcode))

    async def close(self, app: web.Application) -> None:
        """End all streams, so that the server can stop."""
        await self._pages.close(app)

    async def _pump(self, response: web.StreamResponse, barcode: str) -> None:
        search = self._begin(barcode)
        try:
            while True:
                await response.write(b"data: %s\n\n" % dump(search.now()))
                await asyncio.sleep(PERIOD_S)
        finally:
            search.close()
