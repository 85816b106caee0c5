"""The sound kernel: both twins agree; levels are learnt from people, and people are told by levels."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.ext import _sound_py, sound
from edge.ext.balance import GAUGE_STATES, PEOPLE, SPACE_STATES
from edge.ext.occupancy import COLUMNS, COUNTED, SOUND, Filter

MINUTE_H = 1 / 60
STATES = SPACE_STATES + GAUGE_STATES


def filter_of(people: float, variance: float) -> Filter:
    x, P = np.zeros((1, STATES)), np.eye(STATES)[None].copy()
    x[0, PEOPLE], P[0, PEOPLE, PEOPLE] = people, variance
    return Filter(x, P, np.zeros((1, STATES)), np.array([[0, 0, SPACE_STATES]]), np.empty((0, 5), np.intp))


def spaces_of(level_dba: float, *, counted: bool = True) -> np.ndarray:
    spaces = np.zeros((1, COLUMNS))
    spaces[0, [SOUND, COUNTED]] = level_dba, counted
    return spaces


def level_of(people: float) -> float:
    return 10 * math.log10(10**4.0 + people * 10**3.4)


def learnt(rng: np.random.Generator) -> np.ndarray:
    """What is learnt of levels from a day with a known number of people each quarter of an hour."""
    heard = np.zeros((1, sound.COLUMNS))
    for n in rng.integers(0, 60, 96).tolist():
        for noise in rng.normal(0, 1.5, 15).tolist():
            sound.listen(filter_of(n, 0.01), spaces_of(level_of(n) + noise), heard, MINUTE_H)
    return heard


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.floats(0.001, 2.0))
def test_twins_agree(seed: int, step_h: float) -> None:
    rng = np.random.default_rng(seed)
    ours, plain = filter_of(rng.uniform(-2, 50), 30.0), filter_of(0.0, 30.0)
    plain.x[:] = ours.x
    tables = np.zeros((1, sound.COLUMNS)), np.zeros((1, sound.COLUMNS))
    for level in rng.choice([np.nan, 0.0, 38.0, 45.0, 61.0], 6).tolist():
        spaces = spaces_of(level, counted=bool(rng.integers(0, 2)))
        sound.listen(ours, spaces, tables[0], step_h)
        _sound_py.listen(plain.x, plain.P, plain.where, spaces, tables[1], step_h)
    for a, b in ((ours.x, plain.x), (ours.P, plain.P), tables):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def test_the_levels_of_the_room_and_of_a_person_are_learnt() -> None:
    heard = learnt(np.random.default_rng(1))
    assert abs(heard[0, sound.BASE_DB] - 40) < 1.5
    assert abs(heard[0, sound.HEAD_DB] - 34) < 1.0


def test_people_follow_a_level_that_was_learnt() -> None:
    heard, f = learnt(np.random.default_rng(2)), filter_of(20.0, 100.0)
    for _ in range(60):
        sound.listen(f, spaces_of(level_of(35)), heard, MINUTE_H)
    assert 28 < f.x[0, PEOPLE] < 42


def test_where_no_door_is_counted_a_level_moves_nobody() -> None:
    heard, f = learnt(np.random.default_rng(3)), filter_of(20.0, 100.0)
    sound.listen(f, spaces_of(70.0, counted=False), heard, MINUTE_H)
    assert f.x[0, PEOPLE] == 20.0


def test_a_level_that_goes_its_own_way_says_little() -> None:
    rng = np.random.default_rng(4)
    heard, f = learnt(rng), filter_of(20.0, 1.0)
    for noise in np.repeat(rng.normal(0, 8, 24), 60).tolist():
        sound.listen(filter_of(20.0, 1.0), spaces_of(level_of(20) + noise), heard, MINUTE_H)
    for _ in range(15):
        sound.listen(f, spaces_of(level_of(60)), heard, MINUTE_H)
    assert f.x[0, PEOPLE] < 21


def test_tables_of_another_building_are_refused() -> None:
    with pytest.raises(ValueError, match="expected a row"):
        sound.listen(filter_of(1, 1), np.zeros((2, COLUMNS)), np.zeros((2, sound.COLUMNS)), MINUTE_H)
