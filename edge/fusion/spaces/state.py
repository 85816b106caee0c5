"""The filter's state and the few ways in which evidence touches it."""

from dataclasses import dataclass, field

import numpy as np

from edge.columns import F64, Index
from edge.ext import balance
from edge.ext.balance import NONE, Measurements
from edge.fusion.spaces.layout import Layout

_NO_GATE = 1e6


@dataclass(slots=True)
class FilterState:
    """Mean `x` (blocks, states), covariance `P`, and where each space is in them."""

    where: Layout
    x: F64
    P: F64

    def get(self, which: int, spaces: Index | slice = slice(None)) -> F64:
        """A state's mean, by space."""
        values: F64 = self.x[self.where.block[spaces], self.where.at[spaces] + which]
        return values

    def variance(self, which: int, spaces: Index | slice = slice(None)) -> F64:
        """A state's variance, by space."""
        at = self.where.at[spaces] + which
        values: F64 = self.P[self.where.block[spaces], at, at]
        return values

    def set_apart(self, space: int, which: int, mean: float, variance: float) -> None:
        """Give a state a new mean and variance, and forget what it had in common with others."""
        b, k = self.where.block[space], self.where.at[space] + which
        self.x[b, k] = mean
        self.P[b, k, :] = 0.0
        self.P[b, :, k] = 0.0
        self.P[b, k, k] = variance

    def shift(self, which: int, change: F64) -> None:
        """Add to a state's mean, by space."""
        self.x[self.where.block, self.where.at + which] += change

    def loosen(self, space: int, which: int, variance: float) -> None:
        """Add doubt to a state."""
        b, k = self.where.block[space], self.where.at[space] + which
        self.P[b, k, k] += variance

    def measure(self, rows: "Rows") -> tuple[F64, F64]:
        """Take the rows in; innovations and their variances."""
        return balance.measure(self.x, self.P, rows.measurements(self.where))


@dataclass(slots=True)
class Rows:
    """Measurements by space: value = scale · exp(gain) · state + offset, with the variance given."""

    space: list[Index] = field(default_factory=list)
    columns: list[tuple[F64, ...]] = field(default_factory=list)
    states: list[tuple[Index, ...]] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(map(len, self.space))

    def add(
        self,
        space: Index,
        state: int,
        value: F64,
        variance: F64,
        *,
        gain: int = NONE,
        offset: int = NONE,
        scale: F64 | float = 1.0,
        gate: float = _NO_GATE,
    ) -> None:
        """One row for each of `space`."""
        n = len(space)
        if not n:
            return
        self.space.append(space)
        self.states.append(tuple(np.full(n, which, np.intp) for which in (state, gain, offset)))
        self.columns.append(
            (np.broadcast_to(np.asarray(scale, np.float64), (n,)), value, variance, np.full(n, gate))
        )

    def measurements(self, where: Layout) -> Measurements:
        """The rows as the kernel takes them."""
        if not self.space:
            none, empty = np.empty(0, np.intp), np.empty(0)
            return Measurements(none, none, none, none, empty, empty, empty, empty)
        space = np.concatenate(self.space)
        at = where.at[space]
        state, gain, offset = (np.concatenate(columns) for columns in zip(*self.states, strict=True))
        numbers = [np.concatenate(columns) for columns in zip(*self.columns, strict=True)]
        return Measurements(
            where.block[space],
            at + state,
            np.where(gain >= 0, at + gain, NONE),
            np.where(offset >= 0, at + offset, NONE),
            *numbers,
        )
