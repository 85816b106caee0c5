"""The robust start: a differential hologram of every tag on a grid of places and distances.

L(x, y) = Σ_g Σ_k w_k cos(fold·[(4πf/c)(d_{k+g} - d_k) - (θ_{k+g} - θ_k)]), the neighbour-differential
hologram of AdaRF (IMWUT 2019) with several lags g, weighted by amplitude. `edge.ext.hologram` sums it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext.hologram import hologram
from edge.fusion.locate.options import Options
from edge.fusion.locate.physics import wavenumber
from edge.fusion.locate.profile import Profile
from edge.fusion.locate.robust import medians

GRID_M: Final = 0.01
LAGS_M: Final = (0.02, 0.04)
DEPTHS_M: Final = np.array([-0.06, -0.02, 0.02, 0.06, 0.10])


@dataclass(frozen=True, slots=True)
class Coarse:
    """float64[n] each: the peak, its distance behind the spines, its sd."""

    x_m: F64
    depth_m: F64
    sd_m: F64


def coarse_places(
    profiles: Sequence[Profile],
    low_m: float,
    high_m: float,
    options: Options,
    depths: F64 = DEPTHS_M,
    across: bool = False,
) -> Coarse:
    """The peak of every tag's hologram over all profiles of its board, between `low_m` and `high_m`.

    across : whether differences are taken across bins where a tag was silent
    """
    grid = np.arange(low_m, high_m + GRID_M, GRID_M)
    n = len(profiles[0].h)
    total = np.zeros((n, len(depths), len(grid)))
    for one in profiles:
        unit, size = _units(one, options)
        for lag in sorted({max(1, round(lag / _step(one))) for lag in LAGS_M}):
            k2 = 2.0 * one.fold * float(wavenumber(one.f_mhz))
            total += hologram(unit, size, one.x_m, grid, one.y_m + depths, k2, lag, across)
    prior = 0.5 * ((depths - 0.5 * options.depth_m) / (2.0 * options.depth_sd_m)) ** 2
    return _peaks(total - prior[:, None], grid, depths)


def _step(one: Profile) -> float:
    return float(one.x_m[1] - one.x_m[0]) if len(one.x_m) > 1 else 0.01


def _units(one: Profile, options: Options) -> tuple[F64, F64]:
    """Round-trip phases (folded) and weights: amplitude over its median, at most 1 (nulls count little)."""
    seen = one.count > 0
    phase = -2.0 * one.fold * np.angle(one.h)
    size = np.abs(one.h) ** 2
    middle = medians(size, seen, 1.0)
    weight = np.where(seen, np.minimum(size / middle[:, None], 1.0) if options.amplitude else 1.0, 0.0)
    return phase, weight


def _peaks(total: F64, grid: F64, depths: F64) -> Coarse:
    n = len(total)
    flat = total.reshape(n, -1).argmax(axis=1)
    depth, place = np.unravel_index(flat, total.shape[1:])
    x_m, bend = _parabola(total, depth, place, grid)
    return Coarse(
        x_m=x_m,
        depth_m=depths[depth],
        sd_m=np.clip(np.sqrt(1.0 / np.maximum(bend, 1e-6)), 0.005, 0.3),
    )


def _parabola(total: F64, depth: F64, place: F64, grid: F64) -> tuple[F64, F64]:
    rows = np.arange(len(total))
    mid = np.clip(place, 1, max(1, len(grid) - 2)).astype(np.intp)
    left, here, right = (total[rows, depth, np.clip(mid + s, 0, len(grid) - 1)] for s in (-1, 0, 1))
    bend = 2.0 * here - left - right
    shift = np.where(bend > 1e-12, 0.5 * (right - left) / np.maximum(bend, 1e-12), 0.0)
    x_m = grid[mid] + np.clip(shift, -1.0, 1.0) * GRID_M
    return x_m, bend / GRID_M**2
