"""The newest committed records, kept decoded: what goes out live need not be read back from the disk."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from edge.events import Record

KEEP: Final = 2_048


@dataclass(frozen=True, slots=True)
class Kept:
    """One record with what its row says."""

    seq: int
    epoch: int
    put_ms: int
    record: Record


class Recent:
    """Complete from `first` up to the newest commit."""

    def __init__(self, head: int) -> None:
        self._kept: list[Kept] = []
        self.first = head

    def add(self, kept: Iterable[Kept], head: int) -> None:
        """Newly committed ones, in order; `head` is the next number."""
        self._kept.extend(kept)
        if len(self._kept) > 2 * KEEP:
            del self._kept[:-KEEP]
            self.first = self._kept[0].seq

    def clear(self, head: int) -> None:
        """Rows were dropped: nothing here can be relied on."""
        self._kept.clear()
        self.first = head

    def read(self, low: int, high: int, limit: int) -> list[Kept]:
        """The first `limit` of [low, high); `low` must not be before `first`."""
        start = bisect_left(self._kept, low, key=lambda kept: kept.seq)
        stop = bisect_left(self._kept, high, lo=start, key=lambda kept: kept.seq)
        return self._kept[start : min(stop, start + limit)]
