"""Medians of rows, and what was last seen: as numpy has them one row at a time."""

import numpy as np
import pytest

from edge.fusion.locate.robust import held, median, median_and_sd, medians


@pytest.mark.parametrize("n", [1, 2, 7, 8])
def test_median_is_that_of_numpy(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    assert median(values) == np.median(values)


def test_medians_are_those_of_what_is_seen() -> None:
    rng = np.random.default_rng(1)
    values, seen = rng.normal(size=(30, 9)), rng.random((30, 9)) < 0.4
    seen[3], seen[4] = False, True
    expected = [np.median(row[ok]) if ok.any() else 7.0 for row, ok in zip(values, seen, strict=True)]
    np.testing.assert_array_equal(medians(values, seen, 7.0), expected)


def test_what_is_not_seen_is_held_from_before_and_at_first_from_after() -> None:
    values = np.array([[1.0, 2.0, 3.0, 4.0, 5.0]])
    seen = np.array([[False, True, False, False, True]])
    assert held(values, seen).tolist() == [[2.0, 2.0, 2.0, 2.0, 5.0]]


def test_a_medians_deviation_is_what_medians_scatter_by() -> None:
    drawn = np.random.default_rng(2).normal(3.0, 0.5, (400, 101))
    found = np.array([median_and_sd(row, 0.0) for row in drawn])
    assert found[:, 0].std() == pytest.approx(found[:, 1].mean(), rel=0.1)
    assert median_and_sd(np.full(4, 7.0), 2.0) == (7.0, pytest.approx(1.2533))
