"""The assignment kernel: both writings find the least sum, and no permutation is cheaper."""

from itertools import permutations

import numpy as np
import pytest

from edge.ext.assign import assign


@pytest.mark.parametrize("twin", ["py", "c"])
@pytest.mark.parametrize("n", [0, 1, 2, 5, 6])
def test_no_permutation_is_cheaper(twin: str, n: int) -> None:
    kernel = pytest.importorskip(f"edge.ext._assign_{twin}")
    for seed in range(10):
        cost = np.random.default_rng(seed).normal(size=(n, n))
        slot = np.zeros(n, np.intp)
        kernel.assign(cost, slot)
        least = min(sum(cost[i, j] for i, j in enumerate(order)) for order in permutations(range(n)))
        assert sorted(slot) == list(range(n))
        assert cost[np.arange(n), slot].sum() == pytest.approx(least)


def test_both_writings_agree_on_larger_ones() -> None:
    cost = np.random.default_rng(1).uniform(size=(30, 30))
    slots = []
    for twin in ("py", "c"):
        kernel = pytest.importorskip(f"edge.ext._assign_{twin}")
        slots.append(np.zeros(30, np.intp))
        kernel.assign(cost, slots[-1])
    np.testing.assert_array_equal(*slots)


def test_what_is_no_square_of_finite_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="square"):
        assign(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="finite"):
        assign(np.array([[np.inf]]))
