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
from edge.ext.hearing import FLIPPED, JUMPED, N_IN, N_OUT, REAL_IN, REAL_OUT, SILENT
from edge.fusion.spaces.channels import Mask
from edge.fusion.spaces.estimator import SpaceEstimator
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.hours import LocalTime

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
    """Collects days: feed it every step after the estimator has taken it."""

    building: Building
    days: dict[date, VisitDay] = field(default_factory=dict)
    _zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        self._zone = ZoneInfo(self.building.timezone)

    def add(self, estimator: SpaceEstimator, step_ns: int) -> None:
        """Take in one step of `step_ns` that ends at the estimator's time."""
        outer, inward = _outer(estimator.doors.sides)
        if not len(outer) or estimator.t_ns is None:
            return
        on = LocalTime.at(estimator.t_ns - 1, self._zone).date
        day = self.days.setdefault(on, VisitDay(on))
        table = estimator.doors.table[outer]
        is_in = inward == (table[:, FLIPPED] == 0.0)
        rows: F64 = np.where(is_in[:, None], table[:, _INWARD], table[:, _OUTWARD])
        counted_in, counted_out, entered, left = rows.sum(axis=0).tolist()
        day.counted_in += counted_in
        day.counted_out += counted_out
        day.entered += entered
        day.left += left
        if estimator.timetable.open.any():
            hours = step_ns / _HOUR_NS
            day.open_hours += hours * len(outer)
            day.estimated_hours += hours * int(is_unheard(table).sum())

    def table(self) -> list[VisitDay]:
        """All days, in order."""
        return [self.days[on] for on in sorted(self.days)]


def is_unheard(doors: F64) -> Mask:
    """By row of a table of doors: whether the counter fell silent, or said what cannot be."""
    found: Mask = (doors[:, SILENT] != 0.0) | (doors[:, JUMPED] != 0.0)
    return found


def unheard_spaces(estimator: SpaceEstimator) -> Mask:
    """The spaces with a door whose counter is unheard: who passes it is estimated."""
    found = np.zeros(len(estimator.ids) + 1, bool)  # the last stands for outside
    found[estimator.doors.sides[is_unheard(estimator.doors.table)].reshape(-1)] = True
    return found[:-1]


def _outer(sides: Index) -> tuple[Index, Mask]:
    """The doors that lead out, and whether `in` is inward there."""
    outer = np.flatnonzero((sides < 0).sum(axis=1) == 1)
    return outer, sides[outer, 0] < 0
