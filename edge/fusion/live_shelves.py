"""Shelves as the daemon runs them: boards that a cart has passed in, rows of spines and findings out.

While a cart stands before a board, its row is shown by a quick look now and then; when it has left, the row
is final. Without a shelf list there are places only. With one, the last passes are a running stock-take, and
what is new in it is told.
"""

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge.columns import PoseColumns, TagColumns
from edge.events import InventoryFinished, Record, ShelfState, Spine
from edge.fusion.inventory import Board, Evidence, Stocktake, merged, scan, take_stock
from edge.fusion.live_claims import Claims
from edge.fusion.live_news import LiveNews
from edge.fusion.live_passes import LivePasses
from edge.fusion.live_session import LiveSession
from edge.fusion.locate import Calibration, Options, TagPlace, locate
from edge.fusion.window import Window
from edge.library.shelf_list import ShelfList

PASSES_KEPT: Final = 36
RECENT: Final = 8
RESTED_NS: Final = 60_000_000_000
"""A cart that was before no board for so long has ended its stock-take."""
_GLANCE_NS: Final = 5_000_000_000
_GLANCE: Final = Options(coupling=False, refine=False)
_LIVE: Final = Options(coupling=False, thorough=False)
"""Tags that couple are worked out together, which takes longer than the cart does: not while it moves."""
_LOOKS: Final = 2
_MOST_WAITING: Final = 16
"""A step locates so many boards, so that rooms and doors need not wait for a backlog of shelves."""
_AT_LEAST_NS: Final = 10_000_000_000
_PER_BOOK_NS: Final = 60_000_000
"""A stock-take costs some milliseconds a book: it waits so long for each, and so stays within its share."""


@dataclass(frozen=True, slots=True)
class ShelvesMemory:
    """Boards that are being read or wait to be looked at, what was found, said of it and claimed by whom,
    and the last stock-take."""

    tags: TagColumns
    poses: PoseColumns
    waiting: list[Window]
    evidence: list[Evidence]
    fresh: frozenset[str]
    said: dict[Hashable, object]
    stood: dict[str, str]
    claims: Claims
    at_board_ns: int
    last: Stocktake | None = None


