"""Each tag by itself: the posterior of its place from the whole complex profile, around the hologram's peak.

The one-way field must look like one direct path of unknown gain, place and depth. A profile is worth only
some independent samples, since multipath is correlated along the path: log p = -K·log(residual share) (a
complex normal residual of unknown power), on a grid that shows second peaks too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext.matched import matched
from edge.fusion.locate.hologram import Coarse
from edge.fusion.locate.options import Options
from edge.fusion.locate.own import Own
from edge.fusion.locate.physics import wavenumber
from edge.fusion.locate.profile import Profile, continuous

HALF_WIDTH_M: Final = 0.10
STEP_M: Final = 0.01
DEPTHS_M: Final = np.array([-0.05, 0.0, 0.04, 0.08, 0.12, 0.16])
INFORMATIVE: Final = 5.0
FLOOR: Final = 0.01


@dataclass(frozen=True, slots=True)
class Placed:
    """float64[n] each: the peak, mean and sd of the posterior, and the share of power left unexplained.

    held : P(both neighbours are on the sides where found), where rows were drawn; own : by its own reads
    """

    peak_m: F64
    x_m: F64
    sd_m: F64
    misfit: F64
    held: F64 | None = None
    own: tuple[Own, ...] | None = None


def place_singly(profiles: Sequence[Profile], coarse: Coarse, options: Options) -> Placed:
    """The posterior of every tag's place over all profiles of its board."""
    step = np.arange(-HALF_WIDTH_M, HALF_WIDTH_M + 0.5 * STEP_M, STEP_M)
    at = coarse.x_m[:, None] + step[None, :]
    explained, power = np.zeros((len(at), len(DEPTHS_M), len(step))), np.zeros(len(at))
    for one in profiles:
        smooth = continuous(one, coarse.x_m)
        k = float(wavenumber(one.f_mhz))
        found, total = matched(smooth.h, one.x_m, at, one.y_m + DEPTHS_M, k)
        explained += found
        power += total
    left = 1.0 - explained / np.maximum(power, 1e-300)[:, None, None]
    log_p = -INFORMATIVE * np.log(np.maximum(left, 0.0) + FLOOR)
    log_p -= 0.5 * ((DEPTHS_M - options.depth_m) / options.depth_sd_m)[None, :, None] ** 2
    return _summary(log_p, left, at)


def _summary(log_p: F64, left: F64, at: F64) -> Placed:
    n = len(at)
    top = log_p.reshape(n, -1).max(axis=1)
    p = np.exp(log_p - top[:, None, None]).sum(axis=1)
    p /= p.sum(axis=1, keepdims=True)
    mean = (p * at).sum(axis=1)
    sd = np.sqrt((p * (at - mean[:, None]) ** 2).sum(axis=1) + (STEP_M**2) / 12.0)
    best = log_p.max(axis=1)
    return Placed(_peak(best, at), mean, sd, left.reshape(n, -1).min(axis=1))


def _peak(value: F64, at: F64) -> F64:
    """Each row's maximum, between the grid's points by a parabola."""
    rows = np.arange(len(at))
    mid = np.clip(value.argmax(axis=1), 1, at.shape[1] - 2)
    left, here, right = value[rows, mid - 1], value[rows, mid], value[rows, mid + 1]
    bend = np.maximum(2.0 * here - left - right, 1e-9)
    peak: F64 = at[rows, mid] + STEP_M * np.clip(0.5 * (right - left) / bend, -1.0, 1.0)
    return peak
