"""The occupancy kernel: both twins agree, indices are checked, and signs say what they can."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.ext import _occupancy_py, occupancy
from edge.ext.balance import DOOR_STATES, EXCESS, PEOPLE, SPACE_STATES
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
)
from edge.fusion.spaces.options import SpaceOptions

OPTIONS = SpaceOptions().for_kernel()
STATES = 2 * SPACE_STATES + 2 * DOOR_STATES
WHERE = ((0, 0), (0, SPACE_STATES))
ENDS = ((0, -1, 0, 2 * SPACE_STATES, 0), (0, 0, SPACE_STATES, 2 * SPACE_STATES + DOOR_STATES, 1))
MINUTE_H = 1 / 60


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
@given(st.integers(0, 2**32 - 1), st.floats(0.0005, 1.0), st.booleans())
def test_twins_agree(seed: int, step_h: float, slow: bool) -> None:
    ours, plain = (np.random.default_rng(seed) for _ in range(2))
    moved = np.random.default_rng(seed).integers(0, 9, (2, 3)) * 1.0
    found = [
        steps(rng, moved, step_h, step_h if slow else 0.0, kernel)
        for rng, kernel in ((ours, occupancy), (plain, _Twin))
    ]
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-8 * np.abs(np.nan_to_num(b)).max() + 1e-8)


class _Twin:
    """The plain writing behind the same doors as the kernel's."""

    @staticmethod
    def advance(f: Filter, spaces: np.ndarray, moved: np.ndarray, o: dict, h: float, slow_h: float) -> float:
        return _occupancy_py.advance(f.x, f.P, f.drift, f.where, spaces, f.ends, moved, o, h, slow_h)

    @staticmethod
    def learn(f: Filter, spaces: np.ndarray, o: dict) -> None:
        _occupancy_py.learn(f.x, f.where, spaces, o)

    @staticmethod
    def estimate(f: Filter, spaces: np.ndarray, o: dict) -> np.ndarray:
        out = np.empty((len(spaces), 3))
        _occupancy_py.estimate(f.x, f.P, f.where, spaces, out, o)
        return out

    settle = staticmethod(_occupancy_py.settle)


def steps(rng: np.random.Generator, moved: np.ndarray, h: float, slow_h: float, kernel) -> tuple:
    f, spaces = filter_of(rng), table(rng)
    kernel.settle(spaces, h, slow_h)
    likelihood = kernel.advance(f, spaces, moved, OPTIONS, h, slow_h)
    kernel.learn(f, spaces, OPTIONS)
    return f.x, f.P, spaces, np.array([likelihood]), kernel.estimate(f, spaces, OPTIONS)


def test_a_state_outside_the_filter_is_refused() -> None:
    f = filter_of(np.random.default_rng(0))
    with pytest.raises(ValueError, match="where"):
        replace(f, where=index(((0, 0), (0, STATES))))
    with pytest.raises(ValueError, match="spaces"):
        occupancy.advance(f, np.zeros((3, COLUMNS)), np.zeros((2, 3)), OPTIONS, 1.0, 1.0)


def test_a_head_count_is_taken_in() -> None:
    f = filter_of(np.random.default_rng(1))
    spaces = np.full((2, COLUMNS), np.nan)
    spaces[:, :CO2] = 0.0
    spaces[0, HEADS] = 17.0
    occupancy.advance(f, spaces, np.zeros((2, 3)), OPTIONS, MINUTE_H, 0.0)
    assert abs(f.x[0, PEOPLE] - 17.0) < 1.0


def chance_after(seen: list[int]) -> float:
    spaces = np.full((1, COLUMNS), np.nan)
    spaces[:, :CO2] = 0.0
    spaces[:, ODDS] = np.nan
    for value in seen:
        spaces[:, SEEN] = value
        occupancy.settle(spaces, MINUTE_H, MINUTE_H)
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
    f = filter_of(np.random.default_rng(2))
    f.x[0, [PEOPLE, SPACE_STATES + PEOPLE]] = 0.3
    f.P[0] = 0.25 * np.eye(STATES)
    spaces = np.full((2, COLUMNS), np.nan)
    spaces[:, HINT] = 3.0, -3.0
    people, _, chance = occupancy.estimate(f, spaces, OPTIONS).T
    assert people.tolist() == [1.0, 0.0]
    assert chance[0] > 0.9
    assert chance[1] < 0.1
