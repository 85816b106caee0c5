"""A door on trial: the filter of the few blocks that it leads to, with the door taken the other way round.

No other block is touched by the door, so none need be followed twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from edge.columns import F64, Index
from edge.ext.occupancy import Filter
from edge.fusion.spaces.state import FilterState


@dataclass(slots=True)
class Shadow:
    """`blocks` and `spaces`: which of the building's are in `state`; `heard`: what levels say there."""

    door: int
    blocks: Index
    spaces: Index
    state: FilterState
    heard: F64
    _as_is: FilterState

    @classmethod
    def of(cls, door: int, whole: FilterState, heard: F64) -> "Shadow":
        """As the whole filter is now."""
        ends = whole.filter.ends
        blocks = np.unique(ends[ends[:, 4] == door, 0])
        spaces = np.flatnonzero(np.isin(whole.where.block, blocks))
        parts = (_part(whole, blocks, spaces) for _ in range(2))
        return cls(door, blocks, spaces, next(parts), heard[spaces], next(parts))

    @property
    def x(self) -> F64:
        return self.state.x

    @property
    def P(self) -> F64:  # noqa: N802
        return self.state.P

    def step(
        self,
        whole: FilterState,
        heard: F64,
        spaces: F64,
        moved: F64,
        o: Mapping[str, float],
        step_h: F64,
        slow_h: F64,
    ) -> float:
        """Go on by steps that `whole` has yet to take; the log-likelihood by which the door turned round
        fits better. `heard` and `spaces` are of all spaces, and the rest as for `occupancy.advance`."""
        turned = moved.copy()
        turned[:, self.door, :2] = moved[:, self.door, 1::-1]
        own = np.take(spaces, self.spaces, axis=1)
        self._as_is.load(whole.x[self.blocks], whole.P[self.blocks])
        as_is = self._as_is.advance(heard[self.spaces], own.copy(), moved, o, step_h, slow_h)
        return self.state.advance(self.heard, own, turned, o, step_h, slow_h).fit - as_is.fit

    def set_apart(self, space: int, which: int, mean: float, variance: float) -> None:
        """As `FilterState.set_apart`, for any space of the building; not where the door does not lead."""
        for place in np.flatnonzero(self.spaces == space).tolist():
            self.state.set_apart(place, which, mean, variance)

    def adopt(self, whole: FilterState, heard: F64) -> None:
        """Put what became of it in the place of what was taken for true."""
        whole.take_over(self.blocks, self.state)
        heard[self.spaces] = self.heard


def _part(whole: FilterState, blocks: Index, spaces: Index) -> FilterState:
    """A copy of some blocks, and of all spaces and door ends in them."""
    f, place = whole.filter, np.full(len(whole.x), -1)
    place[blocks] = np.arange(len(blocks))
    where, ends = f.where[spaces], f.ends[np.isin(f.ends[:, 0], blocks)]
    where[:, 0], ends[:, 0] = place[where[:, 0]], place[ends[:, 0]]
    layout = replace(
        whole.where,
        block=where[:, 0],
        at=where[:, 1],
        gauges=where[:, 2],
        n_spaces=whole.where.n_spaces[blocks],
        ends=(),
    )
    return FilterState(layout, Filter(f.x[blocks], f.P[blocks], f.drift[blocks], where, ends))
