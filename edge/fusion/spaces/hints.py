"""Levels that go with people, light and sound: what they say of whether anybody is there, learnt by room.

For each level (half an e-fold of lux, 3 dB) hours are summed up: all of them, those with somebody there by
all evidence, and as many as would have had somebody if only the hour of the day mattered. What is beyond that
gives the level's likelihood ratio: for daylight, a lamp that is always on or one on a timetable it comes to
1, for one that people switch it does not. (Standardised by stratum, as Mantel & Haenszel 1959.) A few stays
must have been seen before it says much, and it is bounded. Nothing here moves people in the filter; and where
people are counted, by doors, heads or devices, nothing of it is used or learnt.
"""

from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import F64, Index
from edge.ext.occupancy import HINT, LIGHT, SOUND
from edge.fusion.spaces.channels import EVIDENCE
from edge.fusion.spaces.hours import LocalTime

_KINDS: Final = 2
BINS: Final = 24
_LIGHT_STEP: Final = 0.5  # of ln(1 + lux)
_SOUND_STEP_DB: Final = 3.0
_SOUND_LEAST_DB: Final = 20.0
_STAY_H: Final = 2.0  # hours of one stay say one thing; so many of each level are taken to say nothing
DAYS: Final = 2.0  # as many hours at a time of day weigh as much there as what is usual at all hours
MOST: Final = float(np.log(30.0))
_STALE_H: Final = 0.25
_KEEP_AN_HOUR: Final = float(np.exp(-1 / (60 * 24)))  # sixty days
_HOUR_NS: Final = 3_600_000_000_000
COUNTS: Final = sum(1 << EVIDENCE.index(kind) for kind in ("doors", "heads", "devices"))
"""The bits of the evidence that counts people."""


@dataclass(slots=True)
class Hints:
    """By row, a kind of level in a space: `level` in steps, `age_h` of it, and sums of hours.

    levels (2 n_spaces, bins, 3): all, with somebody, and with somebody as expected by the time of day;
    day (2 n_spaces, 24, 2): all, and with somebody.
    """

    n_spaces: int
    timezone: str
    level: F64 = field(init=False)
    age_h: F64 = field(init=False)
    levels: F64 = field(init=False)
    day: F64 = field(init=False)

    def __post_init__(self) -> None:
        rows = _KINDS * self.n_spaces
        self.level, self.age_h = np.zeros(rows), np.full(rows, np.inf)
        self.levels, self.day = np.zeros((rows, BINS, 3)), np.zeros((rows, 24, 2))

    def wait(self, alive: Index, step_h: F64) -> bool:
        """Let steps pass in which counts say all. Where in one of them levels may speak, nothing is done, and
        False."""
        if ((alive & COUNTS) == 0).any() or not (step_h > 0.0).all():
            return False
        for taken_h in step_h.tolist():
            self.age_h += taken_h
        return True

    def give(self, spaces: F64, alive: Index, step_h: float) -> None:
        """Take in LIGHT and SOUND of a step, and fill HINT: the logarithm of their likelihood ratio."""
        self.age_h += step_h
        spaces[:, HINT] = 0.0
        own = np.flatnonzero((alive & COUNTS) == 0)
        if not len(own):
            return
        rows = (_KINDS * own[:, None] + np.arange(_KINDS)).ravel()
        told = _steps(spaces[own])
        new = ~np.isnan(told)
        self.level[rows[new]], self.age_h[rows[new]] = told[new], 0.0
        fresh = rows[self.age_h[rows] <= _STALE_H]
        if len(fresh):
            spaces[:, HINT] = np.bincount(fresh // _KINDS, self._log_ratio(fresh), self.n_spaces)

    def learn(self, t_ns: int, chance: F64, alive: Index, step_h: float) -> None:
        """Take in how likely anybody is there by all evidence; where there are levels only, nothing."""
        hours = min(step_h, _STALE_H)
        rows = np.flatnonzero(self.age_h == 0.0)
        rows = rows[alive[rows // _KINDS] != 0]
        if not len(rows) or hours <= 0.0:
            return
        self._forget(t_ns, hours)
        hour = LocalTime.at(t_ns, ZoneInfo(self.timezone)).minute // 60
        somebody = chance[rows // _KINDS]
        self.day[rows, hour] += hours * np.stack((np.ones(len(rows)), somebody), axis=1)
        told = hours * np.stack((np.ones(len(rows)), somebody, self._usual(rows, hour)), axis=1)
        for places, share in self._bins(rows):
            self.levels[rows, places] += share[:, None] * told

    def _forget(self, t_ns: int, hours: float) -> None:
        """Once an hour: what is old weighs less, for lamps are changed."""
        if t_ns // _HOUR_NS != (t_ns - round(hours * _HOUR_NS)) // _HOUR_NS:
            self.levels *= _KEEP_AN_HOUR
            self.day *= _KEEP_AN_HOUR

    def _usual(self, rows: Index, hour: int) -> F64:
        """How often somebody is there at that time of day."""
        all_h, with_h = self.day[rows, hour].T
        ever_h, ever_with_h = self.day[rows].sum(axis=1).T
        share: F64 = (with_h + DAYS * ever_with_h / ever_h) / (all_h + DAYS)
        return share

    def _log_ratio(self, rows: Index) -> F64:
        found = np.zeros(len(rows))
        for places, share in self._bins(rows):
            all_h, with_h, usual_h = self.levels[rows, places].T
            found += share * log_ratio(all_h, with_h, usual_h)
        return np.clip(found, -MOST, MOST)

    def _bins(self, rows: Index) -> tuple[tuple[Index, F64], tuple[Index, F64]]:
        """The two steps that a level is between, and how near it is to each."""
        low = np.clip(np.floor(self.level[rows]), 0, BINS - 2).astype(np.intp)
        above = np.clip(self.level[rows] - low, 0.0, 1.0)
        return (low, 1.0 - above), (low + 1, above)


def log_ratio(all_h: F64, with_h: F64, usual_h: F64) -> F64:
    """What a level says of somebody: ln of the likelihood ratio, by its hours, those with somebody there, and
    as many as would have had somebody if only the hour of the day mattered."""
    usual = usual_h / np.maximum(all_h, 1e-9)
    there = (with_h + _STAY_H * usual + 1e-9) / (usual_h + _STAY_H * usual + 1e-9)
    empty_h, unusual_h = all_h - with_h, all_h - usual_h
    nobody = (empty_h + _STAY_H * (1 - usual) + 1e-9) / (unusual_h + _STAY_H * (1 - usual) + 1e-9)
    found: F64 = np.clip(np.log(there / nobody), -MOST, MOST)
    return found


def steps_of_light(lux: F64) -> F64:
    """Light in the steps by which it is told apart."""
    return np.log1p(np.maximum(lux, 0.0)) / _LIGHT_STEP


def steps_of_sound(dba: F64) -> F64:
    """Sound in the steps by which it is told apart."""
    return (dba - _SOUND_LEAST_DB) / _SOUND_STEP_DB


def _steps(spaces: F64) -> F64:
    """By row, the level of the step; NaN where none was told."""
    told = steps_of_light(spaces[:, LIGHT]), steps_of_sound(spaces[:, SOUND])
    return np.stack(told, axis=1).ravel()
