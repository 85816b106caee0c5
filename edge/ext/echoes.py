"""Hypotheses of a tag's place among echoes, weighed against what was read.

`against` turns the fields that hypotheses would send into errors of log-amplitude and phase, each over its
deviation. `compressed` says as much of scatterers by fewer rows. `without` takes out of their products what
the scatterers explain: errors have the covariance I + s²·BᵀB with the scatterers' fields as rows of B, and
with LLᵀ = I + s²·BBᵀ the products in the metric of its inverse are ⟨u, w⟩ - s²·(L⁻¹Bu)·(L⁻¹Bw) (Woodbury).
"""

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]


def against(sent: C128, h: C128, sd: F64) -> tuple[F64, F64]:
    """Errors that hypotheses would be, relative to the field that was read.

    Parameters
    ----------
    sent : complex128[m, k], the field of every hypothesis; h : complex128[k], what was read
    sd : float64[2, k], deviations of log |h| and of arg h

    Returns
    -------
    rows, float64[2m + 1, 2k]: first those of `sent` (v), then those of j·sent (jv), last those of h itself
    aa, float64[3, m]: ⟨v, v⟩, ⟨jv, jv⟩, ⟨v, jv⟩

    Raises ValueError where the shapes do not fit.
    """
    sent, h = np.ascontiguousarray(sent, np.complex128), np.ascontiguousarray(h, np.complex128)
    sd = np.ascontiguousarray(sd, np.float64)
    if sent.ndim != 2 or h.shape != sent.shape[1:] or sd.shape != (2, *h.shape):
        raise ValueError(f"sent {sent.shape}, h {h.shape} and sd {sd.shape} do not fit")
    m, k = sent.shape
    rows, aa = np.zeros((2 * m + 1, 2 * k)), np.zeros((3, m))
    if k:
        load("echoes").against(_parts(sent), _parts(h), sd, rows, aa)
    return rows, aa


def compressed(echoes: F64, least: float = 1e-9) -> F64:
    """Rows C, as few as can be, with CᵀC = BᵀB but for a share `least` of its trace.

    Scatterers closer together than the path resolves send nearly the same: a pivoted Cholesky factor of BᵀB
    (Harbrecht, Peters and Schneider 2012) ends where nothing is left.

    Parameters
    ----------
    echoes : float64[r, n], the rows of B

    Returns
    -------
    float64[c, n], c at most r
    """
    echoes = np.ascontiguousarray(echoes, np.float64)
    out = np.zeros(echoes.shape)
    return out[: load("echoes").compressed(echoes, float(least), out)] if echoes.size else out


def without(products: F64, gram: F64, strength: float) -> tuple[F64, F64, float]:
    """What scatterers of this strength explain of all products.

    Parameters
    ----------
    products : float64[r, 2m + 1], ⟨scatterer, row⟩ for the rows that `against` makes
    gram : float64[r, r], products of the scatterers with each other
    strength : deviation of their strengths

    Returns
    -------
    aa, float64[3, m], and ab, float64[3, m]: to be taken off ⟨v, v⟩, ⟨jv, jv⟩, ⟨v, jv⟩, and off ⟨v, 1⟩,
    ⟨jv, 1⟩, ⟨1, 1⟩ (the last the same for all); half the logarithm of the determinant of I + s²·gram

    Raises ValueError where the shapes do not fit, or I + s²·gram is not positive definite.
    """
    products, gram = np.ascontiguousarray(products, np.float64), np.ascontiguousarray(gram, np.float64)
    if products.ndim != 2 or products.shape[1] % 2 != 1 or gram.shape != (len(products), len(products)):
        raise ValueError(f"products {products.shape} and gram {gram.shape} do not fit")
    m = products.shape[1] // 2
    aa, ab = np.zeros((3, m)), np.zeros((3, m))
    half_log_det = load("echoes").without(products, gram, float(strength), aa, ab)
    if not np.isfinite(half_log_det):
        raise ValueError("products of scatterers are not positive definite")
    return aa, ab, float(half_log_det)


def _parts(field: C128) -> F64:
    parts: F64 = field.view(np.float64).reshape(*field.shape, 2)
    return parts
