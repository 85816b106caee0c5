"""The boards as they stand: all tags of a board from left to right, ranked, with how sure each place is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import erfc, sqrt

from edge.fusion.inventory.judge import Verdict
from edge.fusion.inventory.result import Neighbours


@dataclass(frozen=True, slots=True)
class Standing:
    """One tag on a board: a book in order, a book out of order, or a stranger (no verdict)."""

    epc: str
    shelf: str
    x_m: float
    x_sd_m: float
    verdict: Verdict | None = None

    @property
    def barcode(self) -> str | None:
        """Barcode of a listed book."""
        return self.verdict.book.barcode if self.verdict else None

    @property
    def is_in_order(self) -> bool:
        """Whether the list's order vouches for its place."""
        return self.verdict is not None and not self.verdict.called


class Layout:
    """Tags by board and rank."""

    def __init__(self, standing: Iterable[Standing]) -> None:
        by_shelf: dict[str, list[Standing]] = {}
        for one in standing:
            by_shelf.setdefault(one.shelf, []).append(one)
        self._rows: Mapping[str, list[Standing]] = {
            shelf: sorted(row, key=_x_m) for shelf, row in by_shelf.items()
        }
        self._rank = {one.epc: rank for row in self._rows.values() for rank, one in enumerate(row)}

    def row(self, shelf: str) -> Sequence[Standing]:
        """The tags of a board from left to right."""
        return self._rows.get(shelf, ())

    def rank(self, epc: str) -> int:
        """Place of a tag in its row, from 0."""
        return self._rank[epc]

    def between(self, one: Standing) -> Neighbours:
        """Barcodes of the listed books at either side."""
        row, rank = self._rows[one.shelf], self._rank[one.epc]
        left = next((other.barcode for other in reversed(row[:rank]) if other.barcode), None)
        right = next((other.barcode for other in row[rank + 1 :] if other.barcode), None)
        return left, right

    def confidence(self, one: Standing) -> float:
        """P(right board, and right order to both neighbours)."""
        row, rank = self._rows[one.shelf], self._rank[one.epc]
        sure = one.verdict.board_p if one.verdict else 0.9
        if one.verdict:
            sure *= one.verdict.out_p if one.verdict.called else 1.0 - one.verdict.out_p
        if rank > 0:
            sure *= _left_of(row[rank - 1], one)
        if rank + 1 < len(row):
            sure *= _left_of(one, row[rank + 1])
        return sure


def _left_of(a: Standing, b: Standing) -> float:
    """P(a stands left of b). Two books in order have the list's word for it, as far as the other one goes."""
    if a.is_in_order and b.is_in_order and a.verdict and b.verdict:
        return 1.0 - 0.5 * max(a.verdict.out_p, b.verdict.out_p)
    z = (b.x_m - a.x_m) / sqrt(a.x_sd_m**2 + b.x_sd_m**2 + 1e-12)
    return 0.5 * erfc(-z / sqrt(2.0))


def _x_m(one: Standing) -> float:
    return one.x_m
