"""Whether anybody was there, once all of a recording is known, where nothing counts people."""

import numpy as np
import pytest

from edge.fusion.spaces import Building, SpaceModel
from edge.fusion.spaces.hinted import hinted
from edge.fusion.spaces.read import read_spaces
from edge.types import Reading
from tests.edge.fusion.spaces.rooms import MINUTE_NS, at, door, one_room, room, window_of

STEP_MIN = 5
OFFICE = Building(
    spaces=(SpaceModel("office", 4, area_m2=20.0, height_m=3.0),),
    space_of_source={"air": "office", "lamp": "office", "pir": "office"},
    timezone="Asia/Shanghai",
)


def is_there(minute: int) -> bool:
    """In the middle of the day, at other times each day, and not on the last one."""
    day, of_day = divmod(minute, 1440)
    came = 8 * 60 + 50 * day
    return day < 2 and (came <= of_day < came + 180 or came + 250 <= of_day < came + 400)


def office(days: int, lamp: str = "", pir: bool = False, seed: int = 0) -> tuple[list[Reading], np.ndarray]:
    """Air that is changed thrice as fast while somebody is there; who is there by step."""
    rng, ppm, said, there = np.random.default_rng(seed), 420.0, list[Reading](), []
    for minute in range(0, 1440 * days, STEP_MIN):
        now = is_there(minute)
        ppm += ((420.0 - ppm) * (1.5 if now else 0.4) + now * 300.0) * STEP_MIN / 60
        said.append(room(minute, "co2_ppm", ppm + rng.normal(0, 4.0), "air"))
        if lamp:
            on = now if lamp == "switched" else lamp == "always"
            said.append(room(minute, "illuminance_lux", 450.0 if on else 3.0, "lamp"))
        if pir:
            said.append(room(minute, "motion", float(now and rng.uniform() < 0.5), "pir"))
        there.append(now)
    return said, np.array(there)


def right(readings: list[Reading], there: np.ndarray, live: bool = False) -> float:
    """How often it is told right whether anybody is there."""
    report = read_spaces(window_of(readings), OFFICE, STEP_MIN * MINUTE_NS, live=live)
    found = np.array([step.numbers[0, 2] >= 0.5 for step in report.steps])
    return float((found == there[: len(found)]).mean())


def test_air_that_is_changed_faster_in_use_tells_of_people_afterwards() -> None:
    readings, there = office(days=3)
    settled = right(readings, there)
    assert settled > 0.93
    assert settled >= right(readings, there, live=True)


def test_a_lamp_that_people_switch_tells_from_the_first_hour() -> None:
    readings, there = office(days=3, lamp="switched")
    assert right(readings, there) > 0.985
    assert right(readings[: len(readings) // 3], there) > 0.95


@pytest.mark.parametrize("lamp", ["always", "never"])
def test_a_lamp_that_never_changes_says_nothing(lamp: str) -> None:
    readings, there = office(days=3, lamp=lamp)
    dark, _ = office(days=3)
    assert abs(right(readings, there) - right(dark, there)) < 0.01


def test_presence_is_settled_from_both_sides() -> None:
    readings, there = office(days=2, pir=True)
    without_air = [one for one in readings if getattr(one, "quantity", "") != "co2_ppm"]
    settled = right(without_air, there)
    assert settled > 0.95
    assert settled > right(without_air, there, live=True)


def test_who_is_there_is_told_in_whole_people() -> None:
    readings, _ = office(days=2)
    report = read_spaces(window_of(readings), OFFICE, STEP_MIN * MINUTE_NS)
    people = np.array([step.numbers[0] for step in report.steps])
    assert (people[:, 0] == np.rint(people[:, 0])).all()
    assert ((people[:, 0] >= 1.0) == (people[:, 2] >= 0.5)).all()


def test_where_a_door_counts_it_is_not_asked() -> None:
    counts = [door(m, int(m % 60 == 0), int(m % 90 == 0)) for m in range(480, 1000, 5)]
    air = [room(m, "co2_ppm", 600.0, "co2") for m in range(0, 1440, 5)]
    report = read_spaces(window_of([*counts, *air]), one_room(), 5 * MINUTE_NS)
    people = np.array([step.numbers[0, 0] for step in report.steps])
    assert (people != np.rint(people)).any()


def test_a_level_on_a_timetable_hints_at_nobody() -> None:
    hour = np.arange(0, 24 * 20, STEP_MIN / 60)
    of_day = np.floor(hour % 24).astype(np.intp)
    chance = np.where((hour % 24 >= 9) & (hour % 24 < 12) & (hour // 24 % 2 == 0), 0.95, 0.05)
    level = np.where((of_day >= 8) & (of_day < 20), 12.0, 1.0)
    assert np.abs(hinted(level, of_day, chance, STEP_MIN / 60)).max() < 0.5
    gone_with = np.where(chance > 0.5, 12.0, 1.0)
    assert hinted(gone_with, of_day, chance, STEP_MIN / 60)[chance > 0.5].mean() > 1.5


def test_what_was_not_told_hints_at_nothing() -> None:
    level = np.array([np.nan, 3.0, np.nan])
    found = hinted(level, np.zeros(3, np.intp), np.array([0.9, 0.9, 0.1]), 0.1)
    assert found[0] == found[2] == 0.0


def test_midnight_and_readings_out_of_range_do_no_harm() -> None:
    readings = [room(m, "illuminance_lux", value, "lamp") for m, value in ((0, -3.0), (5, 1e9), (10, 0.0))]
    report = read_spaces(window_of(readings), OFFICE, STEP_MIN * MINUTE_NS)
    assert all(np.isfinite(step.numbers).all() for step in report.steps)
    assert report.steps[0].t_ns == at(0)
