"""Limits with hysteresis: how full a space is. A level is left only well below where it was entered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from edge.columns import F64, Index
from edge.events import SpaceCapacityChanged
from edge.fusion.spaces.channels import Mask
from edge.fusion.spaces.graph import SpaceModel

Level = Literal["ok", "near", "full", "over"]

_LEVELS: Final[tuple[Level, ...]] = ("ok", "near", "full", "over")
_ENTER: Final = (0.8, 1.0, 1.1)
_LEAVE_BELOW: Final = 0.05  # of the capacity, under the limit that was crossed


def reached(
    value: F64, before: Index, limits: Sequence[F64 | float], leave: float, heard: Mask | None = None
) -> Index:
    """By step and space the highest of the ascending `limits` that is reached, or not yet left by `leave`;
    from 1 on, 0 is none. `value`: (T, n); `before`: (n,), the level before; it stays where none is `heard`.
    """
    up, stay = np.zeros(value.shape, np.intp), np.zeros(value.shape, np.intp)
    for limit in limits:
        up += value >= limit
        stay += value >= limit - leave
    if heard is not None:
        up[~heard], stay[~heard] = 0, len(limits)
    return _follow(before, up, stay)


def _follow(before: Index, up: Index, stay: Index) -> Index:
    """Levels by step that are at least `up` and at most `stay`, and else what they were: (T, n)."""
    if (up <= before).all() and (stay >= before).all():
        return np.broadcast_to(before, up.shape)
    found = np.empty_like(up)
    for t in range(len(up)):
        before = np.minimum(np.maximum(before, up[t]), stay[t], out=found[t])
    return found


def changes(before: Index, levels: Index) -> Iterator[tuple[int, int]]:
    """The steps and spaces, in this order, in which a level is another than in the step before."""
    changed = np.empty(levels.shape, bool)
    changed[:1] = levels[:1] != before
    changed[1:] = levels[1:] != levels[:-1]
    yield from map(tuple, np.argwhere(changed).tolist())


@dataclass(slots=True)
class Fullness:
    """The level of each space, as its place in the order of levels; only changes are told."""

    spaces: Sequence[SpaceModel]
    level: Index = field(init=False)
    _capacity: F64 = field(init=False)
    _enter: list[F64] = field(init=False)

    def __post_init__(self) -> None:
        self.level = np.zeros(len(self.spaces), np.intp)
        self._capacity = np.array([space.capacity for space in self.spaces], np.float64)
        # people are whole: so many are there where the number is nearer to that than to one less
        self._enter = [(np.ceil(share * self._capacity - 1e-9) - 0.5) / self._capacity for share in _ENTER]

    def look(self, t_ns: Sequence[int], people: F64) -> list[SpaceCapacityChanged]:
        """What steps change; `people` by step and space."""
        levels = reached(people / self._capacity, self.level, self._enter, _LEAVE_BELOW)
        told = [self._change(t_ns[t], s, levels[t, s], people[t, s]) for t, s in changes(self.level, levels)]
        self.level = levels[-1].copy()
        return told

    def _change(self, t_ns: int, s: int, level: int, people: float) -> SpaceCapacityChanged:
        space = self.spaces[s]
        return SpaceCapacityChanged(t_ns, space.id, _LEVELS[level], round(float(people), 1), space.capacity)
