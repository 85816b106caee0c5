"""Many steps as columns: what use, visits and limits take at once, so that Python is not entered a step."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import F64, Index
from edge.ext.hearing import JUMPED, SILENT
from edge.fusion.spaces.channels import Mask
from edge.fusion.spaces.estimator import Estimates, SpaceEstimator
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.hours import LocalTime
from edge.fusion.window import Window

MOST: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """T steps in order of time, of n spaces and d doors.

    numbers, alive, passed: (T, n, …) as in `Estimates`; unheard: (T, n), where a counter says nothing, or
    what cannot be; spaces, doors: (T, n, …) and (T, d, …), the kernels' tables after each step
    (`edge.ext.occupancy`, `edge.ext.hearing`).
    """

    t_ns: list[int]
    numbers: F64
    alive: Index
    passed: F64
    unheard: Mask
    spaces: F64
    doors: F64

    def __len__(self) -> int:
        return len(self.t_ns)

    def part(self, a: int, b: int) -> "Steps":
        """The steps from `a` to `b`."""
        return Steps(
            self.t_ns[a:b],
            self.numbers[a:b],
            self.alive[a:b],
            self.passed[a:b],
            self.unheard[a:b],
            self.spaces[a:b],
            self.doors[a:b],
        )

    def estimates(self) -> Iterator[Estimates]:
        """Each step by itself."""
        return map(Estimates, self.t_ns, self.numbers, self.alive, self.passed)

    def hours(self, zone: ZoneInfo) -> Iterator[tuple["Steps", list[LocalTime]]]:
        """The steps of each hour of the site's clock that they go on in, and their moments."""
        moments = [LocalTime.at(t_ns - 1, zone) for t_ns in self.t_ns]
        a = 0
        for _, group in groupby(moments, lambda moment: (moment.date, moment.minute // 60)):
            within = list(group)
            yield self.part(a, a + len(within)), within
            a += len(within)


@dataclass(slots=True)
class Keeper:
    """Collects an estimator's steps; `take` them when it is full, and at the end."""

    estimator: SpaceEstimator
    most: int = MOST
    _estimates: list[Estimates] = field(default_factory=list)
    _spaces: F64 = field(init=False)
    _doors: F64 = field(init=False)

    def __post_init__(self) -> None:
        self._spaces = np.empty((self.most, *self.estimator.spaces.shape))
        self._doors = np.empty((self.most, *self.estimator.doors.table.shape))

    def __len__(self) -> int:
        return len(self._estimates)

    @property
    def is_full(self) -> bool:
        return len(self._estimates) == self.most

    def add(self, e: Estimates) -> None:
        """Keep the step that the estimator has just taken."""
        t = len(self._estimates)
        self._spaces[t], self._doors[t] = self.estimator.spaces, self.estimator.doors.table
        self._estimates.append(e)

    def take(self) -> Steps:
        """What was kept. The tables are overwritten by what is added next."""
        kept, self._estimates = self._estimates, []
        return as_steps(kept, self._spaces[: len(kept)], self._doors[: len(kept)], self.estimator)


def as_steps(estimates: list[Estimates], spaces: F64, doors: F64, estimator: SpaceEstimator) -> Steps:
    """An estimator's estimates with its tables after each, as columns."""
    return Steps(
        [e.t_ns for e in estimates],
        np.array([e.numbers for e in estimates]),
        np.array([e.alive for e in estimates]),
        np.array([e.passed for e in estimates]),
        _unheard(doors, estimator.doors.sides, len(estimator.ids)),
        spaces,
        doors,
    )


def is_unheard(doors: F64) -> Mask:
    """By step and door: whether the counter fell silent, or said what cannot be."""
    found: Mask = (doors[..., SILENT] != 0.0) | (doors[..., JUMPED] != 0.0)
    return found


def _unheard(doors: F64, sides: Index, n_spaces: int) -> Mask:
    """The spaces with a door whose counter is unheard: who passes it is estimated."""
    found = np.zeros((len(doors), n_spaces + 1), bool)  # the last stands for outside
    unheard = is_unheard(doors)
    for d in np.flatnonzero(unheard.any(axis=0)).tolist():
        found[:, sides[d]] |= unheard[:, d, None]
    return found[:, :-1]


@dataclass(slots=True)
class Now:
    """An estimator whose estimates are told as of the moment: feed it windows in order, and take what is
    `ready`, and the `rest` at the end."""

    building: Building
    estimator: SpaceEstimator = field(init=False)
    _keeper: Keeper = field(init=False)

    def __post_init__(self) -> None:
        self.estimator = SpaceEstimator(self.building)
        self._keeper = Keeper(self.estimator)

    def advance(self, part: Window) -> None:
        """Take in a window."""
        self._keeper.add(self.estimator.advance(part))

    def ready(self) -> Iterator[Steps]:
        """Some steps, once they are enough."""
        if self._keeper.is_full:
            yield self._keeper.take()

    def rest(self) -> Iterator[Steps]:
        """The steps that were not taken yet."""
        if len(self._keeper):
            yield self._keeper.take()
