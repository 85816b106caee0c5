"""What staff are told of a space besides its people: too loud for its zone, too stuffy, used while closed.

Each has a limit that it must pass for some minutes, and a lower one that it must fall below: a door that
slams is no noise, and a level does not flicker. Levels in dB and ppm are for staff; the public sees words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from edge.columns import F64, Index
from edge.events import Record, SpaceAirChanged, SpaceNoiseChanged, SpaceUsedAfterHours
from edge.ext.occupancy import CLOSED_H, CO2, OPEN
from edge.fusion.spaces.channels import Mask
from edge.fusion.spaces.estimator import Estimates, SpaceEstimator
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.hours import OpeningHours, parse
from edge.fusion.spaces.levels import reached

_HOUR_NS: Final = 3_600_000_000_000
ZONE_LIMIT_DBA: Final = {"silent": 42.0, "quiet": 50.0, "voiced": 62.0, "collaborative": 70.0}
"""What a minute may be loud in each zone; `NoiseLimit` says otherwise for some hours."""
_NOISE: Final[tuple[Literal["ok", "loud", "too-loud"], ...]] = ("ok", "loud", "too-loud")
_TOO_LOUD_DBA: Final = 6.0  # above the limit: twice the number of voices, twice over
_LOUD_TIME_H: Final = 5 / 60
_LEAVE_DBA: Final = 3.0
_LEAST_ENERGY: Final = 1e-3
STUFFY_PPM: Final = 1400.0
"""Indoor air of moderate quality ends here (EN 13779, IDA 3: 1000 ppm above outdoor air)."""
_VERY_STUFFY_PPM: Final = 2000.0
_AIR: Final[tuple[Literal["ok", "stuffy", "very-stuffy"], ...]] = ("ok", "stuffy", "very-stuffy")
_LEAVE_PPM: Final = 200.0
_STUFFY_TIME_H: Final = 5 / 60
_SURE: Final = 0.9
_GONE: Final = 0.3
_AFTER_CLOSING_H: Final = 0.5
_STAY_H: Final = 10 / 60


@dataclass(frozen=True, slots=True)
class NoiseLimit:
    """A zone's limit in some hours of the week, such as `mon-fri 08:00-12:00`; the last that fits holds."""

    zone: str
    hours: str
    limit_dba: float


@dataclass(slots=True)
class Recent:
    """A mean of the last minutes by space (NaN: never heard), and how long ago it was heard."""

    mean: F64
    age_h: F64

    @classmethod
    def of(cls, n_spaces: int) -> "Recent":
        return cls(np.full(n_spaces, np.nan), np.zeros(n_spaces))

    def take(self, now: F64, step_h: float, time_h: float) -> Mask | None:
        """Go on by a step; NaN in `now` is nothing heard. The mean forgets within `time_h`. Who was heard, if
        anyone was."""
        self.age_h += step_h
        heard: Mask = ~np.isnan(now)
        if not heard.any():
            return None
        is_first = np.isnan(self.mean)
        weight = np.where(is_first, 1.0, 1.0 - np.exp(-self.age_h / time_h))
        before = np.where(is_first, 0.0, self.mean)
        self.mean = np.where(heard, before + weight * (now - before), self.mean)
        self.age_h[heard] = 0.0
        return heard


@dataclass(slots=True)
class MonitorState:
    """By space: how loud and how stuffy of late, what was last said of it, and for how long anyone has been
    there though it is closed."""

    energy: Recent
    ppm: Recent
    noise: Index
    air: Index
    after_hours: Mask
    there_h: F64
    t_ns: int | None = None

    @classmethod
    def of(cls, n_spaces: int) -> "MonitorState":
        """Nothing heard and nothing said."""
        nothing = np.zeros(n_spaces, np.intp), np.zeros(n_spaces, np.intp), np.zeros(n_spaces, bool)
        return cls(Recent.of(n_spaces), Recent.of(n_spaces), *nothing, np.zeros(n_spaces))


