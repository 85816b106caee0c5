"""Readings whose time cannot be right, such as one of 1970 or 2106 in a recording of a week: left out.

A clock that was never set, or a counter that has run over, stands alone, far from all else. To live through
the time between would take hours and say nothing. Halves of a recording with months between them both stay.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import attrgetter
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
    stretches = _stretches([doors.t_ns, rooms.t_ns])
    first_ns, last_ns = _kept(stretches)
    if not stretches or (first_ns, last_ns) == (stretches[0].first_ns, stretches[-1].last_ns):
        return window, None
    left_out = [s for s in stretches if s.last_ns < first_ns or s.first_ns > last_ns]
    kept = replace(window, doors=_within(doors, first_ns, last_ns), rooms=_within(rooms, first_ns, last_ns))
    return kept, Strays(sum(s.n for s in left_out), left_out[0].first_ns, left_out[-1].last_ns)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """n readings without a long gap between them."""

    first_ns: int
    last_ns: int
    n: int


def _stretches(columns_ns: list[I64]) -> list[_Stretch]:
    """The stretches of all readings together, in order; each column is by time."""
    found: list[_Stretch] = []
    own = [stretch for t_ns in columns_ns if len(t_ns) for stretch in _stretches_of(t_ns)]
    for next_ in sorted(own, key=attrgetter("first_ns")):
        if found and next_.first_ns - found[-1].last_ns <= _GAP_NS:
            last = found.pop()
            last_ns = max(last.last_ns, next_.last_ns)
            next_ = _Stretch(last.first_ns, last_ns, last.n + next_.n)
        found.append(next_)
    return found


def _stretches_of(t_ns: I64) -> Iterator[_Stretch]:
    is_long = t_ns[-1] - t_ns[0] > _GAP_NS
    cuts = (np.flatnonzero(t_ns[1:] - t_ns[:-1] > _GAP_NS) + 1).tolist() if is_long else []
    for a, b in zip([0, *cuts], [*cuts, len(t_ns)], strict=True):
        yield _Stretch(int(t_ns[a]), int(t_ns[b - 1]), b - a)


def _within(columns: C, first_ns: int, last_ns: int) -> C:
    return take(columns, (columns.t_ns >= first_ns) & (columns.t_ns <= last_ns))


def _kept(stretches: list[_Stretch]) -> tuple[int, int]:
    """From when to when readings stay: the longest stretch, and those beside it, near or rich enough."""
    if not stretches:
        return 0, 0
    main = max(range(len(stretches)), key=lambda k: stretches[k].n)
    first = last = main
    for k in range(main - 1, -1, -1):
        if _stays(stretches[first].first_ns - stretches[k].last_ns, stretches[k].n):
            first = k
    for k in range(main + 1, len(stretches)):
        if _stays(stretches[k].first_ns - stretches[last].last_ns, stretches[k].n):
            last = k
    return stretches[first].first_ns, stretches[last].last_ns


def _stays(gap_ns: int, n: int) -> bool:
    """Whether a stretch of `n` readings belongs to those from which it is so far away."""
    return gap_ns < min(n * _WEEK_NS, _LONGEST_NS)


def _day(t_ns: int) -> str:
    return datetime.fromtimestamp(t_ns // 1_000_000_000, UTC).date().isoformat()
