"""Draws of a whole row: every tag by what its own reads say of its place, and by the gaps to its neighbours.

Gibbs sampling (Geman and Geman 1984) on a common grid of cells: in each sweep every tag in turn is drawn anew
given all others, then neighbours are proposed to change places (Metropolis et al. 1953). The gaps of a row
are a renewal process: taking a tag out joins two gaps, putting it in parts one.
"""

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

F64 = NDArray[np.float64]
Index = NDArray[np.intp]


def draws(log_p: F64, first: Index, log_gap: F64, chance: F64) -> Index:
    """intp[s, n]: the cells of all n tags after each of s sweeps, from the likeliest cells on.

    Parameters
    ----------
    log_p : float64[n, m], of each tag's m cells by its own reads; first : intp[n], where these begin
    log_gap : float64[g], log density of a gap of so many cells; longer ones count as the longest
    chance : float64[s, 2n], uniform in [0, 1): a sweep's n draws, and its n - 1 changes of places

    Raises ValueError where the shapes do not fit, or nothing says what a gap is.
    """
    log_p, log_gap, chance = (np.ascontiguousarray(a, np.float64) for a in (log_p, log_gap, chance))
    first = np.ascontiguousarray(first, np.intp)
    n = len(log_p)
    fitting = log_p.ndim == 2 and log_p.shape[1] > 0 and first.shape == (n,) and chance.shape[1:] == (2 * n,)
    if not fitting or log_gap.ndim != 1 or not len(log_gap):
        raise ValueError(f"log_p {log_p.shape}, first {first.shape} and chance {chance.shape} do not fit")
    out = np.zeros((len(chance), n), np.intp)
    if n:
        load("gaps").draws(log_p, first, log_gap, chance, out)
    return out
