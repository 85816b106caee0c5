"""Whether anyone is there, by presence and motion sensors: a chain of two states, empty and occupied.

A sensor that sees nobody says little (people sit still), one that sees someone says much; what is seen in
one minute is like what was seen in the minute before, so that a minute's silence counts for less than one.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from edge.columns import F64, Index

_COME_H = 0.5
_GO_H = 0.7
_SEEN = 40.0
_UNSEEN_A_MINUTE = 0.66
_ALWAYS_H = 12.0  # a sensor that saw someone for so long sees a fan, or a ghost


@dataclass(slots=True)
class Signs:
    """`odds` for occupied by space; NaN where no sensor was ever heard."""

    n_spaces: int
    odds: F64 = field(init=False)
    seen_h: F64 = field(init=False)

    def __post_init__(self) -> None:
        self.odds = np.full(self.n_spaces, np.nan)
        self.seen_h = np.zeros(self.n_spaces)

    def step(self, space: Index, seen: F64, step_h: float) -> F64:
        """Take in whether someone was seen in each of `space` (0 or 1); the chance of occupied, by space."""
        chance = self._moved_on(step_h)
        odds = chance / (1 - chance)
        odds[space] = np.where(np.isnan(odds[space]), _COME_H / _GO_H, odds[space])
        self.seen_h[space] = np.where(seen > 0, self.seen_h[space] + step_h, 0.0)
        unseen = _UNSEEN_A_MINUTE ** min(step_h * 60, 10.0)
        says = np.where(self.seen_h[space] > _ALWAYS_H, 1.0, _SEEN)
        odds[space] *= np.where(seen > 0, says, unseen)
        self.odds = np.clip(odds, 1e-4, 1e4)
        result: F64 = self.odds / (1 + self.odds)
        return result

    def likelihood(self) -> F64:
        """By how much the sensors speak for occupied rather than empty, the chain's own prior taken out."""
        return np.nan_to_num(self.odds * _GO_H / _COME_H, nan=1.0)

    def _moved_on(self, step_h: float) -> F64:
        """The chance of occupied a step later with nothing seen."""
        rest = _COME_H / (_COME_H + _GO_H)
        moved: F64 = rest + (self.odds / (1 + self.odds) - rest) * math.exp(-(_COME_H + _GO_H) * step_h)
        return moved
