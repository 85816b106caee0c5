"""How many people a space has on an average of all hours: a guess by its size, until its own hours tell."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.ext.occupancy import COUNTED, USUAL

_KNOWN_H: Final = 48.0  # hours that what was taken beforehand weighs as much as
_LONGEST_H: Final = 0.25  # an estimate stands for so long at most
_MEMORY_H: Final = 60 * 24.0


@dataclass(slots=True)
class Usual:
    """By space: the `mean` of people over `hours`; what was taken beforehand is among them.

    `least` people are taken for usual whatever was told: a room must be able to fill after quiet weeks.
    """

    mean: F64
    least: float
    hours: F64 = field(init=False)

    def __post_init__(self) -> None:
        self.hours = np.full(len(self.mean), _KNOWN_H)

    def learn(self, spaces: F64, people: F64, alive: Index, step_h: float) -> None:
        """Take in the people told of a step where USUAL has a say and something is heard; fills USUAL."""
        own = np.flatnonzero((alive != 0) & (spaces[:, USUAL] > 0.0) & (spaces[:, COUNTED] == 0.0))
        hours = min(step_h, _LONGEST_H)
        if len(own) and hours > 0.0:
            self.hours[own] = np.minimum(self.hours[own] + hours, _MEMORY_H)
            self.mean[own] += (people[own] - self.mean[own]) * hours / self.hours[own]
            spaces[own, USUAL] = np.maximum(self.mean[own], self.least)
