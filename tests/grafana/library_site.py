"""The library of the day that the boards are tried on: its rooms, and the site file that says so."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

BOARDS = ("s-0", "s-1", "s-2")


@dataclass(frozen=True, slots=True)
class Room:
    """A space of the scene; `people` is how many are there in the calm hours."""

    id: str
    kind: str
    zone: str
    capacity: int
    people: int
    area_m2: float
    sound_dba: float
    seats: int = 0


ROOMS = (
    Room("hall", "cultural", "voiced", 150, 30, 420.0, 46.0),
    Room("reading", "learning", "quiet", 120, 40, 360.0, 36.0, seats=110),
    Room("makers", "creative", "voiced", 24, 8, 120.0, 50.0, seats=20),
    Room("group-1", "academic", "collaborative", 8, 3, 90.0, 44.0, seats=8),
    Room("group-2", "academic", "collaborative", 8, 0, 40.0, 34.0, seats=8),
)
DOORS = {"door-main": ("outside", "hall")} | {f"door-{r.id}": ("hall", r.id) for r in ROOMS[1:]}
FULL, NEAR, STUFFY, LOUD, UNUSED = "group-1", "makers", "makers", "reading", "group-2"
SILENT = "temp-hall"
GATE = "gate-1"
INSIDE, OUTSIDE = 1, 2
FEEDBACK = "panel-reading"
ANNEX = """schema = 1
[site]
id = "annex"
timezone = "Asia/Shanghai"
[[space]]
id = "annex"
kind = "learning"
zone = "quiet"
capacity = 30
open = ["mon-sun 00:00-24:00"]
[[door]]
id = "door-annex"
from = "outside"
to = "annex"
source = "door-annex"
[[source]]
id = "door-annex"
driver = "replay"
[[source]]
id = "co2-annex"
driver = "replay"
space = "annex"
"""


def site_toml() -> str:
    """The site file; its sources are silent, since a recording speaks for them."""
    parts = ['schema = 1\n[site]\nid = "main"\ntimezone = "Asia/Shanghai"\n']
    for room in ROOMS:
        seats = f"seats = {room.seats}\n" if room.seats else ""
        parts.append(
            f'[[space]]\nid = "{room.id}"\nkind = "{room.kind}"\nzone = "{room.zone}"\n'
            f"capacity = {room.capacity}\n{seats}area_m2 = {room.area_m2}\nheight_m = 3.2\n"
            'open = ["mon-sun 00:00-24:00"]\n'
        )
    parts += [
        f'[[door]]\nid = "{id_}"\nfrom = "{a}"\nto = "{b}"\nsource = "{id_}"\n'
        for id_, (a, b) in DOORS.items()
    ]
    for n, board in enumerate(BOARDS):
        following = f'next = "{BOARDS[n + 1]}"\n' if n + 1 < len(BOARDS) else ""
        parts.append(
            f'[[shelf]]\nid = "{board}"\nspace = "reading"\nlength_m = 0.9\nscheme = "clc"\n{following}'
        )
    parts += [_silent_source(id_, space) for id_, space in _sources()]
    return "".join(parts)


def replayed(recording: str, speed: float) -> str:
    """One source more, which plays what all others said."""
    options = f"[source.options]\nrecordings = {json.dumps([recording])}\nspeed = {speed}\n"
    return f'[[source]]\nid = "archive"\ndriver = "replay"\n{options}'


def _sources() -> Iterator[tuple[str, str | None]]:
    yield from ((door, None) for door in DOORS)
    for room in ROOMS:
        yield from ((f"{what}-{room.id}", room.id) for what in ("co2", "mic", "staff"))
    yield from (
        (SILENT, "hall"),
        (f"pir-{UNUSED}", UNUSED),
        (FEEDBACK, "reading"),
        ("cart-1", None),
        (GATE, "hall"),
    )


def _silent_source(id_: str, space: str | None) -> str:
    where = f'space = "{space}"\n' if space else ""
    return f'[[source]]\nid = "{id_}"\ndriver = "replay"\n{where}'
