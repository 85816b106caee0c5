"""Findings in walking order, from verdicts and the layout of the boards."""

from collections.abc import Mapping, Sequence

from edge.fusion.inventory.evidence import TagEvidence
from edge.fusion.inventory.identify import Identified
from edge.fusion.inventory.judge import Verdict
from edge.fusion.inventory.layout import Layout, Standing
from edge.fusion.inventory.missing import EXPECTED_THERE
from edge.fusion.inventory.result import (
    Misplaced,
    Missing,
    Neighbours,
    SeenBook,
    ShelfSummary,
    Stocktake,
    Unexpected,
    UnknownTag,
    WrongStatus,
)
from edge.fusion.inventory.setting import Setting
from edge.library.shelf_list import Book, Status

NOT_ON_THE_SHELF = (Status.ON_LOAN, Status.IN_TRANSIT, Status.ON_HOLD, Status.MISSING, Status.WITHDRAWN)


def findings(setting: Setting, layout: Layout, missing: Sequence[Missing]) -> Stocktake:
    """The stock-take's result, boards in walking order and each from left to right."""
    standing = [one for shelf in setting.scanned for one in layout.row(shelf)]
    books = [(one, one.verdict) for one in standing if one.verdict]
    found = _Found(setting.identified, standing)
    return Stocktake(
        books=tuple(_seen(one, verdict, layout) for one, verdict in books),
        misplaced=tuple(
            _misplaced(one, verdict, layout, setting.listed) for one, verdict in books if verdict.called
        ),
        missing=tuple(missing),
        unexpected=tuple(found.unexpected()),
        wrong_status=tuple(found.wrong_status()),
        unknown_tags=tuple(found.unknown_tags()),
        shelves=tuple(_summary(shelf, setting) for shelf in setting.scanned),
    )


def _seen(one: Standing, verdict: Verdict, layout: Layout) -> SeenBook:
    return SeenBook(
        epc=one.epc,
        barcode=verdict.book.barcode,
        shelf=one.shelf,
        x_m=one.x_m,
        x_sd_m=one.x_sd_m,
        rank=layout.rank(one.epc),
        status=verdict.book.status,
        confidence=layout.confidence(one),
    )


def _misplaced(
    one: Standing, verdict: Verdict, layout: Layout, listed: Mapping[str, Sequence[Book]]
) -> Misplaced:
    heard = verdict.tag.heard.get(one.shelf)
    return Misplaced(
        barcode=verdict.book.barcode,
        epc=one.epc,
        shelf=one.shelf,
        x_m=one.x_m,
        between=layout.between(one),
        belongs_shelf=verdict.home,
        belongs_between=_belongs_between(verdict, layout, listed.get(verdict.home, ())),
        confidence=verdict.out_p,
        passes=heard.passes if heard else 0,
    )


def _belongs_between(verdict: Verdict, layout: Layout, row: Sequence[Book]) -> Neighbours:
    """The nearest books in the list's order that stand in order on the home board now."""
    present = {one.barcode for one in layout.row(verdict.home) if one.is_in_order}
    at = next((n for n, book in enumerate(row) if book.barcode == verdict.book.barcode), None)
    if at is None:
        return None, None
    before = next((book.barcode for book in reversed(row[:at]) if book.barcode in present), None)
    after = next((book.barcode for book in row[at + 1 :] if book.barcode in present), None)
    return before, after


class _Found:
    """Tags that are strange for what they are, in the order of the walk.

    Those that stand nowhere come last.
    """

    def __init__(self, identified: Identified, standing: Sequence[Standing]) -> None:
        self._identified = identified
        self._standing = {one.epc: one for one in standing}
        self._place = {one.epc: n for n, one in enumerate(standing)}

    def wrong_status(self) -> list[WrongStatus]:
        """Books that were read though their status has them elsewhere."""
        found = [
            WrongStatus(book.barcode, tag.epc, *self._where(tag), book.status)
            for book, tag in self._identified.books.values()
            if book.status in NOT_ON_THE_SHELF
        ]
        return sorted(found, key=self._walk)

    def unexpected(self) -> list[Unexpected]:
        """Library tags that the list does not have."""
        found = [
            Unexpected(one.tag.epc, one.barcode, one.owner, *self._where(one.tag), one.why)
            for one in self._identified.strangers
            if one.why
        ]
        return sorted(found, key=self._walk)

    def unknown_tags(self) -> list[UnknownTag]:
        """Tags on the boards that say nothing of a library."""
        found = []
        for one in self._identified.strangers:
            standing = self._standing.get(one.tag.epc)
            if one.why is None and standing is not None:
                found.append(UnknownTag(one.tag.epc, standing.shelf, standing.x_m, one.note))
        return sorted(found, key=self._walk)

    def _where(self, tag: TagEvidence) -> tuple[str | None, float | None]:
        standing = self._standing.get(tag.epc)
        return (standing.shelf, standing.x_m) if standing else (None, None)

    def _walk(self, one: WrongStatus | Unexpected | UnknownTag) -> int:
        return self._place.get(one.epc, len(self._place))


def _summary(shelf: str, setting: Setting) -> ShelfSummary:
    expected = [book for book in setting.listed[shelf] if book.status in EXPECTED_THERE]
    seen = sum(book.barcode in setting.identified.books for book in expected)
    return ShelfSummary(
        shelf=shelf,
        expected=len(expected),
        seen=seen,
        read_rate=seen / len(expected) if expected else None,
        passes=len(setting.evidence.scans[shelf]),
        as_of_ns=setting.evidence.as_of_ns(shelf) or 0,
    )
