"""A building of 200 spaces for a week at steps of a minute: what the estimates and the whole report take.

    python -m tests.bench.spaces_many

Twenty halls with a door to the outside, each with nine rooms behind it; a counter at every door, CO2 and
presence in every space, each minute. People are conserved; counters miss a few. The data are simulated.
"""

import time
from collections.abc import Iterator

import numpy as np

from edge.cli.spaces_document import pieces
from edge.columns import F64, DoorColumns, Index, RoomColumns
from edge.fusion.spaces import Building, DoorModel, SpaceModel
from edge.fusion.spaces.now import Now
from edge.fusion.spaces.read import read_spaces, runs
from edge.fusion.window import Window

SPACES, ROOMS = 200, 10
WEEK = 7 * 1440
_MINUTE_NS = 60_000_000_000
_START_NS = 1_772_380_800_000_000_000
_MISSED = 0.03


def building(n: int = SPACES, hours: str = "mon-sun 08:00-22:00") -> Building:
    """Halls s0, s10 … and the rooms behind each of them."""
    spaces = tuple(SpaceModel(f"s{i}", 40, (hours,), area_m2=100.0, height_m=3.0) for i in range(n))
    doors = tuple(
        DoorModel(f"d{i}", f"s{i - i % ROOMS}" if i % ROOMS else "outside", f"s{i}", f"d{i}")
        for i in range(n)
    )
    of_source = {f"{kind}{i}": f"s{i}" for i in range(n) for kind in "cp"}
    return Building(spaces, doors, of_source, "Asia/Shanghai")


def readings(minutes: int, n: int = SPACES, seed: int = 0) -> Window:
    """Of every door and sensor each minute."""
    rng = np.random.default_rng(seed)
    hall = np.arange(n) // ROOMS * ROOMS
    is_room = hall != np.arange(n)
    people, ppm = np.zeros(n), np.full(n, 420.0)
    passed, air = np.zeros((minutes, 2, n), np.int64), np.zeros((minutes, 2, n))
    for m in range(minutes):
        is_open = 8 <= m / 60 % 24 < 22
        come = np.minimum(
            rng.poisson(np.where(is_room, 0.2, 1.5) * is_open), np.where(is_room, people[hall] / 9, 9)
        )
        go = np.minimum(rng.poisson(people / (60 if is_open else 5)), people)
        come, go = np.floor(come), np.floor(go)
        people += come - go
        np.add.at(people, hall[is_room], (go - come)[is_room])
        people = np.maximum(people, 0.0)
        ppm += (420.0 - ppm) * 2.2 / 60 + people * 1.0
        passed[m] = rng.binomial(np.stack((come, go)).astype(int), 1 - _MISSED)
        air[m] = ppm + rng.normal(0, 8, n), people > 0
    return _window(passed, air, n)


def _window(passed: Index, air: F64, n: int) -> Window:
    minutes = len(passed)
    t_ns = _START_NS + np.arange(minutes) * _MINUTE_NS + _MINUTE_NS // 2
    doors = DoorColumns(
        np.repeat(t_ns, n),
        np.tile(np.arange(n), minutes),
        passed[:, 0].reshape(-1),
        passed[:, 1].reshape(-1),
        tuple(f"d{i}" for i in range(n)),
    )
    rooms = RoomColumns(
        np.repeat(t_ns, 2 * n),
        np.tile(np.arange(2 * n), minutes),
        np.tile(np.repeat([0, 1], n), minutes),
        air.reshape(-1),
        tuple(f"{kind}{i}" for kind in "cp" for i in range(n)),
        ("co2_ppm", "presence"),
    )
    return Window(doors=doors, rooms=rooms, start_ns=int(t_ns[0]), end_ns=int(t_ns[-1]) + 1)


def figures(minutes: int = WEEK) -> dict[str, float]:
    """Seconds of one core for all minutes: estimates alone, with use and events, and the JSON document."""
    window, where = readings(minutes), building()
    started = time.process_time()
    now = Now(where)
    for run in runs(window, _MINUTE_NS):
        while len(run):
            run = run.part(now.take(run), len(run))
        list(now.ready())
    estimated = time.process_time()
    report = read_spaces(window, where, _MINUTE_NS)
    reported = time.process_time()
    for _ in pieces(report):
        pass
    written = time.process_time()
    return {
        "estimates": estimated - started,
        "estimates, use and events": reported - estimated,
        "the document of them": written - reported,
    }


def many() -> Iterator[str]:
    """A line a figure."""
    for what, seconds in figures().items():
        wanted = " (wanted 10)" if what == "estimates" else ""
        yield f"speed: {seconds:.1f} s of one core for a week of {SPACES} spaces at a minute: {what}{wanted}"


def main() -> None:
    print("\n".join(many()))


if __name__ == "__main__":
    main()
