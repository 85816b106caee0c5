"""What spaces are used for: visits, peak, seat hours and rates by day (ISO 2789, ISO 11620 B.2.3.1).

Counted and corrected stand side by side. Time without evidence is left out of every denominator, never taken
for empty; a day is the local one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import F64
from edge.fusion.spaces.channels import Mask
from edge.fusion.spaces.graph import SpaceModel
from edge.fusion.spaces.hours import LocalTime, parse
from edge.fusion.spaces.steps import Steps

_HOUR_NS: Final = 3_600_000_000_000
_BUSY: Final = 0.8


@dataclass(slots=True)
class UseDay:
    """One space on one day. `visits_*` are corrected, `counted_*` raw; hours are those of opening time."""

    space: str
    date: date
    visits_in: float = 0.0
    visits_out: float = 0.0
    counted_in: float = 0.0
    counted_out: float = 0.0
    peak: float = 0.0
    seat_hours: float = 0.0
    person_hours: float = 0.0
    valid_hours: float = 0.0
    open_hours: float = 0.0
    busy_hours: float = 0.0
    estimated_hours: float = 0.0
    used_hours: float = 0.0
    feedback: float = 0.0
    feedbacks: float = 0.0
    seats: int = 0

    @property
    def mean_feedback(self) -> float | None:
        """Of the buttons that were pressed, from -1 to 1."""
        return self.feedback / self.feedbacks if self.feedbacks > 0 else None

    @property
    def occupancy_rate(self) -> float | None:
        """Occupied seats as a share of all, over the time that is known."""
        whole = self.seats * self.valid_hours
        return self.seat_hours / whole if whole > 0 else None

    @property
    def mean_people(self) -> float | None:
        return self.person_hours / self.valid_hours if self.valid_hours > 0 else None

    @property
    def dwell_h(self) -> float | None:
        """Mean stay of a visit; not of a person: who goes to lunch makes two."""
        return self.person_hours / self.visits_in if self.visits_in >= 1 else None

    @property
    def share_estimated(self) -> float | None:
        """The share of open time in which less than the usual evidence was alive, or none."""
        return self.estimated_hours / self.open_hours if self.open_hours > 0 else None


@dataclass(frozen=True, slots=True)
class UseHour:
    """One hour of the week (`weekday` 1 is Monday) over all days of a recording, while open and known."""

    space: str
    weekday: int
    hour: int
    mean_people: float
    peak: float
    hours: float


@dataclass(frozen=True, slots=True)
class KindUse:
    """All spaces of a kind over all days of a recording, while open and known."""

    kind: str
    spaces: int
    seats: int
    seat_hours: float
    person_hours: float
    busy_hours: float
    offered_hours: float

    @property
    def occupancy_rate(self) -> float | None:
        """Occupied seats as a share of those that were there to sit on, over the time that is known."""
        return self.seat_hours / self.offered_hours if self.offered_hours > 0 else None


def by_kind(days: Iterable[UseDay], spaces: Sequence[SpaceModel]) -> list[KindUse]:
    """What each kind of space was used for; `busy_hours` are those above 80 % of a space's capacity."""
    found: list[KindUse] = []
    rows = list(days)
    for kind in sorted({space.kind for space in spaces}):
        of_kind = {space.id: space.seats or space.capacity for space in spaces if space.kind == kind}
        own = [day for day in rows if day.space in of_kind]
        found.append(
            KindUse(
                kind=kind,
                spaces=len(of_kind),
                seats=sum(of_kind.values()),
                seat_hours=sum(day.seat_hours for day in own),
                person_hours=sum(day.person_hours for day in own),
                busy_hours=sum(day.busy_hours for day in own),
                offered_hours=sum(day.seats * day.valid_hours for day in own),
            )
        )
    return found


_SUMS: Final = (
    "visits_in",
    "visits_out",
    "counted_in",
    "counted_out",
    "peak",
    "seat_hours",
    "person_hours",
    "valid_hours",
    "open_hours",
    "busy_hours",
    "estimated_hours",
    "used_hours",
    "feedback",
    "feedbacks",
)


