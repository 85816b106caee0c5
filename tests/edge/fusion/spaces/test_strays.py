"""Strays: a reading of another century is left out, and nothing beside it; halves of a term both stay."""

import numpy as np

from edge.fusion.spaces.read import read_spaces
from edge.fusion.spaces.strays import without_strays
from edge.types import DoorCount
from tests.edge.fusion.spaces.rooms import MINUTE_NS, at, door, one_room, room, window_of

DAY = 1440
WEEK = [door(m, 1, 0) for m in range(0, 3 * DAY, 10)]
IN_2106 = DoorCount(4_294_967_295 * 1_000_000_000, "door", 1, 0)
IN_1970 = DoorCount(5_000_000_000, "door", 1, 0)


def test_a_reading_of_another_century_is_left_out_and_nothing_else() -> None:
    kept, strays = without_strays(window_of([*WEEK, IN_2106, IN_1970]))
    assert str(strays) == "2 readings left out: far from the time of all others (1970-01-01, 2106-02-07)"
    np.testing.assert_array_equal(kept.doors.t_ns, [reading.t_ns for reading in WEEK])
    assert len(read_spaces(kept, one_room(), 10 * MINUTE_NS).steps) <= len(WEEK) + 1


def test_a_sensor_that_was_alone_in_a_far_month_is_left_out() -> None:
    _, strays = without_strays(window_of([*WEEK, room(90 * DAY, "co2_ppm", 500.0, "co2")]))
    assert strays is not None
    assert strays.n == 1


def test_a_term_after_a_summer_stays() -> None:
    term = [door(m, 1, 0) for m in range(100 * DAY, 102 * DAY, 60)]
    window = window_of([*WEEK, *term])
    assert without_strays(window) == (window, None)


def test_readings_a_few_weeks_apart_stay_however_few() -> None:
    window = window_of([door(0, 1, 0), door(30 * DAY, 1, 0)])
    assert without_strays(window) == (window, None)


def test_nothing_has_no_strays() -> None:
    window = window_of([])
    assert without_strays(window) == (window, None)
    assert at(0) > 0
