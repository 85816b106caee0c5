"""A building second by second: people through doors and in rooms, and what its sensors say of them."""

from typing import Final

import numpy as np

from edge.columns import Readings, door_columns, room_columns
from edge.sensors.simulate.config import Options
from edge.sensors.simulate.people import Building
from edge.sensors.simulate.rooms import RoomModel
from edge.sensors.simulate.stock import Rng
from edge.types import DoorCount, RoomSample

DOOR_EVERY_S: Final = 5
DOOR_IDLE_S: Final = 60
SECOND_NS: Final = 1_000_000_000


class BuildingModel:
    """Doors and rooms; ask it for one second after the other."""

    def __init__(self, options: Options, rng: Rng) -> None:
        hours, minutes = map(int, options.starts_at.split(":"))
        self._first_day_s = 3600 * hours + 60 * minutes
        self.building = Building(options.room, options.door, rng)
        self.building.fill(self._first_day_s)
        self._rooms = [RoomModel(room, rng) for room in options.room]
        for model in self._rooms:
            model.settle(self.building.people[model.room.id])
        self._counted = np.zeros((len(options.door), 2), np.int64)
        self._told_s = np.zeros(len(options.door), np.int64)

    @property
    def people(self) -> dict[str, int]:
        """How many there are in each room now: the truth."""
        return dict(self.building.people)

    def step(self, second: int, start_ns: int) -> Readings:
        """Readings of the second that begins `second` s after `start_ns`."""
        t_ns = start_ns + (second + 1) * SECOND_NS
        for n, passed in enumerate(self.building.step(self._first_day_s + second, 1.0)):
            self._counted[n] += (passed.seen_in, passed.seen_out)
        samples: list[RoomSample] = []
        for model in self._rooms:
            people = self.building.people[model.room.id]
            model.step(people, 1.0)
            samples.extend(model.samples(second, people, t_ns))
        counts = [] if (second + 1) % DOOR_EVERY_S else self._door_counts(second + 1, t_ns)
        return Readings(doors=door_columns(counts), rooms=room_columns(samples))

    def _door_counts(self, second: int, t_ns: int) -> list[DoorCount]:
        told = []
        for n, door in enumerate(self.building.doors):
            n_in, n_out = (int(count) for count in self._counted[n])
            if n_in or n_out or second - self._told_s[n] >= DOOR_IDLE_S:
                told.append(DoorCount(t_ns, door.source, n_in, n_out))
                self._counted[n], self._told_s[n] = 0, second
        return told
