"""Matched field of many tags around coarse places: the power that one direct path explains.

For tag n, distance y behind the antenna's line and place x the model of sample k is
g_k = e^{-jκd}·y/d² (spreading, and a patch's cosine) with d = √((x_k - x)² + y²), and the value is
|Σ h_k g_k*|² / Σ|g_k|².
"""

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]


def matched(h: C128, x_m: F64, at_m: F64, lines_m: F64, k_rad_m: float) -> tuple[F64, F64]:
    """Sums over the samples where h is not 0.

    Parameters
    ----------
    h : complex128[n, k], one-way field of each tag, 0 where nothing was read
    x_m : float64[k], where the antenna was
    at_m : float64[n, g], places that are tried for each tag
    lines_m : float64[y], distances from the antenna's line that are tried
    k_rad_m : one-way wavenumber

    Returns
    -------
    explained, float64[n, y, g], the power that the best gain explains; total, float64[n], the power there is

    Raises ValueError where the shapes do not fit.
    """
    h = np.ascontiguousarray(h, np.complex128)
    at = np.ascontiguousarray(at_m, np.float64)
    if h.ndim != 2 or h.shape[1] != len(x_m) or at.ndim != 2 or len(at) != len(h):
        raise ValueError(f"h {h.shape}, x_m {np.shape(x_m)} and at_m {at.shape} do not fit")
    out = np.zeros((len(h), len(lines_m), at.shape[1]))
    path, lines = np.ascontiguousarray(x_m, np.float64), np.ascontiguousarray(lines_m, np.float64)
    load("matched").matched(h.real.copy(), h.imag.copy(), path, at, lines, float(k_rad_m), out)
    return out, (np.abs(h) ** 2).sum(axis=1)