class LiveShelves:
    """All boards of a site; feed it windows of the moving antennas in order."""

    def __init__(
        self,
        boards: Sequence[Board] = (),
        books: ShelfList | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        known = calibration or Calibration()
        self._glancing = replace(_GLANCE, calibration=known)
        self._locating = replace(_LIVE, calibration=known)
        self._boards = tuple(boards)
        self._lengths_m = {board.shelf: board.length_m for board in boards if board.length_m}
        self._books = books
        self._passes = LivePasses()
        self._claims = Claims()
        self._waiting: deque[Window] = deque()
        self._evidence: deque[Evidence] = deque(maxlen=PASSES_KEPT)
        self._fresh: set[str] = set()
        self._news = LiveNews()
        self._next_ns = 0
        self._glanced_ns = 0
        self._at_board_ns = 0
        self._taken: Stocktake | None = None
        self.recent: deque[Window] = deque(maxlen=RECENT)
        """The last boards that were left, with their reads."""
        self.session: LiveSession | None = None
        self.last: Stocktake | None = None
        """What was found last, by a running stock-take or by one that staff ended."""

    def step(self, window: Window) -> list[Record]:
        """Take one window; what is to be said of the boards that were left in it."""
        self._waiting.extend(self._passes.step(window))
        records = list(self._look_at(max(_LOOKS, len(self._waiting) - _MOST_WAITING)))
        records.extend(self._glance(window.end_ns))
        if self._fresh and not self._waiting and window.end_ns >= self._next_ns:
            records.extend(self._stock(window.end_ns))
        if len(window.poses):
            self._at_board_ns = window.end_ns
        elif window.end_ns - self._at_board_ns > RESTED_NS:
            records.extend(self._finished())
        return records

    def finish(self) -> list[Record]:
        """What can still be said when no more windows come."""
        self._waiting.extend(self._passes.finish())
        records = list(self._look_at(len(self._waiting)))
        return [*records, *(self._stock(0) if self._fresh else ()), *self._finished()]

    def begin_session(self, id_: str, evidence: Evidence | None = None) -> LiveSession:
        """Gather what is scanned from now on as one stock-take; `evidence` is what it has already."""
        self.session = LiveSession(id_, evidence or Evidence())
        return self.session

    def end_session(self) -> tuple[LiveSession | None, list[Record]]:
        """The stock-take with the board that is being read, and what there is to say of that."""
        self._waiting.extend(self._passes.finish())
        records = list(self._look_at(len(self._waiting)))
        if self._fresh:
            records.extend(self._stock(0))
        ended, self.session, self._taken = self.session, None, None
        return ended, records

    def keep_last(self, found: Stocktake) -> None:
        """The findings of a stock-take that has ended."""
        self.last = found

    def relive(self, window: Window) -> None:
        """Take a window that was taken before: what is to be said of its boards comes with the next step."""
        self._waiting.extend(self._passes.step(window))
        if len(window.poses):
            self._at_board_ns = window.end_ns

    def memory(self) -> ShelvesMemory:
        """What a stock-take that goes on needs; its sum is made anew."""
        return ShelvesMemory(
            tags=self._passes.tags,
            poses=self._passes.poses,
            waiting=list(self._waiting),
            evidence=list(self._evidence),
            fresh=frozenset(self._fresh if self._taken is None else self._scanned()),
            said=self._news.said,
            stood=self._news.stood,
            claims=self._claims,
            at_board_ns=self._at_board_ns,
            last=self.last,
        )

    def recall(self, memory: ShelvesMemory) -> None:
        """Go on with what `memory` gave."""
        self._passes = LivePasses(memory.tags, memory.poses)
        self._waiting = deque(memory.waiting)
        self._evidence = deque(memory.evidence, maxlen=PASSES_KEPT)
        self._fresh = set(memory.fresh) & self._scanned()
        self._news = LiveNews(memory.said, memory.stood)
        self._at_board_ns, self._claims, self.last = memory.at_board_ns, memory.claims, memory.last
        if self._books is None:
            self._fresh.clear()

    def held_rows(self) -> int:
        """Reads of boards that are not looked at yet."""
        return len(self._passes.tags) + sum(len(window.tags) for window in self._waiting)

    def rest(self) -> None:
        """Nobody listened until now: pauses are counted from now."""
        self._next_ns = self._glanced_ns = self._at_board_ns = 0

    def _scanned(self) -> set[str]:
        return {shelf for evidence in self._evidence for shelf in evidence.scans}

    def _glance(self, now_ns: int) -> Iterator[Record]:
        """Rows that are being read: roughly, and soon."""
        if now_ns - self._glanced_ns >= _GLANCE_NS:
            self._glanced_ns = now_ns
            for part in self._passes.open():
                if len(part.tags):
                    rows = _rows_of_places(part, locate(part, self._lengths_m, self._glancing).places)
                    yield from self._first_sight(rows, self._books) if self._books else rows

    def _first_sight(self, rows: Iterable[ShelfState], books: ShelfList) -> Iterator[ShelfState]:
        """With a list: boards that were never read, and on them the books that the list has there.

        A rough row must not replace a judged one: what is misplaced on that would be forgotten.
        """
        for row in rows:
            if not self._news.tells(row.shelf):
                known = [(spine, books.by_epc(spine.epc)) for spine in row.books]
                spines = tuple(
                    replace(spine, barcode=book.barcode)
                    for spine, book in known
                    if book is not None and book.shelf in (None, row.shelf)
                )
                yield replace(row, books=spines)

    def _look_at(self, most: int) -> Iterator[Record]:
        while self._waiting and most > 0:
            most -= 1
            yield from self._look(self._waiting.popleft())

    def _look(self, done: Window) -> Iterator[Record]:
        if not len(done.tags):
            return
        self.recent.append(done)
        if not self._books:
            places = locate(done, self._lengths_m, self._locating).places
            reads = {place.epc: place.reads for place in places}
            yield from self._claims.take(_rows_of_places(done, places), reads)
            return
        evidence = scan(done, self._books, self._boards, locating=self._locating)
        self._evidence.append(evidence)
        if self.session is not None:
            self.session.add(evidence)
        self._fresh.update(evidence.scans)

    def _stock(self, now_ns: int) -> Iterator[Record]:
        assert self._books is not None
        found = take_stock(merged(self._evidence), self._books, self._boards)
        self._next_ns = now_ns + max(_AT_LEAST_NS, _PER_BOOK_NS * len(found.books))
        self._taken = self.last = found
        yield from self._news.of(found, self._fresh)
        self._fresh.clear()

    def _finished(self) -> Iterator[Record]:
        """The sum of the stock-take that has ended."""
        found, self._taken = self._taken, None
        if found is not None and self.session is None:
            as_of_ns = max(one.as_of_ns for one in found.shelves)
            yield InventoryFinished(
                t_ns=as_of_ns,
                session=f"scan-{as_of_ns}",
                shelves=tuple(one.shelf for one in found.shelves),
                expected=sum(one.expected for one in found.shelves),
                seen=sum(one.seen for one in found.shelves),
                misplaced=len(found.misplaced),
                missing=len(found.missing),
            )


def _rows_of_places(done: Window, places: Sequence[TagPlace]) -> Iterator[ShelfState]:
    t_ns = int(done.poses.t_ns[-1])
    for shelf in dict.fromkeys(done.poses.shelves[n] for n in done.poses.shelf):
        row = sorted((place for place in places if place.shelf == shelf), key=lambda place: place.x_m)
        spines = tuple(Spine(one.epc, None, one.x_m, one.x_sd_m, one.confidence) for one in row)
        yield ShelfState(t_ns, shelf, spines, None)
