"""The filter's state by space, and the few ways in which it is touched from outside its kernel."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from edge.columns import F64, Index
from edge.ext import occupancy
from edge.ext.occupancy import Filter, Known
from edge.ext.settled import CUT, Tape
from edge.fusion.spaces.layout import Layout


@dataclass(slots=True)
class FilterState:
    """The filter, and where each space is in it."""

    where: Layout
    filter: Filter
    own_cells: Index = field(init=False)
    """The cells of P, as if in one row, for which blocks have states; all others are 0."""

    def __post_init__(self) -> None:
        own = np.arange(self.x.shape[1]) < self.filter.sizes[:, None]
        self.own_cells = np.flatnonzero(own[:, :, None] & own[:, None, :])

    @property
    def x(self) -> F64:
        return self.filter.x

    @property
    def P(self) -> F64:  # noqa: N802
        return self.filter.P

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
        self.filter.tape.write(CUT, int(b), (float(k),))
        self.x[b, k] = mean
        self.P[b, k, :] = 0.0
        self.P[b, :, k] = 0.0
        self.P[b, k, k] = variance

    def wind(self, tape: Tape) -> None:
        """Put down on that tape what is done from now on."""
        if self.filter.tape is not tape:
            self.filter = replace(self.filter, tape=tape)

    def take_over(self, blocks: Index, other: "FilterState") -> None:
        """Go on with other blocks in the place of some, which have another past."""
        for b in blocks.tolist():
            for k in range(self.x.shape[1]):
                self.filter.tape.write(CUT, b, (float(k),))
        self.x[blocks], self.P[blocks] = other.x, other.P

    def advance(
        self,
        heard: F64,
        spaces: F64,
        moved: F64,
        options: Mapping[str, float],
        step_h: F64,
        slow_h: F64,
        number: int = 0,
    ) -> Known:
        """Go on by some steps (`occupancy.advance`)."""
        return occupancy.advance(self.filter, spaces, heard, moved, options, step_h, slow_h, number)

    def shift(self, which: int, change: F64) -> None:
        """Add to a state's mean, by space."""
        self.x[self.where.block, self.where.at + which] += change

    def load(self, x: F64, P: F64) -> None:
        """Take up a mean and a covariance that were kept."""
        self.x[:] = x
        self.P[:] = P


def new_filter(x: F64, P: F64, drift: F64, where: Layout) -> Filter:
    """The filter of a layout, as the kernel takes it."""
    ends = np.array([(e.block, e.origin, e.target, e.missed, e.door) for e in where.ends], np.intp)
    places = np.ascontiguousarray(np.column_stack((where.block, where.at, where.gauges)).astype(np.intp))
    return Filter(x, P, drift, places, np.ascontiguousarray(ends.reshape(-1, 5)))
