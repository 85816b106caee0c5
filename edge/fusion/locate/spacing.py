"""A row's own evenness: gaps of one mean and spread, both learnt from the row (normal-gamma)."""

from typing import Final

import numpy as np

from edge.columns import F64

USUAL_SHARE: Final = 0.2  # the spread of gaps that is usual, as a share of their mean
STRENGTH: Final = 4.0  # gaps that this belief is worth
LEAST_M: Final = 1e-3


def spacing_energy(x_m: F64, usual_share: float = USUAL_SHARE) -> float:
    """Negative log density of the gaps of tags at `x_m`, up to a constant."""
    gaps = np.diff(np.sort(x_m))
    if len(gaps) < 2:
        return 0.0
    usual = usual_share * max(float(gaps.mean()), LEAST_M)
    uneven = float(((gaps - gaps.mean()) ** 2).sum())
    return 0.5 * (STRENGTH + len(gaps)) * float(np.log1p(uneven / (STRENGTH * usual**2)))


def spacing_slope(x_m: F64, usual_share: float = USUAL_SHARE) -> tuple[F64, F64]:
    """Gradient and (positive) curvature of `spacing_energy` by place."""
    n = len(x_m)
    if n < 3:
        return np.zeros(n), np.zeros((n, n))
    order = np.argsort(x_m, kind="stable")
    take = np.zeros((n - 1, n))
    take[np.arange(n - 1), order[1:]] = 1.0
    take[np.arange(n - 1), order[:-1]] = -1.0
    centred = take - take.mean(axis=0)
    off = centred @ x_m
    mean = max(float((take @ x_m).mean()), LEAST_M)
    uneven = float(off @ off)
    weight = (STRENGTH + n - 1) / (STRENGTH * (usual_share * mean) ** 2 + uneven)
    gradient = weight * (centred.T @ off) - weight * uneven / mean * take.mean(axis=0)
    return gradient, weight * (centred.T @ centred)
