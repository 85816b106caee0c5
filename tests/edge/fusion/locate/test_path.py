"""Passes: gaps, boards and turns cut them; smoothing takes noise away and leaves a rail alone."""

import numpy as np

from edge.columns import F64, PoseColumns
from edge.fusion.locate.path import passes_of, smoothed


def poses(t_s: F64, x_m: F64) -> PoseColumns:
    n = len(t_s)
    return PoseColumns(
        t_ns=(t_s * 1e9).astype(np.int64),
        source=np.zeros(n, np.intp),
        shelf=np.zeros(n, np.intp),
        x_m=x_m,
        y_m=np.full(n, 0.4),
        z_m=np.full(n, np.nan),
        sources=("cart-1",),
        shelves=("a1",),
    )


def test_gap_of_more_than_two_seconds_ends_a_pass() -> None:
    t_s = np.array([0.0, 1.0, 2.0, 4.5, 5.0])
    assert [len(one.t_ns) for one in passes_of(poses(t_s, t_s))] == [3, 2]


def test_turn_ends_a_pass_and_noise_does_not() -> None:
    t_s = np.arange(0.0, 10.0, 0.05)
    x_m = 0.5 - np.abs(t_s - 5.0) * 0.1 + np.random.default_rng(1).normal(0, 0.005, len(t_s))
    passes = passes_of(poses(t_s, x_m))
    assert [one.forward for one in passes] == [True, False]


def test_a_pose_that_leaps_away_and_back_is_left_out_and_cuts_nothing() -> None:
    t_s = np.arange(0.0, 4.0, 0.05)
    x_m = 0.2 * t_s
    x_m[[20, 50]] += 0.9, -0.4
    (one,) = passes_of(poses(t_s, x_m))
    assert len(one.t_ns) == len(t_s) - 2
    np.testing.assert_allclose(one.x_m, 0.2 * 1e-9 * one.t_ns, atol=1e-9)


def test_seldom_poses_of_a_fast_cart_that_turns_are_no_strays() -> None:
    t_s = np.arange(0.0, 6.0, 0.5)
    there_and_back = passes_of(poses(t_s, 1.0 * np.abs(t_s - 3.0)))
    assert [len(one.t_ns) for one in there_and_back] == [6, 6]


def test_noise_is_smoothed_and_stops_are_kept() -> None:
    t_s = np.arange(0.0, 5.0, 0.05)
    t_ns = (t_s * 1e9).astype(np.int64)
    noisy = 0.2 * t_s + np.random.default_rng(2).normal(0, 0.005, len(t_s))
    assert np.std(smoothed(t_ns, noisy) - 0.2 * t_s) < 0.0025
    stops = np.floor(t_s) * 0.02
    np.testing.assert_array_equal(smoothed(t_ns, stops), stops)
