"""Spaces and the doors between them: what fusion must know of a building to count people in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from edge.fusion.spaces.hours import LocalTime

OUTSIDE: Final = "outside"
HEAD_COUNT: Final = "headcount-"
"""With a space's id: the source that staff's head counts of it are kept under."""
_M3_PER_PLACE: Final = 8.0  # where the size is not known: a small room's air, and some for each place
_M3_SMALL_ROOM: Final = 40.0
_USUAL_HEIGHT_M: Final = 3.0


@dataclass(frozen=True, slots=True)
class SpaceModel:
    """A space as the site file has it; None means not known."""

    id: str
    capacity: int
    open: tuple[str, ...] = ("mon-sun 00:00-24:00",)
    kind: str = "learning"
    zone: str = "quiet"
    seats: int | None = None
    area_m2: float | None = None
    height_m: float | None = None

    @property
    def volume_m3(self) -> float:
        if self.area_m2 is None:
            return _M3_SMALL_ROOM + _M3_PER_PLACE * self.capacity
        return self.area_m2 * (self.height_m or _USUAL_HEIGHT_M)


@dataclass(frozen=True, slots=True)
class DoorModel:
    """A counted passage: `in` goes from `origin` to `target`."""

    id: str
    origin: str
    target: str
    source: str


@dataclass(frozen=True, slots=True)
class Building:
    """All spaces and doors, which space a source senses, and the time zone that the hours are in."""

    spaces: tuple[SpaceModel, ...]
    doors: tuple[DoorModel, ...] = ()
    space_of_source: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "UTC"

    @property
    def by_door(self) -> tuple[bool, ...]:
        """Of each space, whether a door leads to it."""
        reached = {side for door in self.doors for side in (door.origin, door.target)}
        return tuple(space.id in reached for space in self.spaces)

    def local(self, t_ns: int) -> LocalTime:
        """A moment by the site's clock."""
        return LocalTime.at(t_ns, ZoneInfo(self.timezone))


def groups(building: Building, most: int) -> list[list[int]]:
    """The spaces in groups of at most `most` neighbours, by place in `building.spaces`.

    A group grows from its first space along the doors, the best connected space first.
    """
    neighbours = _neighbours(building)
    left = set(range(len(building.spaces)))
    found: list[list[int]] = []
    for first in sorted(left, key=lambda s: (-len(neighbours[s]), s)):
        if first not in left:
            continue
        group = [first]
        left.remove(first)
        for space in group:
            for other in sorted(neighbours[space] & left, key=lambda s: (-len(neighbours[s]), s)):
                if len(group) < most:
                    group.append(other)
                    left.remove(other)
        found.append(group)
    return found


def _neighbours(building: Building) -> list[set[int]]:
    place = {space.id: n for n, space in enumerate(building.spaces)}
    found: list[set[int]] = [set() for _ in building.spaces]
    for door in building.doors:
        if door.origin in place and door.target in place:
            found[place[door.origin]].add(place[door.target])
            found[place[door.target]].add(place[door.origin])
    return found
