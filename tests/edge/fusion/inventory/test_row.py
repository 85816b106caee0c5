"""The row as a hidden chain: who is out of order, and where everybody stands."""

import numpy as np
import pytest

from edge.columns import F64
from edge.fusion.inventory.row import Settled, gaps, grid_m, settle

ODDS = np.log(0.02)


def settled(x_m: list[float], sd_m: float, gap_m: float = 0.03) -> Settled:
    places = np.array(x_m)
    grid = grid_m(places, None)
    z = (grid[None, :] - places[:, None]) / sd_m
    likelihood = np.exp(-0.5 * z * z) / (np.sqrt(2 * np.pi) * sd_m)
    return settle(grid, likelihood, np.full(len(places), ODDS), gap_m)


def test_row_in_order_stays_as_measured() -> None:
    x_m = [0.02 + 0.03 * n for n in range(12)]
    result = settled(x_m, 0.003)
    assert result.out_p.max() < 0.01
    assert result.x_m == pytest.approx(x_m, abs=0.002)


def test_one_stray_does_not_flag_the_rest() -> None:
    x_m = [0.02 + 0.03 * n for n in range(12)]
    x_m[1] = 0.5
    result = settled(x_m, 0.01)
    assert result.out_p[1] > 0.95
    assert np.delete(result.out_p, 1).max() < 0.1


def test_doubtful_measurement_is_drawn_into_the_order_instead() -> None:
    x_m = [0.02 + 0.03 * n for n in range(12)]
    x_m[5] += 0.05
    result = settled(x_m, 0.04)
    assert result.out_p[5] < 0.2
    assert np.all(np.diff(result.x_m) > 0)


def test_of_a_swapped_pair_either_may_be_out() -> None:
    x_m = [0.05, 0.25, 0.65, 0.45, 0.85]
    result = settled(x_m, 0.01, gap_m=0.2)
    assert result.out_p[[2, 3]] == pytest.approx([0.5, 0.5], abs=0.1)


def test_evidence_prefers_the_right_deviation() -> None:
    rng = np.random.default_rng(3)
    x_m = (0.02 + 0.03 * np.arange(30) + rng.normal(0, 0.01, 30)).tolist()
    evidence = {sd: settled(x_m, sd).log_evidence for sd in (0.002, 0.01, 0.05)}
    assert max(evidence, key=lambda sd: evidence[sd]) == 0.01


@pytest.mark.parametrize("n", [0, 1, 2])
def test_short_rows(n: int) -> None:
    result = settled([0.1 * i for i in range(n)], 0.01)
    assert len(result.out_p) == len(result.x_m) == n
    assert np.all(result.out_p < 0.2)


def _fits(places_m: list[float], sd_m: float, grid: np.ndarray[tuple[int], np.dtype[np.float64]]) -> F64:
    z = (grid[None, :] - np.array(places_m)[:, None]) / sd_m
    fits: F64 = np.exp(-0.5 * z * z) / (np.sqrt(2 * np.pi) * sd_m)
    return fits


def test_guest_stands_where_the_row_makes_room_for_it() -> None:
    row = [0.02 + 0.03 * n + (0.03 if n > 5 else 0.0) for n in range(12)]
    grid = grid_m(np.array(row), None)
    books, odds = _fits(row, 0.004, grid), np.full(len(row), ODDS)
    a_little_left_of_it = _fits([row[5] - 0.002], 0.02, grid)
    found = gaps(grid, books, odds, 0.03, a_little_left_of_it)
    assert found.p.sum() == pytest.approx(1.0)
    assert found.p[0].argmax() == 6
    assert row[5] < found.x_m[0, 6] < row[6]


def test_guest_of_which_nothing_is_known_may_stand_anywhere() -> None:
    row = [0.02 + 0.03 * n for n in range(12)]
    grid = grid_m(np.array(row), None)
    found = gaps(grid, _fits(row, 0.01, grid), np.full(len(row), ODDS), 0.03, np.ones((1, len(grid))))
    assert found.p.max() < 0.5


def test_guest_of_an_empty_board_stands_where_it_was_measured() -> None:
    grid = grid_m(np.array([0.4]), 0.9)
    found = gaps(grid, np.empty((0, len(grid))), np.empty(0), 0.03, _fits([0.4], 0.01, grid))
    assert found.p.tolist() == [[1.0]]
    assert found.x_m[0, 0] == pytest.approx(0.4, abs=0.002)