class Use:
    """Collects days: feed it all steps."""

    def __init__(self, spaces: Sequence[SpaceModel], timezone: str) -> None:
        self._zone = ZoneInfo(timezone)
        self._spaces = spaces
        lines = sorted({space.open for space in spaces})
        self._weeks = [parse(week) for week in lines]
        self._week = np.array([lines.index(space.open) for space in spaces], np.intp)
        self._seats = np.array([space.seats or space.capacity for space in spaces], np.float64)
        self._busy = np.array([_BUSY * space.capacity for space in spaces])
        self._usual = np.zeros(len(spaces), np.intp)
        self._days: dict[date, F64] = {}
        self._week_sums = np.zeros((7, 24, 3, len(spaces)))

    def add(self, steps: Steps, step_ns: int) -> None:
        """Take in steps of `step_ns` each."""
        for part, moments in steps.hours(self._zone):
            sums = self._of_day(moments[0].date)
            people, known = part.numbers[..., 0], part.alive != 0
            np.maximum(sums[4], np.where(known, people, 0.0).max(axis=0), out=sums[4])
            sums[[2, 3, 0, 1]] += part.passed.sum(axis=0).T
            usual = np.bitwise_or.accumulate(part.alive, axis=0) | self._usual
            self._usual = usual[-1]
            is_open = np.array([[week.is_open(m) for week in self._weeks] for m in moments], np.float64)
            if is_open.any():
                hours = is_open[:, self._week] * (step_ns / _HOUR_NS)
                estimated = (part.alive != usual) | ~known | part.unheard
                self._add_open(sums, part, hours, hours * known, estimated)
                self._add_hour(moments[0], people, hours * known)

    def _of_day(self, on: date) -> F64:
        if on not in self._days:
            self._days[on] = np.zeros((len(_SUMS), len(self._spaces)))
        return self._days[on]

    def _add_open(self, sums: F64, part: Steps, hours: F64, valid: F64, estimated: Mask) -> None:
        people = part.numbers[..., 0]
        sums[5] += (np.minimum(people, self._seats) * valid).sum(axis=0)
        sums[6] += (people * valid).sum(axis=0)
        sums[7] += valid.sum(axis=0)
        sums[8] += hours.sum(axis=0)
        sums[9] += ((people >= self._busy) * valid).sum(axis=0)
        sums[10] += (estimated * hours).sum(axis=0)
        sums[11] += ((part.numbers[..., 2] >= 0.5) * valid).sum(axis=0)

    def _add_hour(self, moment: LocalTime, people: F64, valid: F64) -> None:
        hour = self._week_sums[moment.weekday, moment.minute // 60]
        hour[0] += (people * valid).sum(axis=0)
        hour[1] += valid.sum(axis=0)
        np.maximum(hour[2], (people * (valid > 0)).max(axis=0), out=hour[2])

    def add_feedback(self, t_ns: int, space: int, value: float) -> None:
        """A button that was pressed before `t_ns`, in the space at that place."""
        self._of_day(LocalTime.at(t_ns - 1, self._zone).date)[12:14, space] += value, 1.0

    def table(self) -> list[UseDay]:
        """All days, by space and date."""
        days = [
            UseDay(
                space.id, on, **dict(zip(_SUMS, sums[:, s].tolist(), strict=True)), seats=int(self._seats[s])
            )
            for on, sums in self._days.items()
            for s, space in enumerate(self._spaces)
        ]
        return sorted(days, key=lambda day: (day.space, day.date))

    def profile(self) -> list[UseHour]:
        """Mean and peak of each hour of the week in which a space was open."""
        return [
            UseHour(space.id, day + 1, hour, total / hours, peak, hours)
            for s, space in enumerate(self._spaces)
            for day in range(7)
            for hour, (total, hours, peak) in enumerate(self._week_sums[day, :, :, s].tolist())
            if hours > 0
        ]
