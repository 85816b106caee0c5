"""Hypotheses among echoes in plain numpy: the twin of `_echoes_c.pyx`, by dense covariances."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Index = NDArray[np.intp]


def likely(rows: F64, echoes: F64, strengths: F64, log_p: F64, alpha: F64, left: F64) -> None:
    """Fills `log_p` and `left` [s, m], and `alpha` [s, m, 2]."""
    m = log_p.shape[1]
    gram = echoes.T @ echoes
    for s, strength in enumerate(strengths):
        covariance = np.eye(len(gram)) + strength**2 * gram
        inner = np.linalg.solve(covariance, rows.T)
        constant = 0.5 * np.linalg.slogdet(covariance)[1]
        own, seen = (
            np.stack([rows[:m], rows[m : 2 * m]], axis=1),
            np.stack([inner[:, :m].T, inner[:, m:-1].T], 2),
        )
        of_gain, towards = own @ seen, own @ inner[:, -1:]
        alpha[s] = np.linalg.solve(of_gain, towards)[:, :, 0]
        left[s] = rows[-1] @ inner[:, -1] - (alpha[s] * towards[:, :, 0]).sum(axis=1)
        log_p[s] = -constant - 0.5 * (left[s] + np.linalg.slogdet(of_gain)[1])


def freed(rows: F64, echoes: F64, known: int, out: F64) -> float:
    """Fills `out` [w, w] but for its first `known` rows and columns; NaN where echoes are not finite."""
    low = np.linalg.cholesky(np.eye(rows.shape[1]) + echoes.T @ echoes)
    half_log_det = float(np.log(np.diag(low)).sum())
    if np.isfinite(half_log_det):
        white = np.linalg.solve(low, rows.T)
        own, others = white[:, :known], white[:, known:]
        left = others - own @ np.linalg.lstsq(own, others)[0]
        out[known:, known:] = left.T @ left
    return half_log_det


def compressed(echoes: F64, ends: Index, least: float, out: F64, counts: Index) -> None:
    """Fills the first rows of `out` [r, n], and how many are of each group."""
    filled = 0
    for group, rows in enumerate(np.split(echoes, ends[:-1])):
        counts[group] = _compressed(rows, least, out[filled:])
        filled += int(counts[group])


def _compressed(echoes: F64, least: float, out: F64) -> int:
    left = echoes.T @ echoes
    enough = least * np.trace(left)
    for count in range(len(echoes)):
        if np.trace(left) <= enough:
            return count
        pivot = int(np.diag(left).argmax())
        out[count] = left[pivot] / np.sqrt(left[pivot, pivot])
        left = left - np.outer(out[count], out[count])
    return len(echoes)
