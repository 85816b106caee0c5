"""Many steps as columns: what use, visits and limits take at once, so that Python is not entered a step."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import F64, I64, Index
from edge.ext.hearing import JUMPED, SILENT
from edge.fusion.spaces.channels import EVIDENCE, Mask
from edge.fusion.spaces.hours import LocalTime

MOST: Final = 60


@dataclass(frozen=True, slots=True)
class SpaceEstimate:
    """People in a space at `t_ns`; `occupied` is the probability that anyone is there; `quality` names the
    evidence that was alive, joined by +."""

    space: str
    t_ns: int
    people: float
    people_sd: float
    occupied: float
    quality: str


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """All spaces at `t_ns`: `numbers` (n_spaces, 3) are people, their deviation, and the probability that
    anyone is there; `alive` (n_spaces,) the bits of the evidence."""

    t_ns: int
    numbers: F64
    alive: Index

    def rows(self, spaces: tuple[str, ...]) -> list[SpaceEstimate]:
        """One estimate a space; `spaces` are their ids."""
        columns = zip(spaces, self.numbers.tolist(), self.alive.tolist(), strict=True)
        return [
            SpaceEstimate(space, self.t_ns, m, sd, p, quality(bits)) for space, (m, sd, p), bits in columns
        ]


@functools.cache
def quality(bits: int) -> str:
    """The names of the kinds of evidence whose bits are set."""
    return "+".join(sorted(kind for n, kind in enumerate(EVIDENCE) if bits >> n & 1))


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """T steps in order of time, of n spaces and d doors.

    numbers, alive: (T, n, …) as in `Estimates`; passed: (T, n, 4), people in and out since the step before,
    as counted, then with those missed; unheard: (T, n), where a counter says nothing, or what cannot be;
    spaces, doors: (T, n, …) and (T, d, …), the kernels' tables after each step (`edge.ext.occupancy`,
    `edge.ext.hearing`).
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
        return map(Estimates, self.t_ns, self.numbers, self.alive)

    def hours(self, zone: ZoneInfo) -> Iterator[tuple["Steps", list[LocalTime]]]:
        """The steps of each hour of the site's clock that they go on in, and their moments."""
        moments = [LocalTime.at(t_ns - 1, zone) for t_ns in self.t_ns]
        a = 0
        for _, group in groupby(moments, lambda moment: (moment.date, moment.minute // 60)):
            within = list(group)
            yield self.part(a, a + len(within)), within
            a += len(within)


def as_steps(
    ends_ns: I64, numbers: F64, alive: Index, passed: F64, spaces: F64, doors: F64, sides: Index
) -> Steps:
    """Steps with the doors' `sides`, which say where a counter is unheard."""
    unheard = _unheard(doors, sides, numbers.shape[1])
    return Steps(ends_ns.tolist(), numbers, alive, passed, unheard, spaces, doors)


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
