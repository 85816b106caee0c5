"""Health: faults are told once, and once more when they are over."""

from edge.fusion.spaces import SpaceEstimator
from edge.fusion.spaces.health import SpaceHealth
from edge.fusion.spaces.read import steps
from tests.edge.fusion.spaces.rooms import MINUTE_NS, door, one_room, room, window_of


def told(readings: list, step_ns: int = MINUTE_NS) -> list[tuple[str, str]]:
    estimator, health = SpaceEstimator(one_room()), SpaceHealth()
    found = []
    for part in steps(window_of(readings), step_ns):
        estimator.step(part)
        found.extend((event.source, event.state) for event in health.step(estimator.faults))
    return found


def test_a_counter_that_falls_silent_and_comes_back_is_told_twice() -> None:
    counts = [door(m, 0, 0) for m in range(120) if not 40 <= m < 90]
    assert told(counts) == [("door", "silent"), ("door", "ok")]


def test_co2_that_no_longer_moves_is_stuck() -> None:
    values = [450 + m % 7 if m < 60 else 455 for m in range(240)]
    samples = [room(m, "co2_ppm", value, "co2") for m, value in enumerate(values)]
    assert told([door(m, 0, 0) for m in range(240)] + samples) == [("co2", "stuck")]


def test_values_that_cannot_be_are_implausible_when_they_come_in_a_row() -> None:
    values = [450.0 + m % 7 for m in range(60)]
    values[10], values[20:30] = 65_535.0, [-1.0] * 10
    samples = [room(m, "co2_ppm", value, "co2") for m, value in enumerate(values)]
    assert told(samples) == [("co2", "implausible"), ("co2", "ok")]


def test_a_daily_total_that_rolls_over_is_implausible_and_a_busy_day_is_not() -> None:
    day = 1440
    counts = [door(day, 4_000, 3_900), door(2 * day, 110_000, 110_000), door(3 * day, 4_100, 4_000)]
    assert [state for source, state in told(counts, 60 * MINUTE_NS) if state == "implausible"] == [
        "implausible"
    ]


def test_a_jump_of_the_counter_is_implausible_for_that_step_only() -> None:
    counts = [door(m, 900_000 if m == 5 else 0, 0) for m in range(10)]
    assert told(counts) == [("door", "implausible"), ("door", "ok")]


def test_a_counter_that_tells_its_sum_once_a_day_is_never_silent_until_it_is() -> None:
    day = 1440
    daily = [door(day * n + (7 * n) % 30, 400, 390) for n in range(1, 8)]
    pulse = [room(m, "co2_ppm", 500.0 + m % 97, "co2") for m in range(0, 12 * day, 20)]
    states = told(daily + pulse, 20 * MINUTE_NS)
    assert states == [("door", "silent")]
