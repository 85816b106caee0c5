"""Spaces: who passes, how many are inside, air, noise, bookings and use."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from edge.events.record import Record, Worth


@dataclass(frozen=True, slots=True)
class DoorFlowed(Record):
    """People through a door between `start_ns` and `t_ns`, as counted and as corrected."""

    TYPE: ClassVar[str] = "door.flow"

    start_ns: int
    door: str
    n_in: int
    n_out: int
    corrected_in: float
    corrected_out: float


@dataclass(frozen=True, slots=True)
class SpaceOccupied(Record):
    """People in a space: an estimate with its deviation; `quality` says which evidence was alive."""

    TYPE: ClassVar[str] = "space.occupancy"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    space: str
    people: float
    people_sd: float
    occupied: float
    quality: str


@dataclass(frozen=True, slots=True)
class SpaceCapacityChanged(Record):
    """A space crossed a limit of its capacity."""

    TYPE: ClassVar[str] = "space.capacity"
    WORTH: ClassVar[Worth] = Worth.ALARM

    space: str
    level: Literal["ok", "near", "full", "over"]
    people: float
    capacity: int


@dataclass(frozen=True, slots=True)
class SpaceNoiseChanged(Record):
    """A space became too loud for its zone, or quiet enough again."""

    TYPE: ClassVar[str] = "space.noise"

    space: str
    level: Literal["ok", "loud", "too-loud"]
    sound_dba: float
    limit_dba: float


@dataclass(frozen=True, slots=True)
class SpaceAirChanged(Record):
    """A space became too stuffy, or its air good enough again."""

    TYPE: ClassVar[str] = "space.air"

    space: str
    level: Literal["ok", "stuffy", "very-stuffy"]
    co2_ppm: float
    limit_ppm: float


@dataclass(frozen=True, slots=True)
class SpaceUsedAfterHours(Record):
    """Somebody was in a space for some minutes while it was closed, or is gone again."""

    TYPE: ClassVar[str] = "space.after-hours"

    space: str
    state: Literal["began", "ended"]
    people: float


@dataclass(frozen=True, slots=True)
class SpaceBookingChanged(Record):
    """A booking went on: `booking` is opaque."""

    TYPE: ClassVar[str] = "space.booking"

    space: str
    booking: str | None
    state: Literal["reserved", "arrived", "in_use", "away", "ghost", "walk_in", "released"]


@dataclass(frozen=True, slots=True)
class RoomMeasured(Record):
    """A room sensor's mean over the minute that ends at `t_ns`."""

    TYPE: ClassVar[str] = "room.measured"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    source: str
    space: str | None
    quantity: str
    value: float


@dataclass(frozen=True, slots=True)
class SpaceUsed(Record):
    """One hour of a space by the site's clock: what a heat map of the week is drawn from.

    `weekday` is 1 (Monday) to 7, `hour` 0 to 23; `open_share` of the hour the space was open, and for
    `valid_s` of it there was an estimate.
    """

    TYPE: ClassVar[str] = "space.used"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    space: str
    weekday: int
    hour: int
    people: float
    peak: float
    occupied: float
    open_share: float
    valid_s: float
