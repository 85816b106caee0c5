"""What staff are told of a space besides its people: too loud for its zone, too stuffy, used while closed.

Each has a limit that it must pass for some minutes, and a lower one that it must fall below: a door that
slams is no noise, and a level does not flicker. Levels in dB and ppm are for staff; the public sees words.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.columns import F64
from edge.events import Record, SpaceAirChanged, SpaceNoiseChanged, SpaceUsedAfterHours
from edge.ext.occupancy import CLOSED_H, CO2, OPEN
from edge.fusion.spaces.estimator import Estimates, SpaceEstimator
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.hours import LocalTime, OpeningHours, parse

_HOUR_NS: Final = 3_600_000_000_000
ZONE_LIMIT_DBA: Final = {"silent": 42.0, "quiet": 50.0, "voiced": 62.0, "collaborative": 70.0}
"""What a minute may be loud in each zone; `NoiseLimit` says otherwise for some hours."""
_TOO_LOUD_DBA: Final = 6.0  # above the limit: twice the number of voices, twice over
_LOUD_TIME_H: Final = 5 / 60
_LEAVE_DBA: Final = 3.0
STUFFY_PPM: Final = 1400.0
"""Indoor air of moderate quality ends here (EN 13779, IDA 3: 1000 ppm above outdoor air)."""
_VERY_STUFFY_PPM: Final = 2000.0
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
class Monitor:
    """Feed it every step after the estimator has taken it; it gives what has changed."""

    building: Building
    limits: tuple[NoiseLimit, ...] = ()
    noise: list[str] = field(init=False)
    air: list[str] = field(init=False)
    after_hours: list[bool] = field(init=False)
    _energy: F64 = field(init=False)
    _ppm: F64 = field(init=False)
    _there_h: F64 = field(init=False)
    _weeks: list[tuple[str, OpeningHours, float]] = field(init=False)
    _t_ns: int | None = None

    def __post_init__(self) -> None:
        n = len(self.building.spaces)
        self.noise, self.air, self.after_hours = ["ok"] * n, ["ok"] * n, [False] * n
        self._energy, self._ppm, self._there_h = np.full(n, np.nan), np.full(n, np.nan), np.zeros(n)
        self._weeks = [(limit.zone, parse([limit.hours]), limit.limit_dba) for limit in self.limits]

    def step(self, estimator: SpaceEstimator, e: Estimates) -> list[Record]:
        """What a step changes."""
        step_h = 0.0 if self._t_ns is None else max(e.t_ns - self._t_ns, 0) / _HOUR_NS
        self._t_ns = e.t_ns
        found: list[Record] = []
        for s, dba in estimator.channels.means("sound_dba").items():
            found.extend(self._hear(s, dba, e.t_ns, step_h, estimator))
        ppm = estimator.spaces[:, CO2]
        for s in np.flatnonzero(~np.isnan(ppm)).tolist():
            found.extend(self._smell(s, float(ppm[s]), e.t_ns, step_h))
        found.extend(self._look(e, estimator.spaces, step_h))
        return found

    def limit_dba(self, zone: str, t_ns: int, local: LocalTime | None = None) -> float:
        """How loud a minute may be in a zone at a time; `local` spares looking the hour up."""
        found = ZONE_LIMIT_DBA[zone]
        for of_zone, hours, limit_dba in self._weeks:
            if of_zone == zone and hours.is_open(local or self.building.local(t_ns)):
                found = limit_dba
        return found

    def _hear(
        self, s: int, dba: float, t_ns: int, step_h: float, estimator: SpaceEstimator
    ) -> Iterator[Record]:
        """The mean energy of the last minutes against the limit; nobody minds noise while closed."""
        self._energy[s] = _followed(self._energy[s], 10 ** (dba / 10), step_h, _LOUD_TIME_H)
        level_dba = 10 * math.log10(max(self._energy[s], 1e-3))
        space = self.building.spaces[s]
        limit = self.limit_dba(space.zone, t_ns)
        if estimator.spaces[s, OPEN] == 0.0:
            level_dba = 0.0
        now = _level(
            level_dba, self.noise[s], (("too-loud", limit + _TOO_LOUD_DBA), ("loud", limit)), _LEAVE_DBA
        )
        if now != self.noise[s]:
            self.noise[s] = now
            yield SpaceNoiseChanged(t_ns, space.id, now, round(dba, 1), limit)  # type: ignore[arg-type]

    def _smell(self, s: int, ppm: float, t_ns: int, step_h: float) -> Iterator[Record]:
        self._ppm[s] = _followed(self._ppm[s], ppm, step_h, _STUFFY_TIME_H)
        limits = (("very-stuffy", _VERY_STUFFY_PPM), ("stuffy", STUFFY_PPM))
        now = _level(float(self._ppm[s]), self.air[s], limits, _LEAVE_PPM)
        if now != self.air[s]:
            self.air[s] = now
            ppm = round(float(self._ppm[s]), 0)
            yield SpaceAirChanged(t_ns, self.building.spaces[s].id, now, ppm, STUFFY_PPM)  # type: ignore[arg-type]

    def _look(self, e: Estimates, spaces: F64, step_h: float) -> Iterator[Record]:
        """Somebody for some minutes where it has been closed for a while."""
        closed = spaces[:, CLOSED_H] > _AFTER_CLOSING_H
        there = closed & (e.numbers[:, 2] > _SURE) & (e.alive != 0)
        self._there_h = np.where(there, self._there_h + step_h, 0.0)
        begun = self._there_h > _STAY_H
        for s in np.flatnonzero(begun | np.array(self.after_hours, bool)).tolist():
            chance = float(e.numbers[s, 2])
            now = bool(begun[s]) or (bool(closed[s]) and chance > _GONE)
            if now != self.after_hours[s]:
                self.after_hours[s] = now
                state = "began" if now else "ended"
                people = round(float(e.numbers[s, 0]), 1)
                yield SpaceUsedAfterHours(e.t_ns, self.building.spaces[s].id, state, people)  # type: ignore[arg-type]


def _followed(before: float, now: float, step_h: float, time_h: float) -> float:
    """A mean that forgets within `time_h`."""
    if math.isnan(before):
        return now
    return before + (1 - math.exp(-step_h / time_h)) * (now - before)


def _level(value: float, before: str, limits: tuple[tuple[str, float], ...], leave: float) -> str:
    """The highest level whose limit is reached, or that is not yet left."""
    names = [name for name, _ in limits]
    for n, (name, limit) in enumerate(limits):
        held = before in names[: n + 1]
        if value >= limit - (leave if held else 0.0):
            return name
    return "ok"
