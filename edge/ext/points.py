"""How likely a tag's place is where no point, one or two scatter beside it, summed over their places.

Errors are linear in a point's strength, which is complex normal and is integrated out; so is the tag's own
gain. Of pairs only those are summed that hold one of the points that do best by themselves: what is left out
hardly counts.
"""

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

F64 = NDArray[np.float64]


def evidence(rows: F64, points: F64, echoes: F64, log_prior: F64, strengths: F64, firsts: int) -> F64:
    """Log evidence of m hypotheses beside none of g points, one, and two.

    Parameters
    ----------
    rows : float64[2m + 1, n], errors of the hypotheses (`edge.ext.sources.errors`), last what was read
    points : float64[2g, n], those of the points: of all g, then a quarter of a turn on
    echoes : float64[r, n], those of what scatters besides, its strengths normal of variance 1
    log_prior : float64[m, g], of a point's place, for every hypothesis
    strengths : float64[s], deviations of each part of a point's strength; firsts : points that pairs are
        made with

    Returns
    -------
    float64[1 + 2s, m]: no point, one of each strength, two of each

    Raises ValueError where the shapes do not fit, or a matrix is not positive definite.
    """
    given = [np.ascontiguousarray(a, np.float64) for a in (rows, points, echoes, log_prior, strengths)]
    rows, points, echoes, log_prior, strengths = given
    (m, g), n = log_prior.shape, rows.shape[-1]
    fitting = rows.shape == (2 * m + 1, n) and points.shape == (2 * g, n) and echoes.shape[1:] == (n,)
    if not fitting or strengths.ndim != 1 or firsts < 1 or g < 2 or n < 1:
        shapes = [a.shape for a in given]
        raise ValueError(f"rows, points, echoes, log_prior and strengths of shapes {shapes} do not fit")
    out = np.zeros((1 + 2 * len(strengths), m))
    load("points").evidence(*given, firsts, out)
    if not np.isfinite(out).all():
        raise ValueError("products of points are not positive definite")
    return out
