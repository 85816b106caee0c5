"""Order as inference: odds, and the probability that a place among neighbours is right."""

import numpy as np
import pytest

from edge.fusion.locate.order import (
    confidence,
    crowding_m,
    neighbour_log_odds,
    neighbours_hold,
    normal_cdf,
    unexplained_m2,
)


def test_normal_cdf_is_that_of_the_tables() -> None:
    np.testing.assert_allclose(normal_cdf(np.array([-1.96, 0.0, 1.0])), [0.025, 0.5, 0.8413], atol=1e-4)


def test_odds_grow_with_the_gap_and_shrink_with_what_two_tags_do_not_share() -> None:
    x_m, order = np.array([0.0, 0.02, 0.06]), np.arange(3)
    apart = neighbour_log_odds(x_m, np.diag(np.full(3, 0.02**2)), order)
    assert 0 < apart[0] < apart[1]
    shared = np.full((3, 3), 0.015**2) + np.diag(np.full(3, 0.02**2 - 0.015**2))
    assert (neighbour_log_odds(x_m, shared, order) > apart).all()


def test_tags_far_apart_hold_and_tags_at_one_place_do_not() -> None:
    held = neighbours_hold(np.array([0.0, 0.2, 0.4]), 0.01**2 * np.eye(3))
    assert (held > 0.98).all()
    at_one = neighbours_hold(np.array([0.30, 0.301, 0.302]), 0.02**2 * np.eye(3))
    # Of the six orders that draws may come in, three have the middle tag right to its own neighbours.
    assert at_one[1] == pytest.approx(0.5, abs=0.1)


def test_tags_above_one_another_are_no_neighbours() -> None:
    x_m, cov_m2 = np.array([0.30, 0.301, 0.50, 0.501, 0.70, 0.701]), 0.02**2 * np.eye(6)
    assert (neighbours_hold(x_m, cov_m2, boards=2) > 0.98).all()
    assert (neighbours_hold(x_m, cov_m2) < 0.8).all()


def test_errors_that_neighbours_share_leave_their_order_alone() -> None:
    x_m = np.array([0.30, 0.34, 0.38])
    own, shared = 0.01**2 * np.eye(3), np.full((3, 3), 0.05**2)
    together, each = own + shared, own + np.diag(np.diag(shared))
    assert (neighbours_hold(x_m, together) > neighbours_hold(x_m, each) + 0.2).all()


def test_what_a_model_leaves_unexplained_widens_places_and_moves_near_tags_alike() -> None:
    x_m = np.array([0.30, 0.31, 0.90])
    cov = unexplained_m2(x_m, np.array([0.1, 0.1, 0.2]))
    assert cov[2, 2] == pytest.approx(4.0 * cov[0, 0])
    assert cov[0, 1] > 0.8 * cov[0, 0] > 0.0
    assert abs(cov[0, 2]) < 0.01 * cov[0, 0]
    assert (unexplained_m2(x_m, np.zeros(3)) == 0.0).all()


def test_confidence_takes_board_and_both_sides() -> None:
    sure = confidence(np.array([0.0, 50.0]), np.array([1.0, 0.8, 1.0]))
    np.testing.assert_allclose(sure, [0.5, 0.4, 1.0], atol=1e-6)


def test_crowding_matters_to_thin_books_only() -> None:
    thin = crowding_m(np.arange(10) * 0.02)
    assert (thin > 0.03).all()
    assert (crowding_m(np.arange(5) * 0.4) < 0.001).all()
