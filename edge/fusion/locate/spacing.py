"""A row's own evenness: gaps of one mean and spread, both learnt from the row (normal-gamma)."""

from functools import cache
from math import log1p
from typing import Final

import numpy as np

from edge.columns import F64

USUAL_SHARE: Final = 0.2  # the spread of gaps that is usual, as a share of their mean
STRENGTH: Final = 4.0  # gaps that this belief is worth
LEAST_M: Final = 1e-3


def spacing_energy(x_m: F64, usual_share: float = USUAL_SHARE) -> float:
    """Negative log density of the gaps of tags at `x_m`, up to a constant."""
    many = len(x_m) - 1
    if many < 2:
        return 0.0
    off, mean = _uneven(np.sort(x_m))
    usual = usual_share * mean
    return 0.5 * (STRENGTH + many) * log1p(float(off @ off) / (STRENGTH * usual**2))


def _uneven(ordered_m: F64) -> tuple[F64, float]:
    """float64[n - 1]: by how much each gap differs from their mean; the mean, at least LEAST_M."""
    mean = float(ordered_m[-1] - ordered_m[0]) / (len(ordered_m) - 1)
    off: F64 = ordered_m[1:] - ordered_m[:-1] - mean
    return off, max(mean, LEAST_M)


@cache
def _bend(n: int) -> F64:
    """float64[n, n]: half the second derivative of Σ(gap - mean)² of n places in order."""
    take = np.diff(np.eye(n), axis=0)
    centred = take - take.mean(axis=0)
    bend: F64 = centred.T @ centred
    return bend


def spacing_slope(x_m: F64, usual_share: float = USUAL_SHARE) -> tuple[F64, F64]:
    """Gradient and (positive) curvature of `spacing_energy` by place."""
    n = len(x_m)
    if n < 3:
        return np.zeros(n), np.zeros((n, n))
    order = np.argsort(x_m, kind="stable")
    off, mean = _uneven(x_m[order])
    uneven = float(off @ off)
    weight = (STRENGTH + n - 1) / (STRENGTH * (usual_share * mean) ** 2 + uneven)
    gradient, curve = np.zeros(n), np.empty((n, n))
    gradient[order[1:]] += weight * off
    gradient[order[:-1]] -= weight * off
    gradient[order[-1]] -= weight * uneven / mean / (n - 1)
    gradient[order[0]] += weight * uneven / mean / (n - 1)
    curve[np.ix_(order, order)] = weight * _bend(n)
    return gradient, curve
