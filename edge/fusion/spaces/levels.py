"""Limits with hysteresis: how full a space is. A level is left only well below where it was entered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from edge.columns import F64, Index
from edge.events import SpaceCapacityChanged
from edge.fusion.spaces.estimator import Estimates
from edge.fusion.spaces.graph import SpaceModel

Level = Literal["ok", "near", "full", "over"]

_LEVELS: Final[tuple[Level, ...]] = ("ok", "near", "full", "over")
_ENTER: Final = (0.8, 1.0, 1.1)
_LEAVE_BELOW: Final = 0.05  # of the capacity, under the limit that was crossed


def reached(value: F64, before: Index, limits: Sequence[F64 | float], leave: float) -> Index:
    """By space the highest of the ascending `limits` that is reached, or not yet left by `leave`; from 1 on,
    0 is none. `before` is what this gave last."""
    now = np.zeros(len(value), np.intp)
    for n, limit in enumerate(limits, 1):
        now[value >= limit - leave * (before >= n)] = n
    return now


@dataclass(slots=True)
class Fullness:
    """The level of each space, as its place in the order of levels; only changes are told."""

    spaces: Sequence[SpaceModel]
    level: Index = field(init=False)
    _capacity: F64 = field(init=False)

    def __post_init__(self) -> None:
        self.level = np.zeros(len(self.spaces), np.intp)
        self._capacity = np.array([space.capacity for space in self.spaces], np.float64)

    def look(self, e: Estimates) -> Iterator[SpaceCapacityChanged]:
        """What a step changes."""
        people = e.numbers[:, 0]
        before, self.level = self.level, reached(people / self._capacity, self.level, _ENTER, _LEAVE_BELOW)
        for s in np.flatnonzero(self.level != before).tolist():
            space, level = self.spaces[s], _LEVELS[self.level[s]]
            yield SpaceCapacityChanged(e.t_ns, space.id, level, round(float(people[s]), 1), space.capacity)
