"""Silent sensors: told once, by the sensor's own pace, and told again when they are back."""

from edge.columns import from_readings
from edge.events import Record, SensorHealthChanged
from edge.fusion.live_health import LiveHealth
from edge.fusion.window import window
from edge.types import DoorCount, RoomSample

S = 1_000_000_000
T0 = 1_790_000_000 * S


def run(times_s: list[int], until_s: int, *, door: bool = False, step_s: int = 10) -> list[Record]:
    health = LiveHealth()
    records: list[Record] = []
    for start in range(0, until_s, step_s):
        due = [T0 + t * S for t in times_s if start <= t < start + step_s]
        readings = from_readings(
            DoorCount(t, "one", 1, 0) if door else RoomSample(t, "one", "co2_ppm", 600.0) for t in due
        )
        records += health.step(window([readings], T0 + start * S, T0 + (start + step_s) * S))
    return records


def states(records: list[Record]) -> list[str]:
    return [record.state for record in records if isinstance(record, SensorHealthChanged)]


def test_sensor_that_stops_is_silent_once_after_two_minutes() -> None:
    records = run(list(range(0, 300, 10)), 3600)
    assert states(records) == ["silent"]
    assert 290 + 120 < (records[0].t_ns - T0) / S <= 290 + 140


def test_sensor_that_is_back_is_told() -> None:
    assert states(run([*range(0, 300, 10), *range(900, 1200, 10)], 1200)) == ["silent", "ok"]


def test_slow_sensor_is_judged_by_its_own_pace() -> None:
    assert run(list(range(0, 6000, 300)), 6000 + 1200, step_s=60) == []
    assert states(run(list(range(0, 6000, 300)), 6000 + 2400, step_s=60)) == ["silent"]


def test_count_that_staff_enter_now_and_then_is_no_sensor() -> None:
    assert run([5, 50], 7200) == []


def test_quiet_door_is_not_silent_before_an_hour() -> None:
    assert run(list(range(0, 300, 10)), 300 + 3000, door=True) == []
    assert states(run(list(range(0, 300, 10)), 300 + 3700, door=True)) == ["silent"]


def test_readings_of_one_long_window_count_each() -> None:
    health = LiveHealth()
    many = from_readings(RoomSample(T0 + t * S, "one", "co2_ppm", 600.0) for t in range(0, 30, 5))
    assert health.step(window([many], T0, T0 + 60 * S)) == []
    assert states(health.step(window([], T0 + 60 * S, T0 + 150 * S))) == ["silent"]


def test_length_of_the_windows_changes_nothing() -> None:
    times = [*range(0, 600, 10), *range(1800, 2400, 10)]
    expected = run(times, 7200, step_s=1)
    assert states(expected) == ["silent", "ok", "silent"]
    assert run(times, 7200, step_s=3600) == expected
