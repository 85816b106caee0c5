"""The presence kernel: both twins agree, and the window does what the paper promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.ext import _presence_py, presence

DELTA = 0.05


def fresh(n: int) -> list[np.ndarray]:
    return [
        np.zeros(n, np.uint64),
        np.ones(n, np.int32),
        np.full(n, 0.5),
        np.zeros(n, np.uint8),
    ]


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), max_size=120), st.floats(0.001, 0.5))
def test_twins_agree(epochs: list[list[bool]], delta: float) -> None:
    ours, plain = fresh(3), fresh(3)
    for epoch in epochs:
        seen = np.array(epoch, np.uint8)
        presence.step(*ours, seen, delta)
        _presence_py.step(*plain, seen, delta)
        assert np.array_equal(seen, np.array(epoch, np.uint8))
    for a, b in zip(ours, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)


def test_tag_read_in_every_third_epoch_stays_present() -> None:
    state = fresh(1)
    there = []
    for epoch in range(600):
        presence.step(*state, np.array([epoch % 3 == 0], np.uint8), DELTA)
        there.append(int(state[3][0]))
    assert all(there[20:])


def test_tag_that_left_is_gone_within_its_window() -> None:
    state = fresh(1)
    for _ in range(50):
        presence.step(*state, np.ones(1, np.uint8), DELTA)
    absent = 0
    while state[3][0] and absent < 70:
        presence.step(*state, np.zeros(1, np.uint8), DELTA)
        absent += 1
    assert absent <= 5


@pytest.mark.parametrize("delta", [0.0, 1.0, float("nan")])
def test_impossible_delta_is_refused(delta: float) -> None:
    with pytest.raises(ValueError, match="delta"):
        presence.step(*fresh(1), np.ones(1, np.uint8), delta)


def test_arrays_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 2"):
        presence.step(*fresh(2), np.ones(1, np.uint8), DELTA)
