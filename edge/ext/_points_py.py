"""Pairs of points in plain numpy: the twin of `_points_c.pyx`, whitened by a dense factor, pair by pair."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def evidence(
    rows: F64, points: F64, echoes: F64, log_prior: F64, strengths: F64, firsts: int, out: F64
) -> None:
    """Fills `out` [1 + 2s, m]; NaN where a matrix is not positive definite."""
    m, g = log_prior.shape
    low = np.linalg.cholesky(np.eye(rows.shape[1]) + echoes.T @ echoes)
    if not np.isfinite(low).all():
        out[:] = np.nan
        return
    rows, points = np.linalg.solve(low, rows.T).T, np.linalg.solve(low, points.T).T
    gram, towards, read = points @ points.T, points @ rows[-1], rows[-1]
    for n in range(m):
        own, size = np.linalg.qr(rows[[n, m + n]].T)
        seen, known = own.T @ points.T, own.T @ read
        free, left = gram - seen.T @ seen, towards - known @ seen
        half_log_det = np.log(np.abs(np.diag(size))).sum() + np.log(np.diag(low)).sum()
        out[0, n] = 0.5 * (known @ known - read @ read) - half_log_det
        for t, strength in enumerate(strengths):
            one = np.array([_of([i], free, left, strength) for i in range(g)]) + log_prior[n]
            ahead = np.argsort(-one, kind="stable")[:firsts].tolist()
            pairs = {(min(i, j), max(i, j)) for i in ahead for j in range(g) if i != j}
            both = [_of([i, j], free, left, strength) + log_prior[n, i] + log_prior[n, j] for i, j in pairs]
            out[1 + t, n] = out[0, n] + np.logaddexp.reduce(one)
            pair = np.log(2.0) + np.logaddexp.reduce(np.array([-1e300, *both]))
            out[1 + len(strengths) + t, n] = out[0, n] + pair


def _of(points: list[int], free: F64, left: F64, strength: float) -> float:
    rows = np.concatenate([np.array(points), np.array(points) + len(left) // 2])
    inner = np.eye(len(rows)) + strength**2 * free[np.ix_(rows, rows)]
    if np.linalg.eigvalsh(inner)[0] <= 0.0:
        raise ValueError("products of points are not positive definite")
    explained = strength**2 * left[rows] @ np.linalg.solve(inner, left[rows])
    return float(0.5 * explained - 0.5 * np.linalg.slogdet(inner)[1])
