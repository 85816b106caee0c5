"""What an estimator was at a moment of a recording, in little room: many are kept of a long one.

Of the filter's covariance only what its blocks have states for, and what is as it was at the checkpoint
before (hints and habits, where doors count all people) is kept once for both.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.columns import F64
from edge.fusion.spaces import snapshot
from edge.fusion.spaces.snapshot import Array, EstimatorMemory

if TYPE_CHECKING:
    from edge.fusion.spaces.estimator import SpaceEstimator

_COVARIANCE: Final = "state.P"


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """`memory` is all but the covariance, of which `P` has the `FilterState.own_cells`."""

    memory: EstimatorMemory
    P: F64
    number: int
    fit: float

    @classmethod
    def of(cls, estimator: "SpaceEstimator", before: "Checkpoint | None" = None) -> "Checkpoint":
        """What it is now; `before`: what it was once, to be shared where it is the same."""
        now, arrays = snapshot.dump(estimator), before.memory.arrays if before else {}
        P = np.take(now.arrays.pop(_COVARIANCE), estimator.state.own_cells)
        memory = replace(
            now,
            usual_air=dict(now.usual_air),
            trial=replace(now.trial) if now.trial else None,
            channels=list(now.channels),
            told=now.told.copy(),
            stamps=now.stamps.copy(),
            arrays={name: _kept(array, arrays.get(name)) for name, array in now.arrays.items()},
        )
        return cls(memory, P, estimator.number, estimator.fit)

    @property
    def t_ns(self) -> int:
        """When that was; 0 before the first step."""
        return self.memory.t_ns or 0

    def recall(self, estimator: "SpaceEstimator") -> None:
        """Let an estimator of the same building go on from here."""
        P = np.zeros_like(estimator.state.P)
        P.reshape(-1)[estimator.state.own_cells] = self.P
        snapshot.load(estimator, replace(self.memory, arrays=self.memory.arrays | {_COVARIANCE: P}))
        estimator.number, estimator.fit = self.number, self.fit


def _kept(now: Array, before: Array | None) -> Array:
    """A copy, or what was kept before where that is the same."""
    if before is None or before.shape != now.shape or before.tobytes() != now.tobytes():
        return now.copy()
    return before
