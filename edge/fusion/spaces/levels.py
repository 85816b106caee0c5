"""Limits with hysteresis: how full a space is. A level is left only well below where it was entered."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from edge.events import SpaceCapacityChanged
from edge.fusion.spaces.estimator import SpaceEstimate

Level = Literal["ok", "near", "full", "over"]

_ENTER: Final[tuple[tuple[Level, float], ...]] = (("over", 1.1), ("full", 1.0), ("near", 0.8))
_ORDER: Final[tuple[Level, ...]] = ("ok", "near", "full", "over")
_LEAVE_BELOW: Final = 0.05  # of the capacity, under the limit that was crossed


@dataclass(slots=True)
class Fullness:
    """The level of each space; only changes are told."""

    capacity: Mapping[str, int]
    level: dict[str, Level] = field(default_factory=dict)

    def step(self, estimates: Iterable[SpaceEstimate]) -> Iterator[SpaceCapacityChanged]:
        """What the estimates change."""
        for estimate in estimates:
            capacity = self.capacity[estimate.space]
            before = self.level.get(estimate.space, "ok")
            now = _level(estimate.people / capacity, before)
            if now != before:
                self.level[estimate.space] = now
                yield SpaceCapacityChanged(
                    estimate.t_ns, estimate.space, now, round(estimate.people, 1), capacity
                )


def _level(share: float, before: Level) -> Level:
    """The highest level whose limit is reached, or that is not yet left."""
    for level, limit in _ENTER:
        held = _ORDER.index(before) >= _ORDER.index(level)
        if share >= limit - (_LEAVE_BELOW if held else 0.0):
            return level
    return "ok"