@dataclass(slots=True)
class Monitor:
    """Feed it every step after the estimator has taken it; it gives what has changed."""

    building: Building
    limits: tuple[NoiseLimit, ...] = ()
    state: MonitorState = field(init=False)
    _usual_dba: F64 = field(init=False)
    _hours: list[tuple[OpeningHours, Mask, float]] = field(init=False)

    def __post_init__(self) -> None:
        spaces = self.building.spaces
        self.state = MonitorState.of(len(spaces))
        self._usual_dba = np.array([ZONE_LIMIT_DBA[space.zone] for space in spaces])
        self._hours = [
            (parse([limit.hours]), np.array([space.zone == limit.zone for space in spaces]), limit.limit_dba)
            for limit in self.limits
        ]

    def step(self, estimator: SpaceEstimator, e: Estimates) -> list[Record]:
        """What a step changes."""
        before_ns, self.state.t_ns = self.state.t_ns, e.t_ns
        step_h = 0.0 if before_ns is None else max(e.t_ns - before_ns, 0) / _HOUR_NS
        dba = self._by_space(estimator.channels.means("sound_dba"))
        return [
            *self._hear(dba, e.t_ns, step_h, estimator.spaces[:, OPEN] != 0.0),
            *self._smell(estimator.spaces[:, CO2], e.t_ns, step_h),
            *self._look(e, estimator.spaces[:, CLOSED_H], step_h),
        ]

    def limits_dba(self, t_ns: int) -> F64:
        """How loud a minute may be at a time, by space."""
        found = self._usual_dba
        if self._hours:
            local = self.building.local(t_ns)
            for hours, of_zone, limit_dba in self._hours:
                if hours.is_open(local):
                    found = np.where(of_zone, limit_dba, found)
        return found

    def _by_space(self, means: Mapping[int, float]) -> F64:
        found = np.full(len(self.building.spaces), np.nan)
        found[list(means)] = list(means.values())
        return found

    def _hear(self, dba: F64, t_ns: int, step_h: float, is_open: Mask) -> Iterator[Record]:
        """The mean energy of the last minutes against the limit; nobody minds noise while closed."""
        state = self.state
        heard = state.energy.take(10.0 ** (dba / 10.0), step_h, _LOUD_TIME_H)
        if heard is None:
            return
        level_dba = np.where(is_open, 10.0 * np.log10(np.maximum(state.energy.mean, _LEAST_ENERGY)), 0.0)
        limits_dba = self.limits_dba(t_ns)
        now = reached(level_dba, state.noise, (limits_dba, limits_dba + _TOO_LOUD_DBA), _LEAVE_DBA)
        before, state.noise = state.noise, np.where(heard, now, state.noise)
        for s in np.flatnonzero(state.noise != before).tolist():
            level, limit_dba = _NOISE[state.noise[s]], float(limits_dba[s])
            yield SpaceNoiseChanged(t_ns, self._id(s), level, round(float(dba[s]), 1), limit_dba)

    def _smell(self, ppm: F64, t_ns: int, step_h: float) -> Iterator[Record]:
        """The mean CO2 of the last minutes against the limits."""
        state = self.state
        heard = state.ppm.take(ppm, step_h, _STUFFY_TIME_H)
        if heard is None:
            return
        now = reached(state.ppm.mean, state.air, (STUFFY_PPM, _VERY_STUFFY_PPM), _LEAVE_PPM)
        before, state.air = state.air, np.where(heard, now, state.air)
        for s in np.flatnonzero(state.air != before).tolist():
            mean_ppm = round(float(state.ppm.mean[s]), 0)
            yield SpaceAirChanged(t_ns, self._id(s), _AIR[state.air[s]], mean_ppm, STUFFY_PPM)

    def _look(self, e: Estimates, closed_h: F64, step_h: float) -> Iterator[Record]:
        """Somebody for some minutes where it has been closed for a while."""
        state, chance = self.state, e.numbers[:, 2]
        closed = closed_h > _AFTER_CLOSING_H
        there = closed & (chance > _SURE) & (e.alive != 0)
        state.there_h = np.where(there, state.there_h + step_h, 0.0)
        stays = state.after_hours & closed & (chance > _GONE)
        before, state.after_hours = state.after_hours, (state.there_h > _STAY_H) | stays
        for s in np.flatnonzero(state.after_hours != before).tolist():
            people = round(float(e.numbers[s, 0]), 1)
            yield SpaceUsedAfterHours(
                e.t_ns, self._id(s), "began" if state.after_hours[s] else "ended", people
            )

    def _id(self, s: int) -> str:
        return self.building.spaces[s].id
