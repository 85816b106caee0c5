"""What came later tells what was before: the balance filter's tape, read backwards.

The kernels that move the filter on write what they did to x and P on a `Tape`; `mark` puts down what was
known of each space's people at the end of a step. `look_back` goes through it from the end with the adjoint
of the filter, λ and Λ of each block (Bierman 1973: the modified Bryson-Frazier smoother of a fixed interval;
every measurement is a scalar, so nothing is inverted): given all readings, the people of a step have mean
x − Pλ and covariance P − PΛP. Through a correction x += PH·a, P −= PH·PH'·b, a step F or a cut they go as

    λ ← λ − H(a + b·PH'λ)     Λ ← AΛA' + H·H'·b, A = I − b·H·PH'
    λ ← F'λ                   Λ ← F'ΛF

Noise that was added to P changes neither. `_tape.pxd` draws the records.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

F64 = NDArray[np.float64]
Index = NDArray[np.intp]

BREATHED, PASSED, CORRECTED, CUT, MARKED = range(5)
TAIL: Final = 3
CORRECTED_HEAD: Final = 8
MARKED_HEAD: Final = 4
_CORRECTIONS: Final = 11
"""Of a space in a step: more than there are kinds of evidence, and twice the floor of nobody."""


@dataclass(slots=True, eq=False)
class Tape:
    """Room for what a filter does in some steps; `used` (1,) says how much of `cells` is written."""

    cells: F64
    used: Index = field(default_factory=lambda: np.zeros(1, np.intp))

    @classmethod
    def of(cls, n_cells: int) -> "Tape":
        """An empty tape."""
        return cls(np.empty(n_cells))

    @property
    def written(self) -> int:
        """How many cells are used."""
        return int(self.used[0])

    @property
    def left(self) -> int:
        """How many cells are free."""
        return len(self.cells) - self.written

    def make_room(self, n_cells: int) -> None:
        """Let so many cells be free; what is written stays."""
        if self.left < n_cells:
            cells = np.empty(2 * self.written + n_cells)
            cells[: self.written] = self.cells[: self.written]
            self.cells = cells

    def write(self, kind: int, block: int, payload: Sequence[float]) -> None:
        """Put a record down, if this is a tape at all: for twins, and what is done outside of the kernels."""
        if len(self.cells):
            record = (*payload, kind, block, len(payload))
            start = int(self.used[0])
            self.cells[start : start + len(record)] = record
            self.used[0] += len(record)


OFF: Final = Tape(np.empty(0))
"""Nothing is written on it."""


def most_a_step(n_spaces: int, n_ends: int, n_states: int) -> int:
    """The cells that a step may take."""
    long = CORRECTED_HEAD + TAIL + n_states
    return n_spaces * (_CORRECTIONS + 1) * long + n_ends * (CORRECTED_HEAD + TAIL)


def mark(tape: Tape, x: F64, P: F64, where: Index, sizes: Index, step: int) -> None:
    """Put down what is known of every space's people at the end of a step.

    where: (n_spaces, 2), block and place; sizes: of the blocks, in states (`edge.ext.occupancy.Filter`).
    Raises ValueError where there is no room for it, or a size is wrong.
    """
    if tape.left < len(where) * (MARKED_HEAD + TAIL + x.shape[1]):
        raise ValueError("tape: no room left")
    if sizes.shape != (len(x),) or int(sizes.max(initial=0)) > x.shape[1]:
        raise ValueError("sizes: expected the states of each block")
    kernel: Callable[..., None] = load("settled").mark
    kernel(x, P, where, sizes, tape.cells, tape.used, step)


def look_back(tape: Tape, lam: F64, Lam: F64, people: F64) -> None:
    """Go through a tape from its end; λ (blocks, states) and Λ (blocks, states, states) change in place.

    people: (n_steps, n_spaces, 2) gets mean and variance where they were marked. At the very end λ and Λ
    are 0.
    Raises ValueError where shapes are wrong.
    """
    if lam.ndim != 2 or Lam.shape != (*lam.shape, lam.shape[1]) or people.ndim != 3 or people.shape[2] != 2:
        raise ValueError(
            "expected λ (blocks, states), Λ (blocks, states, states) and people (steps, spaces, 2)"
        )
    if not all(a.dtype == np.float64 and a.flags.c_contiguous for a in (lam, Lam, people)):
        raise ValueError("λ, Λ and people: expected contiguous float64")
    kernel: Callable[..., int] = load("settled").look_back
    if kernel(tape.cells, int(tape.used[0]), lam, Lam, people) != 0:
        raise ValueError("tape: a record is of another filter, or of more steps")
