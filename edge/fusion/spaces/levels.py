"""Limits with hysteresis: how full a space is. A level is left only well below where it was entered."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from edge.events import SpaceCapacityChanged
from edge.fusion.spaces.estimator import Estimates, SpaceEstimate

Level = Literal["ok", "near", "full", "over"]

_ENTER: Final[tuple[tuple[Level, float], ...]] = (("over", 1.1), ("full", 1.0), ("near", 0.8))
_ORDER: Final[tuple[Level, ...]] = ("ok", "near", "full", "over")
_LEAST: Final = 0.75  # of the capacity: below the lowest limit
_LEAVE_BELOW: Final = 0.05  # of the capacity, under the limit that was crossed


@dataclass(slots=True)
class Fullness:
    """The level of each space; only changes are told."""

    capacity: Mapping[str, int]
    level: dict[str, Level] = field(default_factory=dict)

    def look(self, spaces: tuple[str, ...], e: Estimates) -> Iterator[SpaceCapacityChanged]:
        """What a step changes; only spaces near a limit, or beyond one before, are looked at."""
        for space, people in zip(spaces, e.numbers[:, 0].tolist(), strict=True):
            if people >= _LEAST * self.capacity[space] or self.level.get(space, "ok") != "ok":
                yield from self._look(space, e.t_ns, people)

    def step(self, estimates: Iterable[SpaceEstimate]) -> Iterator[SpaceCapacityChanged]:
        """What the estimates change."""
        for estimate in estimates:
            yield from self._look(estimate.space, estimate.t_ns, estimate.people)

    def _look(self, space: str, t_ns: int, people: float) -> Iterator[SpaceCapacityChanged]:
        before = self.level.get(space, "ok")
        now = _level(people / self.capacity[space], before)
        if now != before:
            self.level[space] = now
            yield SpaceCapacityChanged(t_ns, space, now, round(people, 1), self.capacity[space])


def _level(share: float, before: Level) -> Level:
    """The highest level whose limit is reached, or that is not yet left."""
    for level, limit in _ENTER:
        held = _ORDER.index(before) >= _ORDER.index(level)
        if share >= limit - (_LEAVE_BELOW if held else 0.0):
            return level
    return "ok"
