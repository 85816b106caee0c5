"""Readings whose time cannot be right, such as one of 1970 or 2106 in a recording of a week: left out.

A clock that was never set, or a counter that has run over, stands alone, far from all else. To live through
the time between would take hours and say nothing. Halves of a recording with months between them both stay.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from edge.columns import I64, C, take
from edge.fusion.window import Window

_WEEK_NS: Final = 7 * 86_400_000_000_000
_GAP_NS: Final = 31 * 86_400_000_000_000
"""What is nearer to other readings stays."""
_LONGEST_NS: Final = 5 * 365 * 86_400_000_000_000
"""What is farther from the rest never stays; in between, a stretch needs a reading for each week between."""


@dataclass(frozen=True, slots=True)
class Strays:
    """Readings that were left out: how many, and the first and the last of their times."""

    n: int
    first_ns: int
    last_ns: int

    def __str__(self) -> str:
        days = dict.fromkeys(_day(t_ns) for t_ns in (self.first_ns, self.last_ns))
        readings = "1 reading" if self.n == 1 else f"{self.n} readings"
        return f"{readings} left out: far from the time of all others ({', '.join(days)})"


def without_strays(window: Window) -> tuple[Window, Strays | None]:
    """The window without the strays among the readings of its doors and rooms, and what was left out."""
    doors, rooms = window.doors, window.rooms
    times_ns: I64 = np.sort(np.concatenate((doors.t_ns, rooms.t_ns)), kind="stable")
    first_ns, last_ns = _kept(times_ns)
    is_stray = (times_ns < first_ns) | (times_ns > last_ns)
    if not is_stray.any():
        return window, None
    strays = times_ns[is_stray]
    kept = replace(window, doors=_within(doors, first_ns, last_ns), rooms=_within(rooms, first_ns, last_ns))
    return kept, Strays(len(strays), int(strays[0]), int(strays[-1]))


def _within(columns: C, first_ns: int, last_ns: int) -> C:
    return take(columns, (columns.t_ns >= first_ns) & (columns.t_ns <= last_ns))


def _kept(times_ns: I64) -> tuple[int, int]:
    """From when to when readings stay: the longest stretch, and those beside it, near or rich enough."""
    if not len(times_ns):
        return 0, 0
    cuts = np.flatnonzero(np.diff(times_ns) > _GAP_NS) + 1
    starts, ends = np.concatenate(([0], cuts)), np.concatenate((cuts, [len(times_ns)]))
    main = int(np.argmax(ends - starts))
    first, last = main, main
    for k in range(main - 1, -1, -1):
        if _stays(int(times_ns[starts[first]] - times_ns[ends[k] - 1]), int(ends[k] - starts[k])):
            first = k
    for k in range(main + 1, len(starts)):
        if _stays(int(times_ns[starts[k]] - times_ns[ends[last] - 1]), int(ends[k] - starts[k])):
            last = k
    return int(times_ns[starts[first]]), int(times_ns[ends[last] - 1])


def _stays(gap_ns: int, n: int) -> bool:
    """Whether a stretch of `n` readings belongs to those from which it is so far away."""
    return gap_ns < min(n * _WEEK_NS, _LONGEST_NS)


def _day(t_ns: int) -> str:
    return datetime.fromtimestamp(t_ns // 1_000_000_000, UTC).date().isoformat()
