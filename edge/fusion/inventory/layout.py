"""The boards as they stand: all tags of a board from left to right, ranked, with how sure each place is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge.fusion.inventory.evidence import TagEvidence
from edge.fusion.inventory.judge import Verdict
from edge.fusion.inventory.result import Neighbours

_STRANGERS_BOARD = 0.9  # P(right board) of a tag that no list has


@dataclass(frozen=True, slots=True)
class Standing:
    """One tag on a board: a book in order, a book out of order, or a stranger (no verdict).

    seat_p : P(the order to both neighbours is right | it is in order, or out of order, as its verdict has it)
    """

    tag: TagEvidence
    shelf: str
    x_m: float
    x_sd_m: float
    verdict: Verdict | None = None
    seat_p: float = 1.0

    @property
    def epc(self) -> str:
        """The tag's EPC."""
        return self.tag.epc

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
        if one.verdict is None:
            return _STRANGERS_BOARD * one.seat_p
        kind_p = one.verdict.out_p if one.verdict.called else 1.0 - one.verdict.out_p
        return one.verdict.board_p * kind_p * one.seat_p


def _x_m(one: Standing) -> float:
    return one.x_m
