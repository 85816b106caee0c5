"""All steps of a recording, kept until what came later is known: as few numbers of each as is needed then."""

from collections import deque
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
    """Some steps: their ends, and what is kept of their columns (`Steps`), (T, n), or (1, n) where all steps
    have the same."""

    t_ns: list[int]
    alive: NDArray[np.uint8]
    spaces: list[F32]
    doors: list[F32]

    @classmethod
    def of(cls, steps: Steps) -> "_Piece":
        spaces = [_short(steps.spaces[..., column]) for column in _OF_SPACES]
        doors = [_short(steps.doors[..., column]) for column in _OF_DOORS]
        return cls(steps.t_ns, steps.alive.astype(np.uint8), spaces, doors)

    def __len__(self) -> int:
        return len(self.t_ns)


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
            n -= len(self._pieces.pop())

    def passed(self, door: int, since_ns: int) -> tuple[list[int], F64]:
        """The times of the steps since then, and how many a door counted in each, in and out."""
        t_ns = np.concatenate([piece.t_ns for piece in self._pieces])
        first, (n_in, n_out) = int(np.searchsorted(t_ns, since_ns)), self._of_door(door)
        return t_ns[first:].tolist(), (n_in + n_out)[first:]

    def _of_door(self, door: int) -> Iterator[F64]:
        """How many it counted in and out, by step."""
        for column in range(2):
            rows = [np.broadcast_to(p.doors[column][:, door], len(p)) for p in self._pieces]
            yield np.concatenate(rows).astype(np.float64)

    def steps(self, sides: Index, *, last: bool = False) -> Iterator[Steps]:
        """All steps, about MOST at a time; people are nobody, columns that were not kept are NaN. `sides` of
        the doors. For the `last` time: what was given is kept no more."""
        waiting: list[_Piece] = []
        left = deque(self._pieces)
        if last:
            self.forget(self.n)
        while left:
            piece = left.popleft()
            waiting.append(piece)
            if sum(map(len, waiting)) >= MOST:
                yield _joined(waiting, sides)
                waiting = []
        if waiting:
            yield _joined(waiting, sides)


def _joined(pieces: list[_Piece], sides: Index) -> Steps:
    alive = np.concatenate([piece.alive for piece in pieces]).astype(np.intp)
    doors = np.full((len(alive), len(sides), hearing.DOOR_COLUMNS), np.nan)
    spaces = np.full((*alive.shape, COLUMNS), np.nan)
    a = 0
    for piece in pieces:
        b = a + len(piece)
        for columns, of, table in ((piece.spaces, _OF_SPACES, spaces), (piece.doors, _OF_DOORS, doors)):
            for column, values in zip(of, columns, strict=True):
                table[a:b, :, column] = values
        a = b
    passed = hearing.passed(doors, sides, alive.shape[1])
    t_ns = np.concatenate([piece.t_ns for piece in pieces])
    return as_steps(t_ns, np.zeros((*alive.shape, 3)), alive, passed, spaces, doors, sides)


def _short(column: F64) -> F32:
    """A column in half the room, or of one step for all."""
    now = column.astype(np.float32)
    return now[:1].copy() if _alike(now[0], now[-1]) and _alike(now[0], now) else now


def _alike(first: F32, others: F32) -> bool:
    return bool(((others == first) | np.isnan(others) & np.isnan(first)).all())
