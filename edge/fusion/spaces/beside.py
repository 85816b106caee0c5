"""Doors that join the same two spaces, and whether each still goes the way of the others.

Who comes after a class comes by all of them: in a quarter of an hour the share of those who go in is alike at
each. Counted the other way round a door tells the contrary, hours before anybody is taken from where nobody
is. Likelihood of both, whatever that share is: two beta-binomials (Jeffreys 1961, two samples of one rate).
Doors that never went together, one for the way in and one for the way out, say nothing here.
"""

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np

from edge.columns import F64, I64, Index
from edge.ext.hearing import MOVED_IN, MOVED_OUT, SILENT

_QUARTER_NS: Final = 900_000_000_000
_MEMORY: Final = 192.0  # quarters
_ALIKE: Final = 0.75  # people come in groups: what they do is no evidence each
_MOST: Final = 4.0  # that a quarter may say
_LATELY_MOST: Final = 4.0  # for as it is: a change must be seen however long there was none (Page 1954)
_USUAL_MOST: Final = 60.0
_KNOWN: Final = 10.0


@dataclass(slots=True)
class Beside:
    """By door, ln of how much likelier it goes the way of those beside it than the contrary: `lately`, and
    `usually`; `counted` (n_doors, 2), one way and the other in the quarter `now`.

    sides: (n_doors, 2), origin and target.
    """

    sides: Index
    lately: F64 = field(init=False)
    usually: F64 = field(init=False)
    counted: F64 = field(init=False)
    now: I64 = field(init=False)
    _groups: list[Index] = field(init=False)
    _ways: Index = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.sides)
        self.lately, self.usually, self.counted = np.zeros(n), np.zeros(n), np.zeros((n, 2))
        self.now = np.zeros(1, np.int64)
        alike: dict[tuple[int, ...], list[int]] = {}
        for d, sides in enumerate(self.sides.tolist()):
            alike.setdefault(tuple(sorted(sides)), []).append(d)
        self._groups = [np.array(doors, np.intp) for doors in alike.values() if len(doors) > 1]
        in_order = self.sides[:, :1] <= self.sides[:, 1:]
        self._ways = np.where(in_order, (MOVED_IN, MOVED_OUT), (MOVED_OUT, MOVED_IN))

    def follow(self, ends_ns: I64, doors: F64) -> F64:
        """Take in the tables of doors of T steps, (T, n_doors, …); by step and door, what speaks for that it
        is as it was: below 0 that it was turned."""
        found = np.zeros(doors.shape[:2])
        if not self._groups:
            return found
        quarters = (ends_ns - 1) // _QUARTER_NS
        counts = np.take_along_axis(doors, self._ways[None], axis=2) * (doors[..., SILENT, None] == 0.0)
        cuts = [0, *(np.flatnonzero(np.diff(quarters)) + 1).tolist(), len(quarters)]
        for a, b in pairwise(cuts):
            self._go_on(int(quarters[a]))
            self.counted += counts[a:b].sum(axis=0)
            found[a:b] = np.where(self.usually >= _KNOWN, self.lately, 0.0)
        return found

    def turned(self, door: int) -> None:
        """A door is taken the other way round from now on."""
        for group in self._groups:
            if door in group:
                self.lately[group], self.counted[group] = 0.0, 0.0
                self.usually[group] = np.abs(self.usually[group])

    def _go_on(self, quarter: int) -> None:
        """What was counted says what it says once its quarter is over."""
        passed, self.now[0] = quarter - int(self.now[0]), quarter
        if passed:
            told = self._told()
            self.usually = np.clip(self.usually + told, -_USUAL_MOST, _USUAL_MOST)
            self.lately = np.minimum(self.lately * math.exp(-passed / _MEMORY) + told, _LATELY_MOST)
            self.counted[:] = 0.0

    def _told(self) -> F64:
        found = np.zeros(len(self.lately))
        for group in self._groups:
            own = self.counted[group]
            others = own.sum(axis=0) - own
            for d, mine, rest in zip(group.tolist(), own.tolist(), others.tolist(), strict=True):
                found[d] = _log_ratio(*mine, *rest)
        return np.clip(_ALIKE * found, -_MOST, _MOST)


def _log_ratio(n_in: float, n_out: float, others_in: float, others_out: float) -> float:
    """ln of how much likelier these come from one share than from one and its contrary."""
    as_is = math.lgamma(n_in + others_in + 1) + math.lgamma(n_out + others_out + 1)
    turned = math.lgamma(n_out + others_in + 1) + math.lgamma(n_in + others_out + 1)
    return as_is - turned
