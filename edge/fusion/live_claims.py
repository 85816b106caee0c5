"""Each tag on one board only: the one whose passes heard it most often.

Boards damp but do not hide the tier above, and a bookcase's other face is heard through its back: without
a shelf list, a board that is scanned alone would claim its neighbours' books. Of each board its row is kept,
and of each tag one number.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from edge.events import ShelfState


@dataclass(slots=True)
class Claims:
    """Feed it the rows of boards as they become final."""

    _heard: dict[str, tuple[str, int]] = field(default_factory=dict)
    _rows: dict[str, ShelfState] = field(default_factory=dict)

    def take(self, rows: Iterable[ShelfState], reads: Mapping[str, int]) -> Iterator[ShelfState]:
        """The rows without tags that another board heard more often, and earlier rows that lose tags to them.

        reads : by EPC, in the passes that the rows come from
        """
        for row in rows:
            self._release(row)
            lost, won = self._compared(row, reads)
            self._rows[row.shelf] = _without(row, lost)
            yield self._rows[row.shelf]
            for shelf in dict.fromkeys(won.values()):
                gone = {epc for epc, before in won.items() if before == shelf}
                self._rows[shelf] = replace(_without(self._rows[shelf], gone), t_ns=row.t_ns)
                yield self._rows[shelf]

    def _release(self, row: ShelfState) -> None:
        """Tags that are no longer heard on a board are no longer its own."""
        before = self._rows.get(row.shelf)
        now = {spine.epc for spine in row.books}
        for spine in before.books if before else ():
            if spine.epc not in now:
                self._heard.pop(spine.epc, None)

    def _compared(self, row: ShelfState, reads: Mapping[str, int]) -> tuple[set[str], dict[str, str]]:
        """Tags that stay where they were, and tags that come here from another board."""
        lost: set[str] = set()
        won: dict[str, str] = {}
        for spine in row.books:
            shelf, best = self._heard.get(spine.epc, (row.shelf, 0))
            if shelf != row.shelf and best >= reads[spine.epc]:
                lost.add(spine.epc)
                continue
            if shelf != row.shelf:
                won[spine.epc] = shelf
            self._heard[spine.epc] = (row.shelf, reads[spine.epc])
        return lost, won


def _without(row: ShelfState, gone: set[str]) -> ShelfState:
    return replace(row, books=tuple(spine for spine in row.books if spine.epc not in gone))
