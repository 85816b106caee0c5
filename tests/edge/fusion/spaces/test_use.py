"""Use: visits raw and corrected, rates over the time that is known, kinds of space, missing data."""

import pytest

from edge.fusion.spaces import Building, DoorModel, SpaceModel
from edge.fusion.spaces.read import SpaceReport, read_spaces
from tests.edge.fusion.spaces.rooms import MINUTE_NS, door, one_room, room, window_of

OPEN = ("mon-sun 08:00-12:00",)
EIGHT = 8 * 60


def heads(people: float, minutes: range) -> list:
    return [room(m, "people", people, "heads") for m in minutes]


def use_of(readings: list, **keys: object) -> SpaceReport:
    building = Building(
        (SpaceModel("room", **({"capacity": 30, "open": OPEN} | keys)),),  # type: ignore[arg-type]
        space_of_source={"heads": "room", "panel": "room", "pir": "room"},
        timezone="Asia/Shanghai",
    )
    return read_spaces(window_of(readings), building, 5 * MINUTE_NS)


def test_time_without_evidence_is_left_out_of_every_denominator() -> None:
    two_of_four_hours = [room(m, "presence", 1.0, "pir") for m in range(EIGHT, EIGHT + 120)]
    day = use_of([*two_of_four_hours, *heads(9, range(EIGHT, EIGHT + 120)), door(12 * 60, 0, 0)]).days[0]
    assert day.open_hours == pytest.approx(4.0)
    assert 2.0 <= day.valid_hours <= 2.5
    assert day.mean_people == pytest.approx(9.0, abs=1.0)
    assert day.occupancy_rate == pytest.approx(0.3, abs=0.04)
    assert day.share_estimated is not None
    assert day.share_estimated >= 0.35


def test_a_day_of_which_nothing_is_known_has_no_rates() -> None:
    day = use_of([door(EIGHT, 0, 0), door(12 * 60, 0, 0)]).days[0]
    assert (day.open_hours, day.valid_hours) == (pytest.approx(4.0), 0.0)
    assert (day.occupancy_rate, day.mean_people, day.dwell_h) == (None, None, None)


def test_hours_above_four_fifths_of_the_capacity_are_counted() -> None:
    readings = heads(28, range(EIGHT, EIGHT + 60)) + heads(10, range(EIGHT + 61, 12 * 60))
    assert use_of(readings).days[0].busy_hours == pytest.approx(1.0, abs=0.2)


def test_buttons_pressed_stand_beside_the_use() -> None:
    pressed = [room(EIGHT + m, "feedback", value, "panel") for m, value in ((5, 1.0), (7, -1.0), (9, 1.0))]
    day = use_of(heads(5, range(EIGHT, EIGHT + 60)) + pressed).days[0]
    assert (day.feedbacks, day.mean_feedback) == (3, pytest.approx(1 / 3))


def test_seat_hours_are_told_by_kind_of_space() -> None:
    building = Building(
        (
            SpaceModel("a", 30, OPEN, kind="creative", seats=20),
            SpaceModel("b", 30, OPEN, kind="creative", seats=20),
            SpaceModel("c", 30, OPEN, kind="cultural"),
        ),
        space_of_source={name: name for name in "abc"},
        timezone="Asia/Shanghai",
    )
    people = {"a": 5.0, "b": 15.0, "c": 30.0}
    counted = [room(m, "people", n, name) for m in range(EIGHT, 12 * 60) for name, n in people.items()]
    report = read_spaces(window_of(counted), building, 5 * MINUTE_NS)
    kinds = {row.kind: row for row in report.kinds}
    assert set(kinds) == {"creative", "cultural"}
    assert kinds["creative"].seats == 40
    assert kinds["creative"].seat_hours == pytest.approx(80, rel=0.1)
    assert kinds["creative"].occupancy_rate == pytest.approx(0.5, abs=0.05)


def test_visits_of_the_library_are_those_of_its_outer_doors() -> None:
    building = Building(
        (SpaceModel("hall", 90, OPEN), SpaceModel("room", 30, OPEN)),
        (
            DoorModel("main", "outside", "hall", "main"),
            DoorModel("back", "hall", "outside", "back"),
            DoorModel("inner", "hall", "room", "inner"),
        ),
        timezone="Asia/Shanghai",
    )
    counts = [door(m, 1, 0, "main") for m in range(EIGHT, EIGHT + 60)]
    counts += [door(m, 1, 1, "inner") for m in range(EIGHT, EIGHT + 60)]
    counts += [door(m, 1, 0, "back") for m in range(EIGHT + 60, EIGHT + 110)]
    (day,) = read_spaces(window_of(counts), building, MINUTE_NS).visits
    assert (day.counted_in, day.counted_out, day.gate_count) == (60, 50, 55)
    assert 60 <= day.entered <= 66


def test_a_silent_counter_makes_its_hours_estimated_ones() -> None:
    counts = [door(m, 1, 1) for m in range(EIGHT, EIGHT + 60)]
    air = [room(m, "co2_ppm", 600.0 + m % 3, "co2") for m in range(EIGHT, 12 * 60)]
    report = read_spaces(window_of(counts + air), one_room(open=OPEN), MINUTE_NS)
    assert report.visits[0].share_estimated == pytest.approx(0.7, abs=0.1)
    assert report.days[0].share_estimated == pytest.approx(0.7, abs=0.1)
