"""People in a simulated building: they come by the hour, in bursts when classes change, and stay a while."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.sensors.simulate.config import Door, Room
from edge.sensors.simulate.stock import Rng

DAY_S: Final = 86_400.0
_HOUR_S: Final = 3600.0
# Share of the busiest hour that is there at each full hour, 0 to 24.
_DEMAND: Final = (
    *(0, 0, 0, 0, 0, 0, 0, 0.05, 0.3, 0.6, 0.8, 0.75, 0.5),
    *(0.7, 0.9, 1.0, 0.95, 0.7, 0.55, 0.8, 0.75, 0.4, 0, 0, 0),
)
_CLASS_CHANGE_FROM_S: Final = 50 * 60
_CLASS_CHANGE_FACTOR: Final = 3.0


def demand(day_s: float) -> float:
    """How much of the busiest hour's people want to be there at this second of the day, 0…1."""
    return float(np.interp(day_s % DAY_S / _HOUR_S, range(25), _DEMAND))


def bustle(day_s: float) -> float:
    """How much faster than usual people come and go: the last ten minutes of an hour, classes change."""
    return _CLASS_CHANGE_FACTOR if day_s % _HOUR_S >= _CLASS_CHANGE_FROM_S else 1.0


@dataclass(frozen=True, slots=True)
class Passed:
    """People through one door in one step, and how many of them the counter saw."""

    n_in: int
    n_out: int
    seen_in: int
    seen_out: int


@dataclass(slots=True)
class Building:
    """People in each room; `step` moves them through the doors. Nobody is lost and nobody is made inside."""

    rooms: Sequence[Room]
    doors: Sequence[Door]
    rng: Rng
    people: dict[str, int] = field(init=False)
    _by_id: Mapping[str, Room] = field(init=False)
    _doors_into: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._by_id = {room.id: room for room in self.rooms}
        into = [door.to for door in self.doors]
        self._doors_into = {room: into.count(room) for room in set(into)}
        self.people = dict.fromkeys(self._by_id, 0)

    def fill(self, day_s: float) -> None:
        """Put as many people into each room as are usual at this time of the day."""
        for room in self.rooms:
            self.people[room.id] = int(self.rng.poisson(self._wanted(room, day_s)))

    def step(self, day_s: float, seconds: float) -> list[Passed]:
        """Move people for so long; what passed each door."""
        return [self._pass(door, day_s, seconds) for door in self.doors]

    def _pass(self, door: Door, day_s: float, seconds: float) -> Passed:
        room = self._by_id.get(door.to)
        if room is None:
            return Passed(0, 0, 0, 0)
        share = seconds / (60 * room.stay_min) * bustle(day_s) / self._doors_into[door.to]
        wanted = self._wanted(room, day_s)
        n_in = self._limited(door.from_, int(self.rng.poisson(wanted * share)))
        n_out = int(self.rng.binomial(self.people[room.id], min(1.0, share * (1 if wanted else 6))))
        self._move(door.from_, door.to, n_in - n_out)
        seen_in = int(self.rng.binomial(n_in, 1 - door.missed_in))
        return Passed(n_in, n_out, seen_in, int(self.rng.binomial(n_out, 1 - door.missed_out)))

    def _wanted(self, room: Room, day_s: float) -> float:
        return room.capacity * room.busy * demand(day_s)

    def _limited(self, room: str, count: int) -> int:
        return min(count, self.people[room]) if room in self.people else count

    def _move(self, start: str, end: str, count: int) -> None:
        if start in self.people:
            self.people[start] -= count
        self.people[end] += count
