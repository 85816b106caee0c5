"""A tag beside few scatterers: the likelihood of each place, summed over where none, one or two points stand.

A continuum of scatterers (`edge.fusion.locate.echoes`) explains any smooth error of the field, at any place
nearly as well. Few strong points explain much less of it: where a tag's echoes are few, the place that needs
no more than them is the likelier one by far. Points stand on a grid around the tag that is about as fine as
the path resolves; a weak continuum and the neighbours' tags remain beside them.
"""

from functools import cache
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext.points import evidence
from edge.fusion.locate.echoes import complex_rows
from edge.fusion.locate.sight import Sight

ALONG_M: Final = np.arange(-0.39, 0.391, 0.06)
DEEP_M: Final = np.array([0.0, 0.09, 0.18, 0.27])
REACH_M: Final = (0.2, 0.12)
MIDDLE_M: Final = 0.09  # mean depth of points behind the spines
STRENGTHS: Final = np.array([0.3, 0.8])  # rms, relative to the direct path
FIRSTS: Final = 5
CONTINUUM: Final = 0.15  # what is left of it beside points
NEIGHBOURS: Final = 0.8
KINDS: Final = 1 + 2 * len(STRENGTHS)


def log_p(
    sight: Sight, rows: F64, prior: F64, around_m: float, echoes: F64, continuum: int, gain: float
) -> F64:
    """float64[KINDS, m]: the log likelihood of m hypotheses for none, one and two points of each strength.

    rows : float64[2m + 1, 2k], the hypotheses' errors; prior : float64[m, g], their `log_prior`; around_m :
    the grid's middle; echoes : so many rows of the continuum and then those of the neighbours; gain : |α|
    """
    along_m, deep_m = _grid()
    points = complex_rows(sight, around_m + along_m, deep_m)[:-1]
    weights = np.repeat([CONTINUUM, NEIGHBOURS], [continuum, len(echoes) - continuum])
    strengths = gain * STRENGTHS / np.sqrt(2.0)
    return evidence(rows, points, gain * weights[:, None] * echoes, prior, strengths, FIRSTS)


def log_prior(ahead_m: F64) -> F64:
    """float64[m, g], of a point's place beside a tag so far ahead of the grid's middle; adding up to 1."""
    along_m, deep_m = _grid()
    off = (along_m - ahead_m[:, None]) / REACH_M[0]
    prior = -0.5 * off**2 - 0.5 * ((deep_m - MIDDLE_M) / REACH_M[1]) ** 2
    normal: F64 = prior - np.log(np.exp(prior).sum(axis=1, keepdims=True))
    return normal


@cache
def _grid() -> tuple[F64, F64]:
    """Places of all points, from the grid's middle, and their depths."""
    return np.repeat(ALONG_M, len(DEEP_M)), np.tile(DEEP_M, len(ALONG_M))
