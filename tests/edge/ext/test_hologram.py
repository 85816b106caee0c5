"""The hologram kernel: both writings agree, and the peak moves with the scene."""

import importlib

import numpy as np
import pytest

from edge.columns import F64
from edge.ext.hologram import hologram

K2_RAD_M = 4.0 * np.pi * 920.0 / 299.792458
PATH_M = np.arange(0.0, 1.0, 0.02)
GRID_M = np.arange(0.0, 1.0, 0.01)
LINES_M = np.array([0.4, 0.5])


def phases(*places_m: float) -> F64:
    return np.array([K2_RAD_M * np.hypot(PATH_M - x, 0.5) for x in places_m])


@pytest.mark.parametrize("across", [False, True])
def test_both_writings_agree(across: bool) -> None:
    rng = np.random.default_rng(3)
    phase, weight = rng.uniform(0, 6.3, (5, 50)), rng.uniform(0, 1, (5, 50)) * (rng.random((5, 50)) > 0.3)
    out = []
    for twin in ("py", "c"):
        kernel = pytest.importorskip(f"edge.ext._hologram_{twin}")
        out.append(np.zeros((5, 2, 100)))
        kernel.hologram(phase, weight, PATH_M, GRID_M, LINES_M, K2_RAD_M, 2, across, out[-1])
    np.testing.assert_allclose(out[0], out[1], atol=1e-9)


def test_peak_stands_at_the_tag_and_counts_every_difference() -> None:
    value = hologram(phases(0.3, 0.62), np.ones((2, 50)), PATH_M, GRID_M, LINES_M, K2_RAD_M, 1)
    assert value[:, 1].argmax(axis=1).tolist() == [30, 62]
    np.testing.assert_allclose(value[:, 1].max(axis=1), 49.0, atol=1e-9)


def test_mirrored_scene_gives_mirrored_hologram() -> None:
    mirrored = hologram(phases(0.3)[:, ::-1], np.ones((1, 50)), -PATH_M[::-1], -GRID_M, LINES_M, K2_RAD_M, 2)
    straight = hologram(phases(0.3), np.ones((1, 50)), PATH_M, GRID_M, LINES_M, K2_RAD_M, 2)
    np.testing.assert_allclose(mirrored, straight, atol=1e-9)


def test_scene_in_other_units_gives_the_same_hologram() -> None:
    straight = hologram(phases(0.3), np.ones((1, 50)), PATH_M, GRID_M, LINES_M, K2_RAD_M, 2)
    scaled = hologram(
        phases(0.3), np.ones((1, 50)), PATH_M * 100, GRID_M * 100, LINES_M * 100, K2_RAD_M / 100, 2
    )
    np.testing.assert_allclose(scaled, straight, atol=1e-8)


def test_bins_without_reads_count_nothing() -> None:
    weight = np.ones((1, 50))
    weight[0, 25:] = 0.0
    value = hologram(phases(0.3), weight, PATH_M, GRID_M, LINES_M, K2_RAD_M, 1)
    assert value.max() == pytest.approx(24.0)


def test_differences_reach_across_bins_without_reads_where_that_is_asked() -> None:
    weight = np.ones((1, 50))
    weight[0, 20:30] = 0.0
    value = hologram(phases(0.3), weight, PATH_M, GRID_M, LINES_M, K2_RAD_M, 1, across=True)
    assert value.max() == pytest.approx(39.0)
    value = hologram(phases(0.3), weight, PATH_M, GRID_M, LINES_M, K2_RAD_M, 1)
    assert value.max() == pytest.approx(38.0)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        hologram(phases(0.3), np.ones((1, 49)), PATH_M, GRID_M, LINES_M, K2_RAD_M, 1)
    with pytest.raises(ValueError, match="lag"):
        hologram(phases(0.3), np.ones((1, 50)), PATH_M, GRID_M, LINES_M, K2_RAD_M, 0)


def test_twin_serves_where_nothing_was_built() -> None:
    assert importlib.import_module("edge.ext._hologram_py").hologram
