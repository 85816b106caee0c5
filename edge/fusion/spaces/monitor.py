"""What staff are told of a space besides its people: too loud for its zone, too stuffy, used while closed.

Each has a limit that it must pass for some minutes, and a lower one that it must fall below: a door that
slams is no noise, and a level does not flicker. Levels in dB and ppm are for staff; the public sees words.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final, Literal

import numpy as np

from edge.columns import F64, Index
from edge.events import Record, SpaceAirChanged, SpaceNoiseChanged, SpaceUsedAfterHours
from edge.ext.occupancy import CLOSED_H, CO2, OPEN, SOUND
from edge.fusion.spaces.channels import Mask
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.hours import OpeningHours, parse
from edge.fusion.spaces.levels import changes, reached
from edge.fusion.spaces.steps import Steps

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

    def take(self, now: F64, step_h: F64, time_h: float) -> tuple[F64, Mask] | None:
        """Go on by steps, `now` and the means (T, n): NaN in `now` is nothing heard. The mean forgets within
        `time_h`. Whose mean is new, if anyone's is."""
        heard: Mask = ~np.isnan(now)
        at_h = np.cumsum(step_h)
        if not heard.any():
            self.age_h += at_h[-1]
            return None
        before_h, last_h = self._heard_h(heard, at_h)
        weight = np.where(heard, 1.0 - np.exp((before_h - at_h[:, None]) / time_h), 0.0)
        weight[heard & np.isnan(self.mean) & (np.cumsum(heard, axis=0) == 1)] = 1.0
        means = _followed(self.mean, np.where(heard, now, 0.0), weight)
        self.mean = np.where(heard.any(axis=0) | ~np.isnan(self.mean), means[-1], np.nan)
        self.age_h = at_h[-1] - last_h
        return means, heard

    def _heard_h(self, heard: Mask, at_h: F64) -> tuple[F64, F64]:
        """When each space was heard last before each step (T, n), and before the end."""
        last_h = np.where(heard, at_h[:, None], -self.age_h)
        np.maximum.accumulate(last_h, axis=0, out=last_h)
        return np.concatenate((-self.age_h[None], last_h[:-1])), last_h[-1]


def _followed(mean: F64, now: F64, weight: F64) -> F64:
    """The means that go toward `now` by `weight` at each step; NaN is no mean yet."""
    means = np.empty_like(now)
    before = np.where(np.isnan(mean), 0.0, mean)
    for t in range(len(now)):
        means[t] = before = before + weight[t] * (now[t] - before)
    return means


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
    """Feed it all steps; it gives what has changed."""

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

    def step(self, steps: Steps) -> list[Record]:
        """What steps change, in order of time."""
        step_h = self._step_h(steps.t_ns)
        found = [*self._hear(steps, step_h), *self._smell(steps, step_h), *self._look(steps, step_h)]
        return sorted(found, key=attrgetter("t_ns"))

    def _step_h(self, t_ns: list[int]) -> F64:
        """How long each step took."""
        before_ns, self.state.t_ns = self.state.t_ns, t_ns[-1]
        steps_ns = np.diff(np.array(t_ns), prepend=t_ns[0] if before_ns is None else before_ns)
        return np.maximum(steps_ns, 0) / _HOUR_NS

    def limits_dba(self, t_ns: int) -> F64:
        """How loud a minute may be at a time, by space."""
        found = self._usual_dba
        if self._hours:
            local = self.building.local(t_ns)
            for hours, of_zone, limit_dba in self._hours:
                if hours.is_open(local):
                    found = np.where(of_zone, limit_dba, found)
        return found

    def _hear(self, steps: Steps, step_h: F64) -> Iterator[Record]:
        """The mean energy of the last minutes against the limit; nobody minds noise while closed."""
        state, dba, is_open = self.state, steps.spaces[..., SOUND], steps.spaces[..., OPEN] != 0.0
        if (taken := state.energy.take(10.0 ** (dba / 10.0), step_h, _LOUD_TIME_H)) is None:
            return
        means, heard = taken
        level_dba = np.where(is_open, 10.0 * np.log10(np.maximum(means, _LEAST_ENERGY)), 0.0)
        limits_dba = np.array([self.limits_dba(t_ns) for t_ns in steps.t_ns])
        limits = (limits_dba, limits_dba + _TOO_LOUD_DBA)
        before = state.noise
        levels = reached(level_dba, before, limits, _LEAVE_DBA, heard)
        state.noise = levels[-1].copy()
        for t, s in changes(before, levels):
            level, limit_dba = _NOISE[levels[t, s]], float(limits_dba[t, s])
            yield SpaceNoiseChanged(steps.t_ns[t], self._id(s), level, round(float(dba[t, s]), 1), limit_dba)

    def _smell(self, steps: Steps, step_h: F64) -> Iterator[Record]:
        """The mean CO2 of the last minutes against the limits."""
        state = self.state
        if (taken := state.ppm.take(steps.spaces[..., CO2], step_h, _STUFFY_TIME_H)) is None:
            return
        means, heard = taken
        before = state.air
        levels = reached(means, before, (STUFFY_PPM, _VERY_STUFFY_PPM), _LEAVE_PPM, heard)
        state.air = levels[-1].copy()
        for t, s in changes(before, levels):
            mean_ppm = round(float(means[t, s]), 0)
            yield SpaceAirChanged(steps.t_ns[t], self._id(s), _AIR[levels[t, s]], mean_ppm, STUFFY_PPM)

    def _look(self, steps: Steps, step_h: F64) -> Iterator[Record]:
        """Somebody for some minutes where it has been closed for a while."""
        state, chance = self.state, steps.numbers[..., 2]
        closed = steps.spaces[..., CLOSED_H] > _AFTER_CLOSING_H
        there = closed & (chance > _SURE) & (steps.alive != 0)
        if not there.any() and not state.after_hours.any():
            state.there_h[:] = 0.0
            return
        stays = closed & (chance > _GONE)
        for t, taken_h in enumerate(step_h.tolist()):
            state.there_h = np.where(there[t], state.there_h + taken_h, 0.0)
            before = state.after_hours
            state.after_hours = (state.there_h > _STAY_H) | (before & stays[t])
            for s in np.flatnonzero(state.after_hours != before).tolist():
                people = round(float(steps.numbers[t, s, 0]), 1)
                now: Literal["began", "ended"] = "began" if state.after_hours[s] else "ended"
                yield SpaceUsedAfterHours(steps.t_ns[t], self._id(s), now, people)

    def _id(self, s: int) -> str:
        return self.building.spaces[s].id
