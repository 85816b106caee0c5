"""Server-sent events: each page gets what changed since its last look, at most four times a second."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web

from edge.board.listeners import Listeners
from edge.board.state import BoardState

PERIOD_S: Final = 0.25
BEAT_PERIOD_S: Final = 2.0
SILENCE_S: Final = 5.0
RETRY_MS: Final = 2_000
MOST_PAGES: Final = 64

View = Callable[[Mapping[str, object]], Mapping[str, object]]
Beat = Callable[[], Mapping[str, object]]


def dump(document: Mapping[str, object]) -> bytes:
    """Compact JSON; a number that JSON does not have is a fault of ours."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


class Streams:
    """All open pages. `beat` is what a page gets besides changes: how the daemon is."""

    def __init__(self, state: BoardState, beat: Beat) -> None:
        self.state, self.beat = state, beat
        self._pages = Listeners(MOST_PAGES, "too many pages are open")

    async def serve(self, request: web.Request, view: View) -> web.StreamResponse:
        """Send changes until the page or the daemon goes."""
        known = self._known(request)
        return await self._pages.serve(request, lambda response: self._pump(response, view, known))

    async def close(self, app: web.Application) -> None:
        """End all streams, so that the server can stop."""
        await self._pages.close(app)

    def _known(self, request: web.Request) -> int | None:
        """The revision that a page which comes back has already; None: it needs everything."""
        boot, _, revision = request.headers.get("Last-Event-ID", "").partition("-")
        if boot != self.state.boot or not re.fullmatch(r"[0-9]{1,15}", revision):
            return None
        return int(revision) if int(revision) <= self.state.revision else None

    async def _pump(self, response: web.StreamResponse, view: View, known: int | None) -> None:
        await response.write(b"retry: %d\n\n" % RETRY_MS)
        document = self.state.snapshot() if known is None else self.state.since(known)
        clock, next_beat_s = asyncio.get_running_loop().time, 0.0
        while True:
            revision = document["revision"]
            assert isinstance(revision, int)
            if clock() >= next_beat_s:
                next_beat_s = clock() + BEAT_PERIOD_S
                document |= self.beat()
            data = dump(view(document))
            await response.write(b"id: %s-%d\ndata: %s\n\n" % (self.state.boot.encode(), revision, data))
            await asyncio.sleep(PERIOD_S)
            await self.state.news(revision, SILENCE_S)
            document = self.state.since(revision)
