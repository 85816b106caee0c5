"""The middle and the spread of values are those of the many, not of the few."""

import numpy as np
import pytest

from edge.fusion.robust import middle_and_spread


def test_normal_values_have_their_own_mean_and_deviation() -> None:
    values = np.random.default_rng(1).normal(5.0, 2.0, 20_000)
    assert middle_and_spread(values) == (pytest.approx(5.0, abs=0.05), pytest.approx(2.0, abs=0.05))


def test_a_third_of_outliers_moves_it_by_less_than_a_deviation() -> None:
    values = np.append(np.random.default_rng(1).normal(0.0, 1.0, 600), np.full(300, 1e6))
    middle, spread = middle_and_spread(values)
    assert abs(middle) < 1.0
    assert spread < 2.5


def test_each_column_is_one_of_its_own() -> None:
    middle, spread = middle_and_spread(np.array([[1.0, 10.0], [2.0, 10.0], [3.0, 40.0]]))
    assert middle == pytest.approx([2.0, 10.0])
    assert spread == pytest.approx([1.4826, 0.0])
