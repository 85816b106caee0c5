"""What a running stock-take says: each finding once, and anew when it has changed."""

from collections.abc import Hashable, Iterator, Set
from typing import Final

from edge.events import (
    Finding,
    ItemFound,
    ItemMisplaced,
    ItemMissing,
    ItemMoved,
    ItemSeen,
    ItemWrongStatus,
    Record,
    ShelfState,
    Spine,
    TagUnknown,
)
from edge.fusion.inventory import Stocktake
from edge.library.shelf_list import Status

_STRANGER_SD_M: Final = 0.02


class LiveNews:
    """What has been said of boards and books, and what is new in the next stock-take of them.

    `said` is by what each finding is about, `stood` the board of each tag when it was scanned last.
    """

    def __init__(
        self, said: dict[Hashable, object] | None = None, stood: dict[str, str] | None = None
    ) -> None:
        self.said = said or {}
        self.stood = stood or {}

    def tells(self, shelf: str) -> bool:
        """Whether a judged row of that board was told."""
        return ("row", shelf) in self.said

    def of(self, found: Stocktake, fresh: Set[str]) -> Iterator[Record]:
        """What is to be said of `found`, in which the boards `fresh` were scanned anew."""
        as_of = {one.shelf: one.as_of_ns for one in found.shelves}
        yield from self._seen(found, fresh, as_of)
        yield from self._changed(_findings(found, as_of))
        for one in found.shelves:
            row = _row(found, one.shelf)
            flags = frozenset(spine.epc for spine in row if spine.misplaced)
            if one.shelf in fresh or self.said.get(("row", one.shelf)) != flags:
                self.said["row", one.shelf] = flags
                yield ShelfState(one.as_of_ns, one.shelf, row, one.read_rate)

    def _seen(self, found: Stocktake, fresh: Set[str], as_of: dict[str, int]) -> Iterator[Record]:
        """Books of the fresh boards: where each stands, and which has changed its board."""
        wrong = _wrong(found)
        for book in found.books:
            if book.shelf not in fresh:
                continue
            t_ns, before = as_of[book.shelf], self.stood.get(book.epc)
            self.stood[book.epc] = book.shelf
            x_m, sd_m, sure = round(book.x_m, 4), round(book.x_sd_m, 4), round(book.confidence, 3)
            if before is not None and before != book.shelf:
                yield ItemMoved(t_ns, book.epc, book.barcode, before, book.shelf, x_m, sure)
            place = book.shelf, x_m, sd_m, book.rank, sure
            yield ItemSeen(t_ns, book.epc, book.barcode, *place, wrong.get(book.barcode, ()))

    def _changed(self, findings: dict[Hashable, tuple[object, Record]]) -> Iterator[Record]:
        """Those that were not said yet, or not so; what is no longer found may be said again."""
        for key, (what, record) in findings.items():
            if self.said.get(key) != what:
                yield record
        rows = {key: said for key, said in self.said.items() if isinstance(key, tuple) and key[0] == "row"}
        self.said = rows | {key: what for key, (what, _) in findings.items()}


def _wrong(found: Stocktake) -> dict[str | None, tuple[Finding, ...]]:
    """Barcode → what is wrong with the book, in the words of the events about it."""
    said: dict[str | None, tuple[Finding, ...]] = {m.barcode: ("misplaced",) for m in found.misplaced}
    for one in found.wrong_status:
        word: Finding = "found" if one.status is Status.MISSING else "wrong-status"
        said[one.barcode] = (*said.get(one.barcode, ()), word)
    return said


def _findings(found: Stocktake, as_of: dict[str, int]) -> dict[Hashable, tuple[object, Record]]:
    """By what each is about: what it says, without figures that change from pass to pass, and its record."""
    said: dict[Hashable, tuple[object, Record]] = {}
    for m in found.misplaced:
        record: Record = ItemMisplaced(
            as_of[m.shelf], m.epc, m.barcode, m.shelf, m.x_m, m.between, m.belongs_shelf, m.belongs_between,
            m.confidence,
        )  # fmt: skip
        said["misplaced", m.barcode] = (m.shelf, m.between, m.belongs_shelf, m.belongs_between), record
    for gone in found.missing:
        shelf = gone.expected_shelf
        said["missing", gone.barcode] = (
            shelf,
            ItemMissing(as_of[shelf], gone.barcode, shelf, gone.confidence),
        )
    for wrong in found.wrong_status:
        if wrong.shelf is not None and wrong.shelf in as_of:
            t_ns = as_of[wrong.shelf]
            record = ItemWrongStatus(t_ns, wrong.epc, wrong.barcode, wrong.shelf, wrong.status)
            if wrong.status is Status.MISSING:
                record = ItemFound(t_ns, wrong.epc, wrong.barcode, wrong.shelf, wrong.x_m)
            said["status", wrong.barcode] = (wrong.shelf, wrong.status), record
    for epc, shelf, x_m in _strangers(found):
        said["unknown", epc] = shelf, TagUnknown(as_of[shelf], epc, shelf, x_m)
    return said


def _strangers(found: Stocktake) -> Iterator[tuple[str, str, float | None]]:
    scanned = {one.shelf for one in found.shelves}
    for tag in found.unknown_tags:
        if tag.shelf in scanned:
            yield tag.epc, tag.shelf, tag.x_m
    for other in found.unexpected:
        if other.shelf is not None and other.shelf in scanned:
            yield other.epc, other.shelf, other.x_m


def _row(found: Stocktake, shelf: str) -> tuple[Spine, ...]:
    """The board's tags from left to right, strangers among them."""
    wrong = {one.barcode for one in found.misplaced}
    spines = [
        Spine(book.epc, book.barcode, book.x_m, book.x_sd_m, book.confidence, book.barcode in wrong)
        for book in found.books
        if book.shelf == shelf
    ]
    spines += [
        Spine(epc, None, x_m, _STRANGER_SD_M, 0.5)
        for epc, on, x_m in _strangers(found)
        if on == shelf and x_m is not None
    ]
    return tuple(sorted(spines, key=lambda spine: spine.x_m))
