"""What a space's day is usually like, learnt from head counts: between two counts it goes on as usual."""

import math
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import F64, Index
from edge.fusion.spaces.hours import LocalTime

_BINS: Final = 48
_BIN_MIN: Final = 30
_WIDTH_MIN: Final = 40.0
_FORGET: Final = 0.97  # of a count's weight is left after each later count at that time of day
_ENOUGH: Final = 1.0
_RETURN_H: Final = 3.0
_WEEKEND: Final = 5


@dataclass(slots=True)
class Habit:
    """Sums over counts by space, kind of day (workday, weekend) and half hour."""

    n_spaces: int
    timezone: str
    people: F64 = field(init=False)
    weight: F64 = field(init=False)
    known: bool = False
    """Whether any head was ever counted."""

    def __post_init__(self) -> None:
        self.people = np.zeros((self.n_spaces, 2, _BINS))
        self.weight = np.zeros((self.n_spaces, 2, _BINS))

    def learn(self, t_ns: int, space: Index, people: F64) -> None:
        """Take in head counts of some spaces."""
        self.known = True
        day, minute = self._when(t_ns)
        apart = np.abs((np.arange(_BINS) + 0.5) * _BIN_MIN - minute)
        near = np.exp(-0.5 * (np.minimum(apart, 1440 - apart) / _WIDTH_MIN) ** 2)
        keep = 1 - (1 - _FORGET) * near
        self.people[space, day] = self.people[space, day] * keep + near * people[:, None]
        self.weight[space, day] = self.weight[space, day] * keep + near

    def drift(self, from_ns: int, to_ns: int, people: F64) -> F64:
        """By how many the people in each space usually change between the two times, by space."""
        before, _ = self._usual(from_ns)
        after, known = self._usual(to_ns)
        back = 1 - math.exp(-(to_ns - from_ns) / (_RETURN_H * 3.6e12))
        change: F64 = known * (after - before + back * (before - people))
        return change

    def _usual(self, t_ns: int) -> tuple[F64, F64]:
        """The usual number by space, in between half hours too, and how well it is known (0…1)."""
        day, minute = self._when(t_ns)
        place = minute / _BIN_MIN - 0.5
        a, share = math.floor(place) % _BINS, place - math.floor(place)
        b = (a + 1) % _BINS
        weight = (1 - share) * self.weight[:, day, a] + share * self.weight[:, day, b]
        people = (1 - share) * self.people[:, day, a] + share * self.people[:, day, b]
        return people / np.maximum(weight, 1e-9), weight / (weight + _ENOUGH)

    def _when(self, t_ns: int) -> tuple[int, float]:
        local = LocalTime.at(t_ns, ZoneInfo(self.timezone))
        return int(local.weekday >= _WEEKEND), local.minute + 0.0
