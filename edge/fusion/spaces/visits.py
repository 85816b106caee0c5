"""Visits of the whole library by day: who passes the outer doors (ISO 2789, gate count; NISO Z39.7, 7.1).

A visit is a person who enters. What the gates counted both ways is halved, beside it stand the entries with
those added whom the counters miss. Doors between rooms are no gates.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import F64, Index
from edge.ext.hearing import FLIPPED, N_IN, N_OUT, REAL_IN, REAL_OUT
from edge.ext.occupancy import OPEN
from edge.fusion.spaces.channels import Mask
from edge.fusion.spaces.doors import sides
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.steps import Steps, is_unheard

_HOUR_NS: Final = 3_600_000_000_000
_INWARD: Final = (N_IN, N_OUT, REAL_IN, REAL_OUT)
_OUTWARD: Final = (N_OUT, N_IN, REAL_OUT, REAL_IN)


@dataclass(slots=True)
class VisitDay:
    """One day at the outer doors; `open_hours` summed over them, `estimated_hours` those without a count."""

    date: date
    counted_in: float = 0.0
    counted_out: float = 0.0
    entered: float = 0.0
    left: float = 0.0
    open_hours: float = 0.0
    estimated_hours: float = 0.0

    @property
    def gate_count(self) -> float:
        """What the gates counted in both directions, halved."""
        return (self.counted_in + self.counted_out) / 2

    @property
    def share_estimated(self) -> float | None:
        """The share of the doors' open time in which one counted nothing that can be."""
        return self.estimated_hours / self.open_hours if self.open_hours > 0 else None


@dataclass(slots=True)
class Visits:
    """Collects days: feed it all steps."""

    building: Building
    days: dict[date, VisitDay] = field(default_factory=dict)
    _zone: ZoneInfo = field(init=False)
    _outer: tuple[Index, Mask] = field(init=False)

    def __post_init__(self) -> None:
        self._zone = ZoneInfo(self.building.timezone)
        self._outer = _outer(sides(self.building))

    def add(self, steps: Steps, step_ns: int) -> None:
        """Take in steps of `step_ns` each."""
        outer, inward = self._outer
        for part, moments in steps.hours(self._zone) if len(outer) else ():
            on = moments[0].date
            day = self.days.setdefault(on, VisitDay(on))
            table = part.doors[:, outer]
            is_in = inward == (table[..., FLIPPED] == 0.0)
            rows: F64 = np.where(is_in[..., None], table[..., _INWARD], table[..., _OUTWARD])
            counted_in, counted_out, entered, left = rows.sum(axis=(0, 1)).tolist()
            day.counted_in += counted_in
            day.counted_out += counted_out
            day.entered += entered
            day.left += left
            hours = part.spaces[..., OPEN].any(axis=1) * (step_ns / _HOUR_NS)
            day.open_hours += len(outer) * float(hours.sum())
            day.estimated_hours += float(hours @ is_unheard(table).sum(axis=1))

    def table(self) -> list[VisitDay]:
        """All days, in order."""
        return [self.days[on] for on in sorted(self.days)]


def _outer(sides: Index) -> tuple[Index, Mask]:
    """The doors that lead out, and whether `in` is inward there."""
    outer = np.flatnonzero((sides < 0).sum(axis=1) == 1)
    return outer, sides[outer, 0] < 0
