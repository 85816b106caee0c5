"""The occupancy kernel: both twins agree, indices are checked, and signs say what they can."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.ext import _occupancy_py, occupancy, sound
from edge.ext.balance import DOOR_STATES, EXCESS, GAUGE_STATES, PEOPLE, SPACE_STATES
from edge.ext.occupancy import (
    CO2,
    COLUMNS,
    COUNTED,
    HEADS,
    HINT,
    LISTENED,
    ODDS,
    SAID,
    SEAT_SENSORS,
    SEAT_SHARE,
    SEEN,
    Filter,
    Known,
    advance,
)
from edge.fusion.spaces.options import SpaceOptions

OPTIONS = SpaceOptions().for_kernel()
GAUGES = 2 * SPACE_STATES + 2 * DOOR_STATES
STATES = GAUGES + 2 * GAUGE_STATES
WHERE = ((0, 0, GAUGES), (0, SPACE_STATES, GAUGES + GAUGE_STATES))
ENDS = ((0, -1, 0, 2 * SPACE_STATES, 0), (0, 0, SPACE_STATES, 2 * SPACE_STATES + DOOR_STATES, 1))
MINUTE_H = 1 / 60
HEARD = sound.COLUMNS


def filter_of(rng: np.random.Generator) -> Filter:
    x = rng.normal(0.0, 0.3, (1, STATES))
    x[0, [PEOPLE, SPACE_STATES + PEOPLE]] = rng.uniform(-2, 40, 2)
    x[0, [EXCESS, SPACE_STATES + EXCESS]] = rng.uniform(0, 600, 2)
    root = rng.normal(0.0, 1.0, (STATES, STATES))
    drift = np.full((1, STATES), 0.01)
    return Filter(x, (root @ root.T / STATES)[None].copy(), drift, index(WHERE), index(ENDS))


def index(rows: tuple[tuple[int, ...], ...]) -> np.ndarray:
    return np.array(rows, np.intp)


def table(rng: np.random.Generator) -> np.ndarray:
    spaces = np.abs(rng.normal(1.0, 2.0, (2, COLUMNS)))
    spaces[:, CO2] = rng.uniform(200, 2000, 2)
    spaces[:, SAID][rng.random((2, 8)) < 0.3] = np.nan
    spaces[np.isnan(spaces[:, SEAT_SHARE]), SEAT_SENSORS] = 0.0
    spaces[:, ODDS] = rng.choice([np.nan, 0.01, 1.0, 50.0], 2)
    spaces[:, SEEN] = rng.choice([np.nan, 0.0, 1.0], 2)
    spaces[:, HINT] = rng.normal(0.0, 2.0, 2)
    spaces[:, [COUNTED, LISTENED]] = rng.integers(0, 2, (2, 2))
    return spaces


@settings(max_examples=80)
@given(st.integers(0, 2**32 - 1), st.lists(st.floats(0.0005, 1.0), min_size=1, max_size=4), st.booleans())
def test_twins_agree(seed: int, step_h: list[float], slow: bool) -> None:
    h = np.array(step_h)
    found = [lived(np.random.default_rng(seed), h, h * slow, kernel) for kernel in (advance, plainly)]
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-8 * np.abs(np.nan_to_num(b)).max() + 1e-8)


def lived(rng: np.random.Generator, h: np.ndarray, slow_h: np.ndarray, kernel) -> tuple:
    """What all is after some steps: the filter, the tables, people, and what levels of sound say."""
    f, spaces = filter_of(rng), np.array([table(rng) for _ in range(len(h) + 1)])
    heard, moved = np.zeros((2, HEARD)), rng.integers(0, 9, (len(h), 2, 3)) * 1.0
    known = kernel(f, spaces, heard, moved, OPTIONS, h, slow_h)
    rows = known.people.reshape(-1, 2), spaces[1:].reshape(-1, COLUMNS)
    told = occupancy.tell(*rows, OPTIONS) if kernel is advance else plainly_told(*rows)
    return f.x, f.P, spaces, heard, known.people, known.missed, np.array([known.fit]), told


def plainly(f: Filter, spaces: np.ndarray, heard: np.ndarray, moved: np.ndarray, o: dict, *hours) -> Known:
    """By the plain writing."""
    people, missed = np.empty((len(moved), 2, 2)), np.zeros((len(moved), 2, 2))
    fixed = f.where, f.ends, f.sizes, f.in_order, f.first
    given = spaces, heard, moved, o, *hours, people, missed, f.tape.cells, f.tape.used
    return Known(people, missed, _occupancy_py.advance(f.x, f.P, f.drift, *fixed, *given))


def plainly_told(people: np.ndarray, spaces: np.ndarray) -> np.ndarray:
    out = np.empty((len(spaces), 3))
    _occupancy_py.tell(people, spaces, out, OPTIONS)
    return out


def test_many_steps_at_once_are_as_many_steps() -> None:
    once, singly = (filter_of(np.random.default_rng(4)) for _ in range(2))
    rng = np.random.default_rng(5)
    spaces, moved, h = np.array([table(rng) for _ in range(6)]), np.ones((5, 2, 3)), np.full(5, MINUTE_H)
    one_by_one, heard = spaces.copy(), np.zeros((2, 2, HEARD))
    known = advance(once, spaces, heard[0], moved, OPTIONS, h, h)
    for t in range(5):
        step = slice(t, t + 1)
        advance(singly, one_by_one[t : t + 2], heard[1], moved[step], OPTIONS, h[step], h[step])
    np.testing.assert_array_equal(once.x, singly.x)
    np.testing.assert_array_equal(spaces, one_by_one)
    np.testing.assert_array_equal(known.people[-1, :, 0], singly.x[0, [PEOPLE, SPACE_STATES + PEOPLE]])


def a_step(f: Filter, spaces: np.ndarray, slow_h: float = MINUTE_H) -> np.ndarray:
    """The table after one step of a minute in which it says what it says."""
    tables, hours = np.stack((spaces, spaces)), np.full(1, MINUTE_H)
    advance(f, tables, np.zeros((2, HEARD)), np.zeros((1, 2, 3)), OPTIONS, hours, np.full(1, slow_h))
    return tables[1]


def test_a_state_outside_the_filter_is_refused() -> None:
    f = filter_of(np.random.default_rng(0))
    with pytest.raises(ValueError, match="where"):
        replace(f, where=index(((0, 0, 0), (0, STATES, 0))))
    with pytest.raises(ValueError, match="spaces"):
        a_step(f, np.zeros((3, COLUMNS)))


def test_a_head_count_is_taken_in() -> None:
    f = filter_of(np.random.default_rng(1))
    spaces = np.full((2, COLUMNS), np.nan)
    spaces[:, :CO2] = 0.0
    spaces[0, HEADS] = 17.0
    a_step(f, spaces, slow_h=0.0)
    assert abs(f.x[0, PEOPLE] - 17.0) < 1.0


def chance_after(seen: list[int]) -> float:
    f, spaces = filter_of(np.random.default_rng(0)), np.full((2, COLUMNS), np.nan)
    spaces[:, :CO2] = 0.0
    spaces[:, ODDS] = np.nan
    for value in seen:
        spaces[:, SEEN] = value
        spaces = a_step(f, spaces)
    return float(spaces[0, ODDS] / (1 + spaces[0, ODDS]))


def test_one_sighting_makes_occupied_likely() -> None:
    assert chance_after([0, 0, 1]) > 0.8


def test_people_who_sit_still_for_some_minutes_are_still_there() -> None:
    assert chance_after([1, 1, 1, 0, 0, 0, 0]) > 0.5


def test_half_an_hour_without_a_sign_means_nobody() -> None:
    assert chance_after([1] + [0] * 30) < 0.05


def test_a_sensor_that_never_lets_go_says_nothing() -> None:
    assert chance_after([1] * 60 * 30) < 0.9


def test_a_space_without_sensors_stays_unknown() -> None:
    assert np.isnan(chance_after([np.nan]))


def test_a_hint_makes_somebody_likely_or_nobody() -> None:
    spaces = np.full((2, COLUMNS), np.nan)
    spaces[:, HINT] = 3.0, -3.0
    people, _, chance = occupancy.tell(np.full((2, 2), (0.3, 0.25)), spaces, OPTIONS).T
    assert people.tolist() == [1.0, 0.0]
    assert chance[0] > 0.9
    assert chance[1] < 0.1
