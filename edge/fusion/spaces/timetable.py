"""Which spaces are open, and for how long the others have been closed."""

from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import F64, I64, Index
from edge.fusion.spaces import hours
from edge.fusion.spaces.channels import Mask
from edge.fusion.spaces.graph import Building

_MINUTE_NS: Final = 60_000_000_000
_MINUTES_KEPT: Final = 2_000


@dataclass(slots=True)
class Timetable:
    """By space: `open` now, and hours since closing (0 while open); `minute` since 1970 of the last step."""

    building: Building
    open: Mask = field(init=False)
    closed_h: F64 = field(init=False)
    _zone: ZoneInfo = field(init=False)
    _weeks: list[hours.OpeningHours] = field(init=False)
    _week: Index = field(init=False)
    minute: int = -1
    _hours: dict[int, tuple[bool, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._zone = ZoneInfo(self.building.timezone)
        n = len(self.building.spaces)
        lines = sorted({space.open for space in self.building.spaces})
        self._weeks = [hours.parse(week) for week in lines]
        self._week = np.array([lines.index(space.open) for space in self.building.spaces], np.intp)
        self.open, self.closed_h = np.zeros(n, bool), np.zeros(n)

    def together(self, ends_ns: I64) -> int:
        """How many of the steps that end then pass before any space opens or closes but in the first."""
        now = [self._at(t_ns // _MINUTE_NS) for t_ns in ends_ns.tolist()]
        return next((t for t, hours in enumerate(now) if hours != now[0]), len(now))

    def step(self, ends_ns: I64, step_h: F64) -> tuple[list[tuple[int, bool]], F64]:
        """Go on by steps, in the first of which spaces may open (True) or close (False); which, and for how
        long each has been closed after every step: (T, n)."""
        first, self.minute = self.minute < 0, int(ends_ns[-1]) // _MINUTE_NS
        now = np.array(self._at(int(ends_ns[0]) // _MINUTE_NS), bool)[self._week]
        changed = np.flatnonzero(now != self.open)
        closed_h = np.where(now, 0.0, step_h[:, None])
        closed_h[0] += np.where(self.open == now, self.closed_h, 0.0)
        self.open = now
        np.add.accumulate(closed_h, axis=0, out=closed_h)
        self.closed_h = closed_h[-1].copy()
        return [] if first else [(s, bool(now[s])) for s in changed.tolist()], closed_h

    def _at(self, minute: int) -> tuple[bool, ...]:
        """Whether each of the building's weeks is open then."""
        if minute not in self._hours:
            if len(self._hours) >= _MINUTES_KEPT:
                self._hours.clear()
            local = hours.LocalTime.at(minute * _MINUTE_NS, self._zone)
            self._hours[minute] = tuple(week.is_open(local) for week in self._weeks)
        return self._hours[minute]
