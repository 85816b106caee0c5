"""Server-sent events: each page gets what changed since its last look, at most four times a second."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

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


@dataclass(slots=True)
class Streams:
    """All open pages. `beat` is what a page gets besides changes: how the daemon is."""

    state: BoardState
    beat: Beat
    _open: set[asyncio.Task[None]] = field(default_factory=set)
    _closing: bool = False

    async def serve(self, request: web.Request, view: View) -> web.StreamResponse:
        """Send changes until the page or the daemon goes."""
        if self._closing or len(self._open) >= MOST_PAGES:
            raise web.HTTPServiceUnavailable(text="too many pages are open\n", headers={"Retry-After": "10"})
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        task = asyncio.ensure_future(self._pump(response, view, self._known(request)))
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
