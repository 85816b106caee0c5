"""The balance kernel: both twins agree, inputs are checked, and people are conserved between spaces."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.ext import _balance_py, balance
from edge.ext.balance import EXCESS, NONE, PEOPLE, SPACE_STATES, Flows, Measurements

STATES = 2 * SPACE_STATES + 2
N_SPACES = np.array([2], np.intp)


def fresh(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0, 0.3, (1, STATES))
    x[0, [PEOPLE, SPACE_STATES + PEOPLE]] = rng.uniform(-2, 40, 2)
    x[0, [EXCESS, SPACE_STATES + EXCESS]] = rng.uniform(0, 600, 2)
    root = rng.normal(0.0, 1.0, (STATES, STATES))
    return x, (root @ root.T / STATES)[None].copy()


def index(*values: int) -> np.ndarray:
    return np.array(values, np.intp)


def flows(n_in: float, n_out: float) -> Flows:
    door = 2 * SPACE_STATES
    return Flows(
        index(0), index(PEOPLE), index(SPACE_STATES), index(door), *map(np.atleast_1d, (n_in, n_out, 0.06))
    )


def measurements(value: float, gain: int = NONE, offset: int = NONE, gate: float = 4.0) -> Measurements:
    numbers = (np.array([0.5]), np.array([value]), np.array([2.0]), np.array([gate]))
    return Measurements(index(0), index(SPACE_STATES), index(gain), index(offset), *numbers)


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1), st.floats(0.001, 2.0), st.floats(0, 30), st.floats(0, 30), st.floats(-5, 200)
)
def test_twins_agree(seed: int, dt_h: float, n_in: float, n_out: float, value: float) -> None:
    ours, plain = fresh(seed), fresh(seed)
    noise = np.full((1, STATES), 0.01)
    through, rows = flows(n_in, n_out), measurements(value, gain=6, offset=7)
    balance.predict(*ours, N_SPACES, noise, dt_h, 0.9)
    balance.flow(*ours, through)
    found = balance.measure(*ours, rows)
    balance.keep_positive(*ours, N_SPACES, 0.3)
    _balance_py.predict(*plain, N_SPACES, noise, dt_h, 0.9)
    columns = [getattr(through, name) for name in Flows.__slots__]
    _balance_py.flow(*plain, *columns)
    expected = (np.empty(1), np.empty(1))
    _balance_py.measure(*plain, *[getattr(rows, name) for name in Measurements.__slots__], *expected)
    _balance_py.keep_positive(*plain, N_SPACES, 0.3)
    for a, b in zip((*ours, *found), (*plain, *expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10 * max(1.0, np.abs(b).max()))
    assert np.array_equal(noise, np.full((1, STATES), 0.01))


def test_a_door_takes_from_one_space_what_it_gives_the_other() -> None:
    x, P = fresh()
    people = [PEOPLE, SPACE_STATES + PEOPLE]
    before = x[0, people].sum()
    balance.flow(x, P, flows(7, 2))
    assert x[0, people].sum() == pytest.approx(before)


def test_co2_above_what_the_air_explains_tells_of_people() -> None:
    x, P = np.zeros((1, STATES)), np.eye(STATES)[None] * 1e-6
    P[0, PEOPLE, PEOPLE] = 100.0
    x[0, 4] = np.log(50.0)
    for minute in range(1, 61):
        ppm = 500.0 * (1.0 - np.exp(-minute / 60))
        balance.predict(x, P, N_SPACES, np.zeros((1, STATES)), 1 / 60, 1.0)
        rows = Measurements(
            index(0), index(EXCESS), index(NONE), index(NONE), *map(np.atleast_1d, (1.0, ppm, 25.0, 4.0))
        )
        balance.measure(x, P, rows)
    assert x[0, PEOPLE] == pytest.approx(10.0, rel=0.2)


def test_an_unlikely_value_moves_the_state_no_further_than_its_gate() -> None:
    near, far = fresh(1), fresh(1)
    balance.measure(*near, measurements(1e3, gate=4.0))
    balance.measure(*far, measurements(1e6, gate=4.0))
    before, _ = fresh(1)
    assert abs(far[0] - before).max() <= abs(near[0] - before).max()


def test_fewer_than_nobody_becomes_nobody() -> None:
    x, P = fresh()
    x[0, PEOPLE] = -3.0
    balance.keep_positive(x, P, N_SPACES, 0.3)
    assert x[0, PEOPLE] == 0.0


@pytest.mark.parametrize("state", [-1, STATES])
def test_index_beyond_the_states_is_refused(state: int) -> None:
    x, P = fresh()
    rows = Measurements(
        index(0), index(state), index(NONE), index(NONE), *map(np.atleast_1d, (1.0, 1.0, 1.0, 4.0))
    )
    with pytest.raises(ValueError, match="state"):
        balance.measure(x, P, rows)


def test_variance_of_nothing_is_refused() -> None:
    x, P = fresh()
    rows = Measurements(
        index(0), index(0), index(NONE), index(NONE), *map(np.atleast_1d, (1.0, 1.0, 0.0, 4.0))
    )
    with pytest.raises(ValueError, match="variance"):
        balance.measure(x, P, rows)
