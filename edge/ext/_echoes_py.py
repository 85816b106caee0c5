"""Hypotheses among echoes in plain numpy: the twin of `_echoes_c.pyx`."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def against(sent: F64, h: F64, sd: F64, rows: F64, aa: F64) -> None:
    """Fills `rows` [2m + 1, 2k] and `aa` [3, m]; fields are [..., 2], real and imaginary parts."""
    m, k = sent.shape[:2]
    relative = (sent[:, :, 0] + 1j * sent[:, :, 1]) / (h[:, 0] + 1j * h[:, 1])
    for first, one in ((0, relative), (m, 1j * relative)):
        rows[first : first + m, :k] = one.real / sd[0]
        rows[first : first + m, k:] = one.imag / sd[1]
    rows[2 * m, :k] = 1.0 / sd[0]
    v, jv = rows[:m], rows[m : 2 * m]
    for n, (a, b) in enumerate(((v, v), (jv, jv), (v, jv))):
        aa[n] = (a * b).sum(axis=1)


def compressed(echoes: F64, least: float, out: F64) -> int:
    """Fills the first rows of `out` [r, n]; how many."""
    left = echoes.T @ echoes
    enough = least * np.trace(left)
    for count in range(len(echoes)):
        if np.trace(left) <= enough:
            return count
        pivot = int(np.diag(left).argmax())
        out[count] = left[pivot] / np.sqrt(left[pivot, pivot])
        left = left - np.outer(out[count], out[count])
    return len(echoes)


def without(products: F64, gram: F64, strength: float, aa: F64, ab: F64) -> float:
    """Fills `aa` and `ab` [3, m]; NaN where the matrix is not positive definite."""
    m = aa.shape[1]
    value, turn = np.linalg.eigh(np.eye(len(gram)) + strength**2 * gram)
    if not (value > 0.0).all():
        return float("nan")
    known = strength * (turn.T @ products) / np.sqrt(value)[:, None]
    v, jv, read = known[:, :m], known[:, m : 2 * m], known[:, 2 * m :]
    for n, (a, b) in enumerate(((v, v), (jv, jv), (v, jv))):
        aa[n] = (a * b).sum(axis=0)
    for n, a in enumerate((v, jv, read)):
        ab[n] = (a * read).sum(axis=0)
    return float(0.5 * np.log(value).sum())
