"""Pairs of points in plain numpy: the twin of `_points_c.pyx`, by each pair's matrix as a whole."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def evidence(
    gram: F64,
    towards: F64,
    seen: F64,
    known: F64,
    log_prior: F64,
    strengths: F64,
    firsts: int,
    out: F64,
) -> None:
    """Fills `out` [m, s, 2]: log evidence of one point and of two."""
    g = len(towards) // 2
    for n in range(len(seen)):
        free, left = gram - seen[n].T @ seen[n], towards - known[n] @ seen[n]
        for t, strength in enumerate(strengths):
            one = np.array([_of([i], free, left, strength) for i in range(g)]) + log_prior[n]
            ahead = np.argsort(-one, kind="stable")[:firsts].tolist()
            pairs = {(min(i, j), max(i, j)) for i in ahead for j in range(g) if i != j}
            both = [_of([i, j], free, left, strength) + log_prior[n, i] + log_prior[n, j] for i, j in pairs]
            out[n, t] = np.logaddexp.reduce(one), np.log(2.0) + np.logaddexp.reduce(np.array([-1e300, *both]))


def _of(points: list[int], free: F64, left: F64, strength: float) -> float:
    rows = np.concatenate([np.array(points), np.array(points) + len(left) // 2])
    inner = np.eye(len(rows)) + strength**2 * free[np.ix_(rows, rows)]
    if np.linalg.eigvalsh(inner)[0] <= 0.0:
        raise ValueError("products of points are not positive definite")
    explained = strength**2 * left[rows] @ np.linalg.solve(inner, left[rows])
    return float(0.5 * explained - 0.5 * np.linalg.slogdet(inner)[1])
