"""People in a building of our own: who passes which door when, as the simulated week's README describes them.

A hall with two doors to the outside; a reading room with two doors, a research room and a maker space off
the hall; two study rooms off the research room. Visitors come in groups, more of them after each class, stay
for a lognormal time, take breaks and change rooms; staff are there all day; nobody stays overnight.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.fusion.spaces import Building, DoorModel, SpaceModel

OPENS_H, CLOSES_H, DAYS = 8, 22, 7
DAY_S: Final = 86_400.0
HALL, READING, RESEARCH, MAKER, STUDY_A, STUDY_B = range(6)
OUTSIDE: Final = -1
_HOURS: Final = (f"mon-sun {OPENS_H:02d}:00-{CLOSES_H}:00",)
_NAMES: Final = ("hall", "reading", "research", "maker", "study-a", "study-b")
_WAYS: Final = {  # room: the doors to it, and the room that it is entered from
    HALL: ((0, 1), OUTSIDE),
    READING: ((2, 3), HALL),
    RESEARCH: ((4,), HALL),
    MAKER: ((5,), HALL),
    STUDY_A: ((6,), RESEARCH),
    STUDY_B: ((7,), RESEARCH),
}
_DOORS: Final = ("main", "side", "reading-a", "reading-b", "research", "maker", "study-a", "study-b")
_FIRST_DOOR: Final = 0.72  # of those who pass where there are two
_CLASS_H: Final = 1.25
_WEEKDAY: Final = (1.0, 1.05, 1.1, 1.0, 1.0, 0.5, 0.55)
_SHARES: Final = (0.42, 0.30, 0.17, 0.08, 0.015, 0.015)
_STAY_MIN: Final = (14.0, 85.0, 95.0, 70.0, 100.0, 100.0)
_BREAK: Final = 0.35
_STAFF: Final = (2, 1, 1, 1, 0, 0)

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Crossings:
    """Who passed a door, in order of time: seconds from the start, the door, and whether in; (n,) each."""

    t_s: np.ndarray
    door: np.ndarray
    is_in: np.ndarray


def building(rng: Rng) -> Building:
    """Rooms of other sizes each time; the maker space and both study rooms are the smaller ones."""
    capacity = [int(rng.integers(low, high)) for low, high in ((120, 200), (80, 150), (45, 80), (25, 50))]
    capacity += [8, 8]
    area = [c * float(rng.uniform(2.7, 4.0)) for c in capacity]
    height = [5.0, 3.6, 3.2, 3.4, 2.8, 2.8]
    seats = [None, *capacity[1:]]
    spaces = tuple(
        SpaceModel(name, c, _HOURS, seats=s, area_m2=a, height_m=h)
        for name, c, s, a, h in zip(_NAMES, capacity, seats, area, height, strict=True)
    )
    doors = tuple(
        DoorModel(_DOORS[d], _NAMES[origin] if origin >= 0 else "outside", _NAMES[room], f"door-{_DOORS[d]}")
        for room, (own, origin) in _WAYS.items()
        for d in own
    )
    sensors = {f"{kind}-{name}": name for name in _NAMES for kind in ("co2", "sound", "presence", "wifi")}
    return Building(spaces, doors, sensors | {f"seat-{n:02d}": "reading" for n in range(24)}, "Asia/Shanghai")


def crossings(where: Building, rng: Rng) -> Crossings:
    """All who pass a door within the week; so many come that a full day fills the reading room."""
    rows: list[tuple[float, int, bool]] = []
    reading, stay_h = where.spaces[READING].capacity, _STAY_MIN[READING] / 60 * 1.25
    visits = float(rng.uniform(0.85, 1.1)) * reading / stay_h * (CLOSES_H - OPENS_H) * 0.43 / _SHARES[READING]
    for day in range(DAYS):
        midnight_s = day * DAY_S
        _staff(rows, midnight_s, rng)
        n_groups = rng.poisson(visits * _WEEKDAY[day] / 1.35)
        for come_h in _arrivals(n_groups, rng):
            _group(rows, midnight_s, come_h, rng)
    rows.sort()
    t_s, door, is_in = zip(*rows, strict=True)
    return Crossings(np.array(t_s), np.array(door, np.intp), np.array(is_in, bool))


def _arrivals(n: int, rng: Rng) -> list[float]:
    """Hours of the day: evenly, with less at both ends, and two fifths of all just after a class."""
    even = OPENS_H + (CLOSES_H - OPENS_H - 1.0) * rng.beta(1.4, 1.5, n)
    classes = np.arange(OPENS_H + 0.8, CLOSES_H - 2, _CLASS_H)
    after = rng.choice(classes, n) + rng.exponential(0.08, n)
    found: list[float] = np.where(rng.random(n) < 0.4, after, even).tolist()
    return found


def _group(rows: list[tuple[float, int, bool]], midnight_s: float, h: float, rng: Rng) -> None:
    """One to three who come, stay and go together, a second or so apart at each door."""
    size = int(rng.choice((1, 2, 3), p=(0.73, 0.19, 0.08)))
    t_s, end_s = midnight_s + h * 3600, midnight_s + (CLOSES_H - 0.02) * 3600
    room, leave = _room(rng), end_s + float(rng.uniform(-900, 900))
    path = _path(t_s, room, leave, rng)
    for member in range(size):
        at = float(rng.exponential(1.2)) * member
        rows.extend((t + at, door, is_in) for t, door, is_in in path)


def _room(rng: Rng) -> int:
    return int(rng.choice(6, p=_SHARES))


def _path(t_s: float, room: int, leave_s: float, rng: Rng) -> list[tuple[float, int, bool]]:
    """Through the hall to a room, with breaks outside of it, to another now and then, and out."""
    path = [(t_s, _door(HALL, rng), True)]
    now = t_s + float(rng.exponential(120)) + 15
    while room != HALL and now < leave_s - 600:
        stay = _STAY_MIN[room] * 60 * float(rng.lognormal(0.0, 0.6))
        until = min(now + stay, leave_s - 60)
        now = _visit(path, room, now, until, rng)
        if rng.random() < _BREAK:
            now += float(rng.exponential(480)) + 30
        elif rng.random() < 0.15:
            room, now = _room(rng), now + 60
        else:
            break
    if room == HALL:
        now += _STAY_MIN[HALL] * 60 * float(rng.lognormal(0.0, 0.7))
    gone = min(now + float(rng.exponential(90)) + 15, leave_s)
    path.append((max(gone, path[-1][0] + 10), _door(HALL, rng), False))
    return path


def _visit(path: list[tuple[float, int, bool]], room: int, come_s: float, until_s: float, rng: Rng) -> float:
    """Into a room and out again, through the one before it; when he is back in the hall."""
    through = [room] if _WAYS[room][1] == HALL else [_WAYS[room][1], room]
    for n, one in enumerate(through):
        path.append((come_s + 20.0 * n, _door(one, rng), True))
    until_s = max(until_s, come_s + 90.0)
    for n, one in enumerate(reversed(through)):
        path.append((until_s + 20.0 * n, _door(one, rng), False))
    return until_s + 20.0 * len(through)


def _door(room: int, rng: Rng) -> int:
    own = _WAYS[room][0]
    return own[0] if len(own) == 1 or rng.random() < _FIRST_DOOR else own[1]


def _staff(rows: list[tuple[float, int, bool]], midnight_s: float, rng: Rng) -> None:
    for room, n in enumerate(_STAFF):
        for _ in range(n):
            come = midnight_s + (OPENS_H - 0.3) * 3600 + float(rng.normal(0, 300))
            go = midnight_s + (CLOSES_H + 0.1) * 3600 + float(rng.normal(0, 120))
            rows.append((come, _door(HALL, rng), True))
            if room != HALL:
                _visit(rows, room, come + 60, go - 60, rng)
            rows.append((go + 60, _door(HALL, rng), False))


def people(found: Crossings, where: Building, every_s: float) -> np.ndarray:
    """People in every space at each whole `every_s` of the week: (n_times, n_spaces)."""
    ends = np.arange(1, int(DAYS * DAY_S / every_s) + 1) * every_s
    table = np.zeros((len(ends), len(where.spaces)))
    place = {space.id: s for s, space in enumerate(where.spaces)}
    for d, door in enumerate(where.doors):
        own = found.door == d
        for way, sign in ((True, 1.0), (False, -1.0)):
            moved = sign * np.searchsorted(found.t_s[own & (found.is_in == way)], ends, "right")
            table[:, place[door.target]] += moved
            if door.origin in place:
                table[:, place[door.origin]] -= moved
    return table
