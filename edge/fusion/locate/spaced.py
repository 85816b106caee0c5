"""A row of books side by side: each tag's own posterior, and gaps as thick as books are.

Reads leave many a tag two places or more, and a few tags far off. Books neither overlap nor leave holes,
mostly: a tag that may stand in a crowd or in a hole stands in the hole. Gaps are of a gamma law about the
row's own mean (thicknesses vary by half of it), some of them wider, where books were not read or lean. Rows
are drawn from both together; places, deviations and who stands between whom are the draws'.
"""

from dataclasses import dataclass
from math import factorial
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext.gaps import draws
from edge.fusion.locate.order import held_in

STEP_M: Final = 0.004
AROUND_M: Final = 0.16
SMOOTH_M: Final = 0.0087  # of a posterior that is given every 1.5 cm
ASTRAY: Final = 0.03  # tags that stand where their own posterior does not see them
ASTRAY_SD_M: Final = 0.10
GAPS_M: Final = 0.6  # longer ones count as this
SHAPE: Final = 4
HOLES: Final = 0.1
HOLES_SHAPE: Final = 2
HOLES_MEAN: Final = 2.5  # of the mean gap
LEAST_TAGS: Final = 8
SETTLING, KEPT = 100, 300


@dataclass(frozen=True, slots=True)
class Spaced:
    """float64[n] each: means and deviations of places, P(both neighbours are on the sides where found)."""

    x_m: F64
    sd_m: F64
    held: F64


def spaced(p: F64, at_m: F64, start_m: F64) -> Spaced | None:
    """The row of n tags with posteriors p [n, m] at `at_m` [m] from `start_m` [n]; None of few tags."""
    if len(p) < LEAST_TAGS:
        return None
    first = np.round((start_m - AROUND_M) / STEP_M).astype(np.intp)
    cells = np.arange(int(2.0 * AROUND_M / STEP_M) + 1)
    log_p = _log_p(p, at_m, (first[:, None] + cells) * STEP_M - start_m[:, None])
    own = np.exp(log_p)
    likely = own @ cells / own.sum(axis=1)
    mean_m = STEP_M * np.ptp(first + likely) / (len(p) - 1)
    chance = np.random.default_rng(0).random((SETTLING + KEPT, 2 * len(p)))
    drawn = draws(log_p, first, _log_gap(max(float(mean_m), STEP_M)), chance)[SETTLING:]
    rows_m: F64 = (STEP_M * drawn).astype(np.float64)
    x_m: F64 = rows_m.mean(axis=0)
    sd_m: F64 = np.sqrt(rows_m.var(axis=0) + STEP_M**2 / 12.0)
    return Spaced(x_m, sd_m, held_in(rows_m, x_m))


def _log_p(p: F64, at_m: F64, ahead_m: F64) -> F64:
    """The posteriors on each tag's cells, which are `ahead_m` [n, cells] of its start."""
    own = np.zeros(ahead_m.shape)
    for here_m, share in zip(at_m, p.T, strict=True):  # one at a time: long rows would take megabytes
        own += share[:, None] * np.exp(-0.5 * ((ahead_m - here_m) / SMOOTH_M) ** 2)
    mean = (p @ at_m)[:, None]
    astray = np.exp(-0.5 * ((ahead_m - mean) / ASTRAY_SD_M) ** 2)
    own /= own.sum(axis=1, keepdims=True)
    astray /= astray.sum(axis=1, keepdims=True)
    log_p: F64 = np.log((1.0 - ASTRAY) * own + ASTRAY * astray + 1e-12)
    return log_p


def _log_gap(mean_m: float) -> F64:
    """Log density of gaps of 0, 1, 2 ... cells; within one cell it is that of a third of it."""
    gap_m = STEP_M * np.maximum(np.arange(int(GAPS_M / STEP_M)), 1.0 / 3.0)
    usual = _gamma(gap_m, SHAPE, mean_m)
    wide = _gamma(gap_m, HOLES_SHAPE, HOLES_MEAN * mean_m)
    log_gap: F64 = np.log((1.0 - HOLES) * usual + HOLES * wide + 1e-6)
    return log_gap


def _gamma(x: F64, shape: int, mean: float) -> F64:
    rate = shape / mean
    density: F64 = rate * (rate * x) ** (shape - 1) * np.exp(-rate * x) / factorial(shape - 1)
    return density
