"""Where each book was seen last and which are missing, from the daemon's own records as they pass.

The newest row of each board is kept, as the retained states are; nothing is asked of fusion, so that an
answer costs microseconds and waits for no window.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from edge.events import ItemFound, ItemMissing, Record, ShelfState, Spine
from edge.fusion.inventory.approval import Approval


@dataclass(frozen=True, slots=True)
class Sight:
    """A book in the row of a board: where it stands, or stood when it was read last."""

    spine: Spine
    shelf: str
    t_ns: int
    left: Spine | None
    right: Spine | None
    still_there: bool


class Register:
    """Feed it every record; ask it by barcode."""

    def __init__(self) -> None:
        self.missing: dict[str, ItemMissing] = {}
        self._rows: dict[str, ShelfState] = {}
        self._seen: dict[str, tuple[str, int, Spine]] = {}

    def apply(self, records: Iterable[Record]) -> None:
        """Take records as they go into the outbox, or as history has them."""
        for record in records:
            match record:
                case ShelfState():
                    self._take_row(record)
                case ItemMissing():
                    self._take_missing(record)
                case ItemFound():
                    self.missing.pop(record.barcode, None)
                case _:
                    pass

    def sight(self, barcode: str) -> Sight | None:
        """The last known place of a book; None where it was never read."""
        seen = self._seen.get(barcode)
        if seen is None:
            return None
        shelf, t_ns, spine = seen
        books = self._rows[shelf].books
        at = next((n for n, other in enumerate(books) if other.barcode == barcode), None)
        if at is None:
            return Sight(spine, shelf, t_ns, None, None, still_there=False)
        left = books[at - 1] if at else None
        right = books[at + 1] if at + 1 < len(books) else None
        return Sight(books[at], shelf, t_ns, left, right, still_there=True)

    def approval(self, barcode: str, by: str, t_ns: int) -> Approval | None:
        """A decision on a missing book; None where the book is not missing."""
        gone = self.missing.get(barcode)
        if gone is None:
            return None
        return Approval(approval_id(gone), t_ns, by, barcode, gone.expected_shelf)

    def _take_row(self, row: ShelfState) -> None:
        old = self._rows.get(row.shelf)
        if old is not None and old.t_ns > row.t_ns:
            return
        self._rows[row.shelf] = row
        for spine in row.books:
            if spine.barcode is None:
                continue
            seen = self._seen.get(spine.barcode)
            if seen is None or seen[1] <= row.t_ns:
                self._seen[spine.barcode] = row.shelf, row.t_ns, spine
            gone = self.missing.get(spine.barcode)
            if gone is not None and gone.t_ns < row.t_ns:
                del self.missing[spine.barcode]

    def _take_missing(self, gone: ItemMissing) -> None:
        seen = self._seen.get(gone.barcode)
        known = self.missing.get(gone.barcode)
        if (seen is None or seen[1] <= gone.t_ns) and (known is None or known.t_ns <= gone.t_ns):
            self.missing[gone.barcode] = gone


def approval_id(gone: ItemMissing) -> str:
    """By the book and the scan that missed it: approving twice is one approval."""
    text = f"mark-missing\0{gone.barcode}\0{gone.expected_shelf}\0{gone.t_ns}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
