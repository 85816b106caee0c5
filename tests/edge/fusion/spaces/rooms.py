"""Small buildings and their readings, as the tests of spaces want them."""

from collections.abc import Iterable

from edge.columns import from_readings
from edge.fusion.spaces import Building, DoorModel, SpaceModel
from edge.fusion.window import Window, whole
from edge.types import DoorCount, Reading, RoomSample

MINUTE_NS = 60_000_000_000
START_NS = 1_772_380_800_000_000_000  # midnight in Shanghai, a Monday


def one_room(**keys: object) -> Building:
    space = {"id": "room", "capacity": 30, "area_m2": 60.0, "height_m": 3.0} | keys
    return Building(
        spaces=(SpaceModel(**space),),  # type: ignore[arg-type]
        doors=(DoorModel("door", "outside", "room", "door"),),
        space_of_source={"co2": "room", "pir": "room", "heads": "room", "wlan": "room"},
        timezone="Asia/Shanghai",
    )


def at(minute: float) -> int:
    return START_NS + round(minute * MINUTE_NS)


def door(minute: float, n_in: int, n_out: int, source: str = "door") -> DoorCount:
    return DoorCount(at(minute), source, n_in, n_out)


def room(minute: float, quantity: str, value: float, source: str) -> RoomSample:
    return RoomSample(at(minute), source, quantity, value)


def window_of(readings: Iterable[Reading]) -> Window:
    return whole(from_readings(readings))
