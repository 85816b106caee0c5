"""Settled estimates: what comes later tells what was before, and a fault is put right from its beginning."""

import numpy as np

from edge.fusion.spaces import SpaceEstimator
from edge.fusion.spaces.began import beginnings
from edge.fusion.spaces.cut import Run
from edge.fusion.spaces.hindsight import Hindsight
from edge.fusion.spaces.read import read_spaces, runs
from tests.edge.fusion.spaces.rooms import MINUTE_NS, at, door, one_room, room, window_of

OPEN = ("mon-sun 08:00-20:00",)
MINUTES = 24 * 60


def a_day(seed: int = 0, missed_out: float = 0.15) -> tuple[list, np.ndarray]:
    """A day's counts of a door that misses many who leave, and how many are there."""
    rng = np.random.default_rng(seed)
    people, inside, counts = 0, [], []
    for minute in range(MINUTES):
        come = int(rng.poisson(0.3)) if 8 * 60 <= minute < 19 * 60 else 0
        go = int(rng.binomial(people, 1 / 90 if minute < 19 * 60 else 0.2))
        people += come - go
        inside.append(people)
        counts.append(door(minute + 0.5, come, int(rng.binomial(go, 1 - missed_out))))
    return counts, np.array(inside, float)


def people_of(readings: list, live: bool = False) -> np.ndarray:
    report = read_spaces(window_of(readings), one_room(open=OPEN), MINUTE_NS, live=live)
    return np.array([step.numbers[0] for step in report.steps])


def error(found: np.ndarray, true: np.ndarray) -> float:
    return float(np.abs(found[:, 0] - true[: len(found)]).mean())


def test_an_empty_building_at_night_tells_who_was_missed_by_day() -> None:
    counts, true = a_day()
    live, found = people_of(counts, live=True), people_of(counts)
    assert error(found, true) < 0.6 * error(live, true)


def test_deviations_are_honest() -> None:
    within = [
        np.abs(found[:, 0] - true[: len(found)]) <= 1.64 * found[:, 1]
        for found, true in ((people_of(counts), true) for counts, true in map(a_day, range(3)))
    ]
    assert np.concatenate(within).mean() > 0.85


def test_nobody_is_negative() -> None:
    found = people_of([door(m, 0, 1) for m in range(0, 600, 7)])
    assert found[:, 0].min() >= 0.0
    assert found[:, 1].min() > 0.0


def test_the_last_step_is_what_the_daemon_says() -> None:
    counts, _ = a_day()
    readings = counts[: 15 * 60]
    (people, sd, _), (live, live_sd, _) = people_of(readings)[-1], people_of(readings, live=True)[-1]
    assert abs(people - live) < 1e-6
    assert sd >= live_sd


def test_who_is_counted_by_heads_later_was_there_before() -> None:
    readings = [door(9 * 60, 40, 0), room(14 * 60, "people", 43, "heads"), door(14 * 60 + 30, 0, 0)]
    noon = slice(180, 290)  # of the minutes since nine
    assert people_of(readings)[noon, 0].mean() > people_of(readings, live=True)[noon, 0].mean() + 0.5


def test_a_reversed_counter_is_put_right_from_its_beginning() -> None:
    counts, true = a_day(missed_out=0.02)
    turned = [door(m + 0.5, count.n_out, count.n_in) for m, count in enumerate(counts)]
    report = read_spaces(window_of(turned), one_room(open=OPEN), MINUTE_NS)
    found = np.array([step.numbers[0] for step in report.steps])
    told = next(event.t_ns for event in report.health if event.state == "reversed")
    assert told > at(8 * 60)
    before = slice(8 * 60, int((told - at(0)) // MINUTE_NS))
    live = people_of(turned, live=True)
    assert error(found[before], true[before]) < 0.5 * error(live[before], true[before])
    assert report.days[0].visits_in > 150


def take(hindsight: Hindsight, run: Run) -> None:
    while len(run):
        run = run.part(hindsight.take(run), len(run))


def test_what_was_given_up_of_a_tape_is_written_again() -> None:
    counts, _ = a_day()
    kept, forgotten = Hindsight(one_room(open=OPEN)), Hindsight(one_room(open=OPEN), cells=0)
    for run in runs(window_of(counts), MINUTE_NS):
        take(kept, run)
        take(forgotten, run)
    for a, b in zip(kept.rest(), forgotten.rest(), strict=True):
        np.testing.assert_allclose(a.numbers, b.numbers, rtol=1e-9, atol=1e-9)


def test_a_trial_that_clears_its_door_is_not_held_again() -> None:
    counts = [door(m + 0.5, int(m % 40 == 0), int(m % 40 == 9 or 200 <= m < 206)) for m in range(500)]
    kept, forgotten = Hindsight(one_room()), Hindsight(one_room(), cells=0)
    tried = False
    for run in runs(window_of(counts), MINUTE_NS):
        for hindsight in (kept, forgotten):
            take(hindsight, run)
        tried |= forgotten.estimator.shadow is not None
    assert tried
    assert forgotten.estimator.shadow is None
    for a, b in zip(kept.rest(), forgotten.rest(), strict=True):
        np.testing.assert_allclose(a.numbers, b.numbers, rtol=1e-9)


def test_looking_back_changes_nothing_of_what_was_told_then() -> None:
    counts, _ = a_day()
    plain, hindsight = SpaceEstimator(one_room(open=OPEN)), Hindsight(one_room(open=OPEN))
    for run in runs(window_of(counts[: 11 * 60]), MINUTE_NS):
        take(hindsight, run)
        for t in range(len(run)):
            plain.advance(run.part(t, t + 1))
    np.testing.assert_array_equal(plain.state.x, hindsight.estimator.state.x)


def test_a_fault_began_when_people_came_after_a_quiet_hour() -> None:
    t_ns = [at(m) for m in range(0, 600)]
    passed = np.array([1.0 if m < 60 or m >= 480 else 0.0 for m in range(600)])
    found = beginnings(t_ns, passed)
    assert found[0] == at(480) - 1
    assert found[1:] == [at(599 - 60), at(599 - 30)]


def test_a_counter_that_counted_nobody_has_no_beginning() -> None:
    assert beginnings([at(0), at(1)], np.zeros(2)) == []
