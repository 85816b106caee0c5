"""Findings as lines of a report: one line a finding, in walking order, the same for every form."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge.fusion.inventory import Stocktake
from edge.fusion.inventory.result import Misplaced, Neighbours
from edge.library.shelf_list import ShelfList, Status
from edge.report.words import Words


@dataclass(frozen=True, slots=True)
class Line:
    """One finding. `kind` is the key of the finding in the JSON document."""

    kind: str
    shelf: str
    barcode: str
    call_number: str
    title: str
    problem: str
    confidence: float | None
    status: Status | None


def lines(found: Stocktake, shelf_list: ShelfList, say: Words) -> Iterator[Line]:
    """All findings."""
    maker = _Maker(shelf_list, say)
    for one in found.misplaced:
        yield maker.line("misplaced", one.shelf, one.barcode, maker.move(one), one.confidence)
    for gone in found.missing:
        yield maker.line("missing", gone.expected_shelf, gone.barcode, say.missing, gone.confidence)
    for wrong in found.wrong_status:
        status = say.statuses.get(wrong.status, wrong.status)
        yield maker.line("wrong_status", wrong.shelf, wrong.barcode, f"{say.wrong_status}: {status}", None)
    for odd in found.unexpected:
        owner = f" ({odd.owner})" if odd.owner else ""
        yield maker.line(
            "unexpected", odd.shelf, odd.barcode or odd.epc, say.reasons[odd.reason] + owner, None
        )
    for tag in found.unknown_tags:
        yield maker.line("unknown_tags", tag.shelf, tag.epc, f"{maker.at(tag.x_m)} {tag.note}".strip(), None)


class _Maker:
    def __init__(self, shelf_list: ShelfList, say: Words) -> None:
        self._list = shelf_list
        self._say = say

    def line(
        self, kind: str, shelf: str | None, barcode: str, problem: str, confidence: float | None
    ) -> Line:
        book = self._list.by_barcode(barcode)
        return Line(
            kind=kind,
            shelf=shelf or "",
            barcode=barcode,
            call_number=book.call_number if book else "",
            title=book.title if book else "",
            problem=problem,
            confidence=confidence,
            status=book.status if book else None,
        )

    def move(self, one: Misplaced) -> str:
        """Where it stands, and where it belongs."""
        belongs = self._say.belongs.format(shelf=one.belongs_shelf, where=self._where(one.belongs_between))
        return f"{self._where(one.between)} {self.at(one.x_m)}; {belongs}"

    def at(self, x_m: float | None) -> str:
        return "" if x_m is None or x_m != x_m else self._say.at_x.format(cm=100.0 * x_m)

    def _where(self, between: Neighbours) -> str:
        left, right = (self._call_number(one) if one else None for one in between)
        if left and right:
            return self._say.between.format(left=left, right=right)
        if left:
            return self._say.after.format(left=left)
        return self._say.before.format(right=right) if right else self._say.alone

    def _call_number(self, barcode: str) -> str:
        book = self._list.by_barcode(barcode)
        return book.call_number if book else barcode
