"""A reader's clock mapped to ours.

Ours less the reader's is the same for every report, but for the time that a report is under way, which only
adds. So the least difference of the last minute is the best guess (a min-delay filter, as in NTP), and a jump
of the reader's clock shows as differences that all stay far above it, or as one that falls below it.
"""

from collections import deque
from typing import Final

WINDOW_NS: Final = 60_000_000_000
JUMP_NS: Final = 1_000_000_000
PATIENCE_NS: Final = 5_000_000_000


class ReaderClock:
    """Both clocks in ns; ours is the monotonic one, so that a step of the wall clock is no jump."""

    def __init__(self) -> None:
        self._least: deque[tuple[int, int]] = deque()
        self._above_since_ns: int | None = None

    def offset_ns(self, newest_reader_ns: int, now_ns: int) -> int:
        """What to add to the reader's times, after a report of `newest_reader_ns` that came `now_ns`."""
        offset_ns = now_ns - newest_reader_ns
        if self._has_jumped(offset_ns, now_ns):
            self._least.clear()
        # Kept in rising order: the first is the least, and what is behind it may yet become so.
        while self._least and self._least[-1][1] >= offset_ns:
            self._least.pop()
        self._least.append((now_ns, offset_ns))
        while self._least[0][0] < now_ns - WINDOW_NS:
            self._least.popleft()
        return self._least[0][1]

    def _has_jumped(self, offset_ns: int, now_ns: int) -> bool:
        if not self._least or offset_ns <= self._least[0][1] + JUMP_NS:
            self._above_since_ns = None
            return False
        if self._above_since_ns is None:
            self._above_since_ns = now_ns
        if now_ns - self._above_since_ns < PATIENCE_NS:
            return False
        self._above_since_ns = None
        return True
