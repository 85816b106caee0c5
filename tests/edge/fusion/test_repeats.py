"""A reading that comes twice is used once."""

from collections.abc import Sequence

from edge.columns import from_readings
from edge.fusion.repeats import Repeats, once
from edge.fusion.window import Window, window
from edge.types import DoorCount, Reading, RoomSample

S = 1_000_000_000


def of(readings: Sequence[Reading], start_s: int, end_s: int) -> Window:
    return window([from_readings(readings)], start_s * S, end_s * S)


def door(t_s: float, n_in: int = 1, n_out: int = 0, source: str = "door-1") -> DoorCount:
    return DoorCount(round(t_s * S), source, n_in, n_out)


def test_twice_in_one_window_counts_once() -> None:
    assert len(Repeats().fresh(of([door(1), door(2), door(1)], 0, 5)).doors) == 2


def test_in_a_whole_recording_the_first_of_each_stays_in_its_place() -> None:
    read = [door(1), door(3), door(1), door(2), door(3, 0, 1), door(3)]
    found = once(from_readings(read).doors)
    assert [t // S for t in found.t_ns.tolist()] == [1, 3, 2, 3]
    assert once(found) is found


def test_what_comes_again_late_is_left_out() -> None:
    repeats = Repeats()
    repeats.fresh(of([door(1), RoomSample(2 * S, "co2", "co2_ppm", 400.0)], 0, 5))
    again = of([door(1), door(3), RoomSample(2 * S, "co2", "co2_ppm", 400.0), door(6)], 5, 10)
    found = repeats.fresh(again)
    assert [t // S for t in found.doors.t_ns.tolist()] == [3, 6]
    assert not len(found.rooms)
    assert repeats.n_found == 2


def test_what_differs_in_anything_is_another_reading() -> None:
    same_time = [door(1), door(1, 0, 1), door(1, 2), door(1, source="door-2")]
    rooms = [
        RoomSample(S, "a", "co2_ppm", 400.0),
        RoomSample(S, "a", "people", 400.0),
        RoomSample(S, "b", "co2_ppm", 400.0),
        RoomSample(S, "a", "co2_ppm", 401.0),
        RoomSample(S, "a", "thermal_8x8", (20.0,) * 64),
        RoomSample(S, "a", "thermal_8x8", (21.0,) * 64),
    ]
    assert len(Repeats().fresh(of([*same_time, *rooms], 0, 5))) == 10


def test_what_a_later_process_recalls_is_left_out_there() -> None:
    first, second = Repeats(), Repeats()
    first.fresh(of([door(n / 10) for n in range(100)], 0, 20))
    second.recall(first.memory())
    assert not len(second.fresh(of([door(n / 10) for n in range(100)], 20, 30)))


def test_what_is_remembered_is_bounded() -> None:
    repeats = Repeats()
    for n in range(30):
        repeats.fresh(of([door(n * 10 + k / 1000) for k in range(10_000)], n * 10, n * 10 + 10))
    assert sum(map(len, repeats._seen)) <= 210_000
    assert len(repeats.memory()) == 20_000
