"""Rows of books side by side: who may stand in a crowd or in a hole stands in the hole."""

import numpy as np

from edge.columns import F64
from edge.fusion.locate.spaced import spaced

AT_M = np.arange(-0.12, 0.121, 0.015)
ROW_M = 0.025 * np.arange(20)


def normal(mean_m: float, sd_m: float) -> F64:
    p: F64 = np.exp(-0.5 * ((AT_M - mean_m) / sd_m) ** 2)
    return p / p.sum()


def sure() -> F64:
    return np.stack([normal(0.0, 0.008) for _ in ROW_M])


def test_who_may_stand_in_a_crowd_or_in_a_hole_stands_in_the_hole() -> None:
    p = sure()
    p[10] = 0.6 * normal(0.065, 0.008) + 0.4 * normal(0.0, 0.008)
    found = spaced(p, AT_M, ROW_M)
    assert found is not None
    by_itself_m = float(p[10] @ AT_M)
    assert 0.0 < found.x_m[10] - ROW_M[10] < 0.6 * by_itself_m


def test_places_that_reads_tell_are_left_alone() -> None:
    uneven_m = np.cumsum(np.tile([0.01, 0.04, 0.02, 0.03], 5))
    found = spaced(sure(), AT_M, uneven_m)
    assert found is not None
    assert np.abs(found.x_m - uneven_m).max() < 0.01
    assert np.all(found.sd_m < 0.02)


def test_tags_that_are_far_apart_are_surely_in_order_and_crowds_are_not() -> None:
    apart, crowd = (spaced(sure(), AT_M, share * ROW_M) for share in (4.0, 0.3))
    assert apart is not None
    assert crowd is not None
    assert apart.held.min() > 0.95
    assert crowd.held.mean() < 0.6


def test_few_tags_are_no_row() -> None:
    assert spaced(sure()[:5], AT_M, ROW_M[:5]) is None
