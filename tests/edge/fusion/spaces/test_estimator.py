"""The estimator: counts follow the doors, drift is taken back, and nobody is ever negative."""

from dataclasses import replace

import numpy as np
import pytest

from edge.ext.occupancy import TRUST
from edge.fusion.spaces.now import Now
from edge.fusion.spaces.read import read_spaces, runs
from tests.edge.fusion.spaces.rooms import MINUTE_NS, door, one_room, room, window_of

DAY_MIN = 24 * 60


def people(building, readings):
    report = read_spaces(window_of(readings), building, MINUTE_NS, live=True)
    return [estimate.people for estimate in report.estimates]


def test_people_follow_the_door() -> None:
    counts = [door(m, 3 if m < 5 else 0, 2 if m > 30 and m < 33 else 0) for m in range(60)]
    found = people(one_room(), counts)
    assert abs(found[10] - 15) < 1.5
    assert abs(found[-1] - 11) < 1.5


def test_more_out_than_in_never_makes_fewer_than_nobody() -> None:
    found = people(one_room(), [door(m, 0, 2) for m in range(120)])
    assert min(found) >= 0


def test_counts_that_a_broker_gave_twice_count_once() -> None:
    counts = [door(m, 3 if m < 5 else 0, 0) for m in range(60)]
    doubled = sorted([*counts, *counts[::3]], key=lambda one: one.t_ns)
    report = read_spaces(window_of(doubled), one_room(), MINUTE_NS)
    assert report.n_repeats == 20
    assert [row.people for row in report.estimates][-1] == pytest.approx(
        people(one_room(), counts)[-1], abs=1.5
    )


def test_missed_exits_are_gone_by_the_morning() -> None:
    open_hours = one_room(open=("mon-sun 08:00-22:00",))
    day = [door(m, 1140 <= m < 1160, 1200 <= m < 1212) for m in range(DAY_MIN + 120)]
    found = people(open_hours, day)
    assert found[1220] > 4
    assert found[-1] < 0.5


def test_a_head_count_is_believed_more_than_the_doors() -> None:
    counts = [door(m, 1 if m < 20 else 0, 0) for m in range(60)]
    found = people(one_room(), [*counts, room(40.5, "people", 5, "heads")])
    assert found[39] > 18
    assert abs(found[45] - 5) < 1


def test_an_empty_recording_gives_nothing() -> None:
    assert people(one_room(), []) == []


def test_a_jump_of_a_running_total_is_not_taken_for_people() -> None:
    found = people(one_room(), [door(0, 0, 0), door(1, 600_000, 600_000), door(2, -5, 0), door(3, 1, 0)])
    assert max(found) < 3


def a_week_of_lectures(step_min: int = 5, gain: float = 0.9, seed: int = 0) -> tuple[list, np.ndarray]:
    """Air and Wi-Fi of a room whose fans run only while it is used, and the people in it, by step."""
    rng, ppm, said, there = np.random.default_rng(seed), 420.0, [], []
    for minute in range(0, 5 * 1440, step_min):
        day, of_day = divmod(minute, 1440)
        people = 14 + 3 * day if 9 * 60 <= of_day < 11 * 60 or 14 * 60 <= of_day < 16 * 60 else 0
        ppm += ((420.0 - ppm) * (5.0 if people else 0.3) + people * 100.0) * step_min / 60
        said.append(room(minute, "co2_ppm", ppm + rng.normal(0, 5.0), "co2"))
        said.append(room(minute, "wifi_devices", float(rng.poisson(gain * people + 1.0)), "wlan"))
        there.append(people)
    return said, np.array(there, float)


@pytest.mark.parametrize("live", [False, True])
def test_fans_that_run_in_use_do_not_teach_how_many_devices_a_person_has(live: bool) -> None:
    said, there = a_week_of_lectures()
    building = replace(one_room(), doors=())
    report = read_spaces(window_of(said), building, 5 * MINUTE_NS, live=live)
    people = np.array([step.numbers[0, 0] for step in report.steps])[: len(there)]
    used = (there > 0) & (np.arange(len(there)) > len(there) // 2)
    assert 0.75 < people[used].mean() / there[used].mean() < 1.25


def test_air_of_a_room_with_fans_takes_few_from_those_whom_a_door_counted() -> None:
    said, there = a_week_of_lectures(step_min=1)
    came = np.diff(there, prepend=0.0)
    counts = [door(n, int(max(c, 0)), int(max(-c, 0))) for n, c in enumerate(came.tolist())]
    air = [one for one in said if one.quantity == "co2_ppm"]
    report = read_spaces(window_of([*counts, *air]), one_room(), MINUTE_NS)
    people = np.array([step.numbers[0, 0] for step in report.steps])[: len(there)]
    used = there > 0
    assert 0.85 < people[used].mean() / there[used].mean() < 1.1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("value", [-1e12, 1e12])
def test_what_no_sensor_can_measure_is_not_taken_as_said(value: float, live: bool) -> None:
    said, _ = a_week_of_lectures(step_min=15)
    said += [room(m, "sound_dba", 40.0 + m % 7, "mic") for m in range(0, 5 * 1440, 15)]
    at_min = range(5, 5 * 1440, 90)
    sources = {"co2_ppm": "co2", "wifi_devices": "wlan", "sound_dba": "mic", "people": "heads"}
    mad = [room(m, quantity, value, source) for m in at_min for quantity, source in sources.items()]
    building = replace(one_room(), doors=(), space_of_source=one_room().space_of_source | {"mic": "room"})
    found = [
        read_spaces(window_of(one), building, 15 * MINUTE_NS, live=live) for one in (said, [*said, *mad])
    ]
    sane, now = ([step.numbers[0] for step in report.steps] for report in found)
    np.testing.assert_allclose(now[: len(sane)], sane, atol=1e-9)


def trusted(stray_ppm: float) -> float:
    """How far the air of a counted room may err after three days, in which CO2 strays from the balance."""
    rng, ppm, readings = np.random.default_rng(1), 0.0, []
    for m in range(3 * 1440):
        people = 10 if 480 <= m % 1440 < 1080 else 0
        readings += [door(m, 10 * (m % 1440 == 480), 10 * (m % 1440 == 1080))]
        ppm = ppm * np.exp(-2 / 60) + people * 100.0 * (1 - np.exp(-2 / 60)) / 2
        if m % 5 == 0:
            stray = stray_ppm * np.sin(m / 12) * (people > 0)
            readings.append(room(m + 0.5, "co2_ppm", 420 + ppm + stray + rng.normal(0, 5), "co2"))
    estimator = Now(one_room())
    for run in runs(window_of(readings), MINUTE_NS):
        while len(run):
            run = run.part(estimator.take(run), len(run))
    return float(estimator.estimator.spaces[0, TRUST])


def test_air_is_trusted_further_where_its_errors_are_chance() -> None:
    assert 10 * trusted(0.0) < trusted(60.0)
