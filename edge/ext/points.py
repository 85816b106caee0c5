"""How likely it is that one point, or two, scatter beside a tag: summed over a grid of their places.

Errors are linear in a point's strength, which is complex normal and is integrated out; so is the tag's own
gain, whose two rows every hypothesis of its place makes orthonormal beforehand. Of pairs only those are
summed that hold one of the points that do best by themselves: what is left out hardly counts.
"""

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

F64 = NDArray[np.float64]


def evidence(
    gram: F64, towards: F64, seen: F64, known: F64, log_prior: F64, strengths: F64, firsts: int
) -> F64:
    """Log evidence of one point and of two, over that of none, for every hypothesis and strength.

    Parameters
    ----------
    gram : float64[2g, 2g], products of the points' rows: first those of all g points, then those a quarter of
        a turn on
    towards : float64[2g], products of the rows with what was read
    seen : float64[m, 2, 2g], products of each hypothesis's two orthonormal rows with the points'
    known : float64[m, 2], products of these two with what was read
    log_prior : float64[m, g], of a point's place, for every hypothesis
    strengths : float64[s], deviations of each part of a point's strength; firsts : points that pairs are
        made with

    Returns
    -------
    float64[m, s, 2]: one point, two points

    Raises ValueError where the shapes do not fit, or a matrix is not positive definite.
    """
    given = [np.ascontiguousarray(a, np.float64) for a in (gram, towards, seen, known, log_prior, strengths)]
    gram, towards, seen, known, log_prior, strengths = given
    m, g = log_prior.shape
    fitting = gram.shape == (2 * g, 2 * g) and towards.shape == (2 * g,) and seen.shape == (m, 2, 2 * g)
    if not fitting or known.shape != (m, 2) or strengths.ndim != 1 or firsts < 1 or g < 2:
        raise ValueError(f"gram {gram.shape}, seen {seen.shape} and log_prior {log_prior.shape} do not fit")
    out = np.zeros((m, len(strengths), 2))
    load("points").evidence(*given, firsts, out)
    if not np.isfinite(out).all():
        raise ValueError("products of points are not positive definite")
    return out
