"""Which sequence numbers a sink has still to get: a sorted set of intervals, the last one open-ended."""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

from cloud_sync.sink import Span

END: Final = 1 << 62


class Pending:
    """Disjoint half-open intervals; `[n, END)` is everything from n on, also what is not written yet."""

    __slots__ = ("_spans",)

    def __init__(self, spans: Iterable[Span] = ((1, END),)) -> None:
        self._spans: list[Span] = list(spans)

    def __contains__(self, seq: int) -> bool:
        at = bisect_right(self._spans, (seq, END)) - 1
        return at >= 0 and seq < self._spans[at][1]

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)

    @property
    def first(self) -> int:
        """The lowest number that is still to be delivered."""
        return self._spans[0][0] if self._spans else END

    def within(self, low: int, high: int) -> Iterator[Span]:
        """The parts that lie in [low, high), in order."""
        for start, stop in self._spans:
            if stop > low and start < high:
                yield max(start, low), min(stop, high)

    def remove(self, low: int, high: int) -> None:
        """Take [low, high) out."""
        if low >= high:
            return
        left, right = self._touched(low, high)
        kept = []
        for start, stop in self._spans[left:right]:
            if start < low:
                kept.append((start, low))
            if stop > high:
                kept.append((high, stop))
        self._spans[left:right] = kept

    def add(self, low: int, high: int) -> None:
        """Put [low, high) in."""
        if low >= high:
            return
        left, right = self._touched(low, high, margin=1)
        touched = self._spans[left:right]
        if touched:
            low, high = min(low, touched[0][0]), max(high, touched[-1][1])
        self._spans[left:right] = [(low, high)]

    def without(self, numbers: Iterable[int]) -> "Pending":
        """A copy without some single numbers."""
        left = self.copy()
        for number in numbers:
            left.remove(number, number + 1)
        return left

    def copy(self) -> "Pending":
        return Pending(self._spans)

    def to_text(self) -> str:
        """For the store. `from_text` is its inverse."""
        return json.dumps(self._spans, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> "Pending":
        """Raises ValueError on anything but sorted disjoint intervals."""
        spans = [(int(low), int(high)) for low, high in json.loads(text)]
        edges = [edge for span in spans for edge in span]
        if edges != sorted(set(edges)):
            raise ValueError("intervals out of order")
        return cls(spans)

    def _touched(self, low: int, high: int, margin: int = 0) -> tuple[int, int]:
        """Positions of the spans that overlap [low, high); with a margin also those that touch it."""
        left = bisect_right(self._spans, low - margin, key=lambda span: span[1])
        right = left
        while right < len(self._spans) and self._spans[right][0] < high + margin:
            right += 1
        return left, right


def outside(pendings: Iterable[Pending], stop: int) -> list[Span]:
    """The intervals of [1, stop) that nobody waits for any more, in order."""
    done = Pending([(1, stop)])
    for pending in pendings:
        for low, high in pending:
            done.remove(low, min(high, stop))
    return list(done)
