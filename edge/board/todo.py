"""What needs doing now, in walking order: urgent first, then from the entrance, board by board."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from edge.board.document import Object, ms, rounded
from edge.board.rooms import Rooms
from edge.board.sensors import OK, Sensors
from edge.board.shelves import Shelves, belongs
from edge.config import Site
from edge.events import ItemMisplaced

_URGENT: Final = 0
_WALK: Final = 1
_LAST: Final = 1 << 30

Key = tuple[int, int, int, float, str]


@dataclass(frozen=True, slots=True)
class Walk:
    """Places in walking order: spaces as one gets to them through the doors, boards along their `next`."""

    spaces: Mapping[str, int]
    shelves: Mapping[str, int]
    space_of: Mapping[str, str]

    def key(self, urgency: int, space: str | None, shelf: str | None, x_m: float, name: str) -> Key:
        place = self.spaces.get(space or self.space_of.get(shelf or "", ""), _LAST)
        return urgency, place, self.shelves.get(shelf or "", _LAST), x_m, name


def walk(site: Site, spaces: list[str]) -> Walk:
    """The way through the site; `spaces` in the order in which one gets to them."""
    following = {shelf.id: shelf.next for shelf in site.shelves}
    heads = [shelf.id for shelf in site.shelves if shelf.id not in set(following.values())]
    order: dict[str, int] = {}
    for head in [*heads, *following]:
        shelf: str | None = head
        while shelf is not None and shelf not in order:
            order[shelf] = len(order)
            shelf = following.get(shelf)
    return Walk(
        {space: n for n, space in enumerate(spaces)}, order, {shelf.id: shelf.space for shelf in site.shelves}
    )


def todo(way: Walk, rooms: Rooms, shelves: Shelves, sensors: Sensors) -> list[Object]:
    """All tasks in walking order."""
    tasks = [*_room_tasks(way, rooms), *_sensor_tasks(way, sensors), *_shelf_tasks(way, shelves)]
    return [task for _, task in sorted(tasks, key=lambda pair: pair[0])]


def _room_tasks(way: Walk, rooms: Rooms) -> Iterator[tuple[Key, Object]]:
    for space, room in rooms.rooms.items():
        if room.band in ("near", "full", "over") and room.occupied is not None:
            yield (
                way.key(_URGENT, space, None, 0.0, "a"),
                {
                    "kind": f"room-{room.band}",
                    "space": space,
                    "people": rounded(room.occupied.people, 0),
                    "capacity": room.space.capacity,
                    "as_of": ms(room.occupied.t_ns),
                },
            )
        if room.noise is not None and room.noise.level == "too-loud":
            yield (
                way.key(_URGENT, space, None, 0.0, "b"),
                {
                    "kind": "room-loud",
                    "space": space,
                    "sound_dba": rounded(room.noise.sound_dba, 1),
                    "limit_dba": rounded(room.noise.limit_dba, 1),
                    "as_of": ms(room.noise.t_ns),
                },
            )


def _sensor_tasks(way: Walk, sensors: Sensors) -> Iterator[tuple[Key, Object]]:
    for source, sensor in sensors.sensors.items():
        if sensor.health is not None and sensor.health.state != OK:
            yield (
                way.key(_URGENT, sensor.source.space, None, 0.0, source),
                {
                    "kind": f"sensor-{sensor.health.state}",
                    "space": sensor.source.space,
                    "source": source,
                    "as_of": ms(sensor.health.t_ns),
                },
            )


def _shelf_tasks(way: Walk, shelves: Shelves) -> Iterator[tuple[Key, Object]]:
    found = shelves.findings
    for misplaced in found.misplaced.values():
        yield (
            way.key(_WALK, None, misplaced.shelf, misplaced.x_m, misplaced.epc),
            _misplaced(shelves, misplaced),
        )
    for wrong in found.wrong_status.values():
        yield (
            way.key(_WALK, None, wrong.shelf, 0.0, wrong.epc),
            {"kind": "wrong-status", "shelf": wrong.shelf, "status": wrong.status, "as_of": ms(wrong.t_ns)}
            | shelves.label(wrong.barcode),
        )
    for back in found.found.values():
        yield (
            way.key(_WALK, None, back.shelf, back.x_m or 0.0, back.epc),
            {"kind": "found", "shelf": back.shelf, "x_m": rounded(back.x_m, 3), "as_of": ms(back.t_ns)}
            | shelves.label(back.barcode),
        )
    for unknown in found.unknown.values():
        yield (
            way.key(_WALK, None, unknown.shelf, unknown.x_m or 0.0, unknown.epc),
            {
                "kind": "unknown-tag",
                "shelf": unknown.shelf,
                "x_m": rounded(unknown.x_m, 3),
                "epc": unknown.epc,
                "as_of": ms(unknown.t_ns),
            },
        )
    for missing in found.missing.values():
        yield (
            way.key(_WALK, None, missing.expected_shelf, float(_LAST), missing.barcode),
            {
                "kind": "missing",
                "shelf": missing.expected_shelf,
                "confidence": rounded(missing.confidence, 2),
                "as_of": ms(missing.t_ns),
            }
            | shelves.label(missing.barcode),
        )


def _misplaced(shelves: Shelves, record: ItemMisplaced) -> Object:
    return {
        "kind": "misplaced",
        "shelf": record.shelf,
        "x_m": rounded(record.x_m, 3),
        "confidence": rounded(record.confidence, 2),
        "belongs": belongs(shelves, record),
        "as_of": ms(record.t_ns),
    } | shelves.label(record.barcode)
