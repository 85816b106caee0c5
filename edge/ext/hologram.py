"""Differential hologram of many tags on a grid (AdaRF, IMWUT 2019, with one lag)."""

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

F64 = NDArray[np.float64]


def hologram(
    phase: F64,
    weight: F64,
    x_m: F64,
    grid_m: F64,
    lines_m: F64,
    k_rad_m: float,
    lag: int,
    across: bool = False,
) -> F64:
    """Sum over the bins a of min(w_a, w_b)·cos(k·(d_b - d_a) - (phase_b - phase_a)).

    b is the bin `lag` after a, where both were read.

    Parameters
    ----------
    phase, weight : float64[n, k], a tag's phase (rad) in each bin and its weight, 0 where nothing was read
    x_m : float64[k], where the antenna was
    grid_m : float64[g], places along the shelf that are tried
    lines_m : float64[y], distances from the antenna's line that are tried
    k_rad_m : rad of phase for a metre of distance
    lag : bins between the two samples of a difference, at least 1
    across : whether b is the next bin that was read where the one at `lag` was not: tags are silent in nulls

    Returns
    -------
    float64[n, y, g]

    Raises ValueError where the shapes do not fit.
    """
    phase, weight = np.ascontiguousarray(phase, np.float64), np.ascontiguousarray(weight, np.float64)
    if phase.ndim != 2 or phase.shape != weight.shape or phase.shape[1] != len(x_m):
        raise ValueError(f"phase {phase.shape}, weight {weight.shape} and x_m {np.shape(x_m)} do not fit")
    if lag < 1:
        raise ValueError(f"lag must be at least 1, not {lag}")
    out = np.zeros((phase.shape[0], len(lines_m), len(grid_m)))
    grid, lines = np.ascontiguousarray(grid_m, np.float64), np.ascontiguousarray(lines_m, np.float64)
    path = np.ascontiguousarray(x_m, np.float64)
    load("hologram").hologram(phase, weight, path, grid, lines, float(k_rad_m), int(lag), across, out)
    return out
