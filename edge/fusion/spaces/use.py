"""What spaces are used for: visits, peak, seat hours and rates by day (ISO 2789, ISO 11620 B.2.3.1).

Counted and corrected stand side by side. Time without evidence is left out of every denominator, never taken
for empty; a day is the local one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from edge.fusion.spaces.estimator import Passage, SpaceEstimate
from edge.fusion.spaces.graph import SpaceModel
from edge.fusion.spaces.hours import LocalTime, OpeningHours, parse

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
    seats: int = 0

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


@dataclass(slots=True)
class Use:
    """Collects days: feed it every step's estimates and passages."""

    spaces: Sequence[SpaceModel]
    timezone: str
    days: dict[tuple[str, date], UseDay] = field(default_factory=dict)
    _hours: dict[str, OpeningHours] = field(init=False)
    _models: dict[str, SpaceModel] = field(init=False)
    _usual: dict[str, set[str]] = field(init=False)
    _zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        self._zone = ZoneInfo(self.timezone)
        self._models = {space.id: space for space in self.spaces}
        self._hours = {space.id: parse(space.open) for space in self.spaces}
        self._usual = {space.id: set() for space in self.spaces}

    def add(self, estimates: Iterable[SpaceEstimate], passages: Iterable[Passage], step_ns: int) -> None:
        """Take in one step of `step_ns` that ends at the estimates' time."""
        step_h = step_ns / _HOUR_NS
        local: LocalTime | None = None
        for estimate in estimates:
            if local is None:
                local = LocalTime.at(estimate.t_ns - 1, self._zone)
            self._add(estimate, local, step_h)
        for passage in passages:
            if local is not None:
                day = self._day(passage.space, local.date)
                day.counted_in += passage.counted_in
                day.counted_out += passage.counted_out
                day.visits_in += passage.people_in
                day.visits_out += passage.people_out

    def table(self) -> list[UseDay]:
        """All days, by space and date."""
        return sorted(self.days.values(), key=lambda day: (day.space, day.date))

    def _add(self, estimate: SpaceEstimate, local: LocalTime, step_h: float) -> None:
        day = self._day(estimate.space, local.date)
        alive = set(filter(None, estimate.quality.split("+")))
        usual = self._usual[estimate.space]
        usual |= alive
        if alive:
            day.peak = max(day.peak, estimate.people)
        if not self._hours[estimate.space].is_open(local):
            return
        day.open_hours += step_h
        day.estimated_hours += step_h if alive < usual or not alive else 0.0
        if alive:
            seated = min(estimate.people, float(day.seats))
            day.valid_hours += step_h
            day.seat_hours += seated * step_h
            day.person_hours += estimate.people * step_h
            day.used_hours += step_h if estimate.occupied >= 0.5 else 0.0
            day.busy_hours += (
                step_h if estimate.people >= _BUSY * self._models[estimate.space].capacity else 0.0
            )

    def _day(self, space: str, on: date) -> UseDay:
        key = (space, on)
        if key not in self.days:
            model = self._models[space]
            self.days[key] = UseDay(space, on, seats=model.seats or model.capacity)
        return self.days[key]
