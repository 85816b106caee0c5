"""All steps of a recording, kept until what came later is known: as few numbers of each as is needed then."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.columns import F64, Index
from edge.ext import hearing
from edge.ext.occupancy import CLOSED_H, CO2, COLUMNS, COUNTED, HINT, LIGHT, ODDS, OPEN, SEEN, SOUND, USUAL
from edge.fusion.spaces.steps import MOST, Steps, as_steps

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


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """Some steps: their ends, and what is kept of their columns (`Steps`)."""

    t_ns: list[int]
    alive: NDArray[np.uint8]
    passed: F32
    spaces: F32
    doors: F32

    @classmethod
    def of(cls, steps: Steps) -> "_Piece":
        return cls(
            steps.t_ns,
            steps.alive.astype(np.uint8),
            steps.passed.astype(np.float32),
            steps.spaces[..., _OF_SPACES].astype(np.float32),
            steps.doors[..., _OF_DOORS].astype(np.float32),
        )


@dataclass(slots=True)
class Kept:
    """What the estimator told of every step, but for the people, and its tables after each."""

    n: int = 0
    _pieces: list[_Piece] = field(default_factory=list)

    def __len__(self) -> int:
        """How many steps."""
        return self.n

    def put(self, steps: Steps) -> None:
        """The next steps."""
        self._pieces.append(_Piece.of(steps))
        self.n += len(steps)

    def forget(self, n: int) -> None:
        """The last n steps, which are to be put again."""
        self.n -= n
        while n > 0:
            n -= len(self._pieces.pop().t_ns)

    def passed(self, door: int, since_ns: int) -> tuple[list[int], F64]:
        """The times of the steps since then, and how many a door counted in each, in and out."""
        t_ns = np.concatenate([piece.t_ns for piece in self._pieces])
        counted = np.concatenate([piece.doors[:, door, :2].sum(axis=1) for piece in self._pieces])
        first = int(np.searchsorted(t_ns, since_ns))
        return t_ns[first:].tolist(), counted[first:].astype(np.float64)

    def steps(self, sides: Index) -> Iterator[Steps]:
        """All steps, about MOST at a time; people are nobody, columns that were not kept are NaN. `sides` of
        the doors."""
        waiting: list[_Piece] = []
        for piece in self._pieces:
            waiting.append(piece)
            if sum(len(one.t_ns) for one in waiting) >= MOST:
                yield _joined(waiting, sides)
                waiting = []
        if waiting:
            yield _joined(waiting, sides)


def _joined(pieces: list[_Piece], sides: Index) -> Steps:
    alive = np.concatenate([piece.alive for piece in pieces]).astype(np.intp)
    return as_steps(
        np.concatenate([piece.t_ns for piece in pieces]),
        np.zeros((*alive.shape, 3)),
        alive,
        np.concatenate([piece.passed for piece in pieces]).astype(np.float64),
        _wide([piece.spaces for piece in pieces], _OF_SPACES, COLUMNS),
        _wide([piece.doors for piece in pieces], _OF_DOORS, hearing.DOOR_COLUMNS),
        sides,
    )


def _wide(rows: list[F32], columns: tuple[int, ...], n_columns: int) -> F64:
    kept = np.concatenate(rows)
    found = np.full((*kept.shape[:2], n_columns), np.nan)
    found[..., columns] = kept
    return found
