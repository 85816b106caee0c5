"""Hypotheses of a tag's place among echoes, weighed against what was read.

A hypothesis is two rows v and jv of errors (`edge.ext.sources.errors`): the field that it sends, and the same
a quarter of a turn on. Errors have the covariance C = I + s²·BᵀB with the scatterers' fields as rows of B.
The tag's own gain has a flat prior and is integrated out. `compressed` says the same by fewer rows.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]


def likely(rows: F64, echoes: F64, strengths: F64) -> tuple[F64, C128, F64]:
    """How likely each of m hypotheses is, for scatterers of every strength.

    Parameters
    ----------
    rows : float64[2m + 1, n], v of all hypotheses, then jv, last what was read
    echoes : float64[r, n], the rows of B; strengths : float64[s]

    Returns
    -------
    log p up to a constant, float64[s, m]; the most likely gain, complex128[s, m]; the squared errors that it
    leaves in the metric of C⁻¹, float64[s, m]

    Raises ValueError where the shapes do not fit, or a hypothesis sends nothing.
    """
    rows, echoes = np.ascontiguousarray(rows, np.float64), np.ascontiguousarray(echoes, np.float64)
    strengths = np.ascontiguousarray(strengths, np.float64)
    if rows.ndim != 2 or len(rows) % 2 != 1 or echoes.shape[1:] != rows.shape[1:] or strengths.ndim != 1:
        raise ValueError(f"rows {rows.shape}, echoes {echoes.shape}, strengths {strengths.shape} do not fit")
    m, s = len(rows) // 2, len(strengths)
    log_p, alpha, left = np.zeros((s, m)), np.zeros((s, m, 2)), np.zeros((s, m))
    if rows.size and m and s:
        load("echoes").likely(rows, echoes, strengths, log_p, alpha, left)
    if not np.isfinite(log_p).all():
        raise ValueError("products of hypotheses are not positive definite")
    return log_p, alpha.view(np.complex128)[:, :, 0], left


def freed(rows: F64, echoes: F64, known: int) -> F64:
    """Products of all rows but the first `known` ones, of what those leave of them.

    Parameters
    ----------
    rows : float64[w, n]; echoes : float64[r, n], those of scatterers of strength 1

    Returns
    -------
    float64[w - known, w - known], in the metric of (I + BᵀB)⁻¹

    Raises ValueError where the shapes do not fit, or echoes are not finite.
    """
    rows, echoes = np.ascontiguousarray(rows, np.float64), np.ascontiguousarray(echoes, np.float64)
    if rows.ndim != 2 or echoes.shape[1:] != rows.shape[1:] or not 0 <= known < len(rows) or not rows.size:
        raise ValueError(f"rows {rows.shape}, {known} of them known, and echoes {echoes.shape} do not fit")
    out = np.zeros((len(rows), len(rows)))
    if not np.isfinite(load("echoes").freed(rows, echoes, known, out)):
        raise ValueError("products of echoes are not positive definite")
    return out[known:, known:]


def compressed(echoes: F64, groups: Sequence[int], least: float = 1e-9) -> tuple[F64, list[int]]:
    """Rows C, as few as can be, with CᵀC = BᵀB but for a share `least` of its trace; each group by itself.

    Scatterers closer together than the path resolves send nearly the same: a pivoted Cholesky factor of BᵀB
    (Harbrecht, Peters and Schneider 2012) ends where nothing is left.

    Parameters
    ----------
    echoes : float64[r, n], the rows of B; groups : how many of them are of each group

    Returns
    -------
    float64[c, n], c at most r, and how many of these are of each group

    Raises ValueError where the groups do not fit.
    """
    echoes = np.ascontiguousarray(echoes, np.float64)
    ends = np.cumsum(np.array(groups, np.intp))
    if echoes.ndim != 2 or min(groups, default=0) < 0 or (ends[-1] if len(ends) else 0) != len(echoes):
        raise ValueError(f"echoes {echoes.shape} are no groups of {list(groups)}")
    out, counts = np.zeros(echoes.shape), np.zeros(len(ends), np.intp)
    if echoes.size:
        load("echoes").compressed(echoes, ends, float(least), out, counts)
    return out[: counts.sum()], counts.tolist()
