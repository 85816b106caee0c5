"""All steps of a recording, kept until what came later is known: as few numbers of each as is needed then."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.columns import F64
from edge.ext import hearing
from edge.ext.occupancy import CLOSED_H, CO2, COLUMNS, COUNTED, HINT, LIGHT, ODDS, OPEN, SEEN, SOUND, USUAL
from edge.fusion.spaces.estimator import Estimates, SpaceEstimator
from edge.fusion.spaces.steps import Steps, as_steps

F32 = NDArray[np.float32]

_OF_SPACES: Final = (OPEN, CLOSED_H, COUNTED, ODDS, CO2, SOUND, LIGHT, SEEN, USUAL, HINT)
_OF_DOORS: Final = (
    hearing.N_IN,
    hearing.N_OUT,
    hearing.SILENT,
    hearing.FLIPPED,
    hearing.JUMPED,
    hearing.REAL_IN,
    hearing.REAL_OUT,
)


@dataclass(slots=True)
class Kept:
    """The estimates of every step, and what the kernels' tables were after it."""

    estimates: list[Estimates] = field(default_factory=list)
    _spaces: list[F32] = field(default_factory=list)
    _doors: list[F32] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.estimates)

    def put(self, t: int, now: Estimates, estimator: SpaceEstimator) -> None:
        """Step t as the estimator has just taken it, and none after it."""
        self.estimates[t:] = [now]
        self._spaces[t:] = [estimator.spaces[:, _OF_SPACES].astype(np.float32)]
        self._doors[t:] = [estimator.doors.table[:, _OF_DOORS].astype(np.float32)]

    def passed(self, door: int, since_ns: int) -> tuple[list[int], F64]:
        """The times of the steps since then, and how many a door counted in each, in and out."""
        t_ns = [e.t_ns for e in self.estimates]
        first = int(np.searchsorted(t_ns, since_ns))
        return t_ns[first:], np.array([rows[door, :2].sum() for rows in self._doors[first:]], np.float64)

    def steps(self, a: int, b: int, estimator: SpaceEstimator) -> Steps:
        """The steps from `a` to `b`; columns of the tables that were not kept are NaN."""
        spaces = _wide(self._spaces[a:b], _OF_SPACES, COLUMNS)
        doors = _wide(self._doors[a:b], _OF_DOORS, hearing.DOOR_COLUMNS)
        return as_steps(self.estimates[a:b], spaces, doors, estimator)


def _wide(rows: list[F32], columns: tuple[int, ...], n_columns: int) -> F64:
    found = np.full((len(rows), len(rows[0]), n_columns), np.nan)
    found[..., columns] = rows
    return found
