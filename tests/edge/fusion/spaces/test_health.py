"""Health: faults are told once, and once more when they are over."""

from edge.fusion.spaces import SpaceEstimator
from edge.fusion.spaces.health import SpaceHealth
from edge.fusion.spaces.read import steps
from tests.edge.fusion.spaces.rooms import MINUTE_NS, door, one_room, room, window_of


def told(readings: list) -> list[tuple[str, str]]:
    estimator, health = SpaceEstimator(one_room()), SpaceHealth()
    found = []
    for part in steps(window_of(readings), MINUTE_NS):
        estimator.step(part)
        found.extend((event.source, event.state) for event in health.step(estimator))
    return found


def test_a_counter_that_falls_silent_and_comes_back_is_told_twice() -> None:
    counts = [door(m, 0, 0) for m in range(120) if not 40 <= m < 90]
    assert told(counts) == [("door", "silent"), ("door", "ok")]


def test_co2_that_no_longer_moves_is_stuck() -> None:
    values = [450 + m % 7 if m < 60 else 455 for m in range(240)]
    samples = [room(m, "co2_ppm", value, "co2") for m, value in enumerate(values)]
    assert told([door(m, 0, 0) for m in range(240)] + samples) == [("co2", "stuck")]


def test_a_jump_of_the_counter_is_implausible_for_that_step_only() -> None:
    counts = [door(m, 900_000 if m == 5 else 0, 0) for m in range(10)]
    assert told(counts) == [("door", "implausible"), ("door", "ok")]
