"""What the library system sends, taken in: the shelf list in parts, changes of books, bookings."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, Protocol

from edge.clock import Clock
from edge.errors import BadFrame
from edge.events import Record
from edge.fusion.live import Live
from edge.fusion.spaces.bookings import Booking
from edge.library.shelf_list import Book, ShelfList, Status
from edge.lsp import wire
from edge.lsp.parts import Assembler, cell
from edge.lsp.sessions import Fusion
from edge.lsp.store import KeptBooking, Store
from edge.lsp.tally import Tally

_log = logging.getLogger(__name__)
_COLUMNS: Final = ("epc", "call_number", "scheme", "title", "shelf", "sort_key", "status")
_KINDS: Final = ("shelf-list", "items", "bookings")


class Host(Fusion, Protocol):
    """What it needs of the daemon."""

    clock: Clock


class Intake:
    """One site's. `books` is the list that all others look at; `changed` is told when it changes."""

    def __init__(
        self,
        host: Host,
        books: ShelfList,
        store: Store,
        tally: Tally,
        spaces: Collection[str],
        max_payload_bytes: int,
        changed: Callable[[], None],
    ) -> None:
        self._host, self._books, self._store, self._tally = host, books, store, tally
        self._spaces, self._max_payload_bytes, self._changed = spaces, max_payload_bytes, changed
        self._assembler = Assembler(store.fact("fingerprint"))

    async def take(self, what: str, payload: bytes) -> None:
        """One message; `what` is its topic behind `lsp/`. What cannot be used is counted."""
        head, _, part = what.partition("/")
        try:
            if len(payload) > self._max_payload_bytes:
                raise BadFrame(f"more than {self._max_payload_bytes} bytes")
            if head == "shelf-list" and part:
                await self._take_part(part, payload)
            elif what == "items":
                await self._take_items(payload)
            elif what == "bookings":
                await self._take_bookings(payload)
            else:
                raise BadFrame("no such topic of the library system")
        except BadFrame as error:
            self._tally.bad(head if head in _KINDS else "message", str(error))

    async def _take_part(self, part: str, payload: bytes) -> None:
        if not payload:
            return  # a retained part that was taken back
        whole = await asyncio.to_thread(self._assembler.put, part, payload)
        self._tally.good()
        if whole is None:
            return
        found, problems = whole.books, whole.problems
        for problem in problems:
            self._tally.bad("shelf-list", problem)
        if problems and not len(found):
            raise BadFrame(f"version {whole.version!r} has no row that can be used; the old list stays")
        await asyncio.to_thread(self._store.replace_books, found, whole.fingerprint)
        await self._host.with_live(lambda _: self._books.take_over(found))
        self._assembler.take(whole)
        _log.info("lsp: shelf list %r: %d books, %d rows refused", whole.version, len(found), len(problems))
        self._changed()

    async def _take_items(self, payload: bytes) -> None:
        rows = await asyncio.to_thread(wire.rows_of, payload, "items")
        await self._change_books(rows)

    async def hear(self, statuses: Mapping[str, Status]) -> None:
        """What a library system said of books when it was asked; of those in the list, where it is new."""
        known = {code: self._books.by_barcode(code) for code in statuses}
        news = [
            code for code, book in known.items() if book is not None and book.status is not statuses[code]
        ]
        if news:
            await self._change_books([{"barcode": code, "status": statuses[code].value} for code in news])

    async def _change_books(self, rows: Sequence[object]) -> None:
        """Change books by rows of columns; a row that cannot be used costs itself."""
        changed, removed, problems = await self._host.with_live(lambda _: self._change(rows))
        for problem in problems:
            self._tally.bad("items", problem)
        self._tally.good(len(rows) - len(problems))
        await asyncio.to_thread(self._store.change_books, changed, removed)
        self._changed()

    def _change(self, rows: Sequence[object]) -> tuple[list[Book], list[str], list[str]]:
        changed: dict[str, Book | None] = {}
        problems: list[str] = []
        for number, row in enumerate(rows):
            try:
                barcode = cell(row, "barcode").strip()
                changed[barcode] = self._change_one(barcode, row)
            except BadFrame as error:
                problems.append(f"row {number}: {error}")
        books = [book for book in changed.values() if book is not None]
        return books, [barcode for barcode, book in changed.items() if book is None], problems

    def _change_one(self, barcode: str, row: object) -> Book | None:
        """The book as it is now; None where it has left the list."""
        if isinstance(row, dict) and row.get("removed") is True:
            self._books.remove(barcode)
            return None
        columns = {name: cell(row, name) for name in _COLUMNS if isinstance(row, dict) and name in row}
        if self._books.by_barcode(barcode) is None and not columns.get("call_number"):
            raise BadFrame("a book that is not in the shelf list, and no call number to put it there")
        return self._books.change({"barcode": barcode, **columns})

    async def _take_bookings(self, payload: bytes) -> None:
        good: list[wire.BookingRow] = []
        for row in wire.valid_rows(wire.BookingRow, wire.rows_of(payload, "bookings")):
            problem = row if isinstance(row, str) else self._booking_problem(row)
            if isinstance(row, str) or problem:
                self._tally.bad("bookings", problem)
            else:
                good.append(row)
        self._tally.good(len(good))
        now_ns = self._host.clock.wall_ns()
        kept = [_kept(row) for row in good if not row.cancelled]
        gone = [row.id for row in good if row.cancelled]
        self._host.publish(await self._host.with_live(lambda live: _book(live, kept, gone, now_ns)))
        await asyncio.to_thread(self._store.keep_bookings, kept, gone, now_ns)

    def _booking_problem(self, row: wire.BookingRow) -> str:
        if row.space not in self._spaces:
            return f"a booking of the space {row.space!r}, which the site does not have"
        return "" if row.from_ < row.to else "a booking that ends before it begins"

    async def recall_bookings(self) -> None:
        """Those of before the restart, without a word."""
        kept = await asyncio.to_thread(self._store.bookings)
        now_ns = self._host.clock.wall_ns()
        await self._host.with_live(lambda live: _book(live, kept, [], now_ns, known=True))


def _book(
    live: Live, kept: Sequence[KeptBooking], gone: Sequence[str], now_ns: int, *, known: bool = False
) -> list[Record]:
    records: list[Record] = []
    for one in kept:
        booking = Booking(one.id, one.space, one.start_ns, one.end_ns)
        records.extend(live.bookings.put(booking, now_ns, known=known))
    for id_ in gone:
        records.extend(live.bookings.cancel(id_, now_ns))
    return records


def _kept(row: wire.BookingRow) -> KeptBooking:
    return KeptBooking(row.id, row.space, _ns(row.from_.timestamp()), _ns(row.to.timestamp()))


def _ns(seconds: float) -> int:
    return round(seconds * 1e6) * 1000
