"""Which spaces are open, and for how long the others have been closed."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import F64, Index
from edge.fusion.spaces import hours
from edge.fusion.spaces.channels import Mask
from edge.fusion.spaces.graph import Building


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
    _now: list[bool] | None = None

    def __post_init__(self) -> None:
        self._zone = ZoneInfo(self.building.timezone)
        n = len(self.building.spaces)
        lines = sorted({space.open for space in self.building.spaces})
        self._weeks = [hours.parse(week) for week in lines]
        self._week = np.array([lines.index(space.open) for space in self.building.spaces], np.intp)
        self.open, self.closed_h = np.zeros(n, bool), np.zeros(n)

    def step(self, t_ns: int, step_h: float) -> list[tuple[int, bool]]:
        """Go on to `t_ns`; the spaces that opened (True) or closed (False)."""
        first = self.minute < 0
        minute = t_ns // 60_000_000_000
        if minute == self.minute:
            self._go_on(step_h)
            return []
        self.minute = minute
        self._go_on(step_h)
        local = hours.LocalTime.at(t_ns, self._zone)
        if (weeks := [week.is_open(local) for week in self._weeks]) == self._now:
            return []
        self._now = weeks
        now = np.array(weeks, bool)[self._week]
        changed = np.flatnonzero(now != self.open).tolist()
        self.closed_h[changed] = np.where(now[changed], 0.0, step_h)
        self.open = now
        return [] if first else [(s, bool(now[s])) for s in changed]

    def _go_on(self, step_h: float) -> None:
        np.add(self.closed_h, step_h, out=self.closed_h, where=~self.open)
