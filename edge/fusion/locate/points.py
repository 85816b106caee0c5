"""A tag beside few scatterers: the likelihood of each place, summed over where none, one or two points stand.

A continuum of scatterers (`edge.fusion.locate.echoes`) explains any smooth error of the field, at any place
nearly as well. Few strong points explain much less of it: where a tag's echoes are few, the place that needs
no more than them is the likelier one by far. Points stand on a grid around the tag that is about as fine as
the path resolves; a weak continuum and the neighbours' tags remain beside them.
"""

from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext.points import evidence
from edge.fusion.locate.echoes import complex_rows, field
from edge.fusion.locate.profile import C128
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
    sight: Sight, sent: C128, x_m: F64, around_m: float, echoes: F64, continuum: int, gain: float
) -> F64:
    """float64[KINDS, m]: the log likelihood of m hypotheses for none, one and two points of each strength.

    sent : complex128[m, k], the hypotheses' fields; x_m : float64[m], their places; around_m : the grid's
    middle; echoes : so many rows of the continuum and then those of the neighbours; gain : |α|
    """
    along_m, deep_m = np.repeat(around_m + ALONG_M, len(DEEP_M)), np.tile(DEEP_M, len(ALONG_M))
    points = complex_rows(sight, field(sight, along_m, deep_m))[:-1]
    rows = np.concatenate([points, complex_rows(sight, sent)])
    weights = np.repeat([CONTINUUM, NEIGHBOURS], [continuum, len(echoes) - continuum])
    white, half_log_det = _whitened(rows, gain * weights[:, None] * echoes)
    g, m = len(along_m), len(sent)
    point, v, jv, read = white[: 2 * g], white[2 * g : 2 * g + m], white[2 * g + m : -1], white[-1:]
    size = np.sqrt((v * v).sum(axis=1))
    first = v / size[:, None]
    left = jv - (jv * first).sum(axis=1)[:, None] * first
    width = np.sqrt((left * left).sum(axis=1))
    own = np.stack([first, left / width[:, None]], axis=1)
    known = own @ read[0]
    prior = _log_prior(along_m - x_m[:, None], deep_m)
    added = evidence(
        point @ point.T, point @ read[0], own @ point.T, known, prior, gain * STRENGTHS / np.sqrt(2.0), FIRSTS
    )
    none = -0.5 * (float(read[0] @ read[0]) - (known**2).sum(axis=1)) - np.log(size * width) - half_log_det
    found: F64 = none + np.concatenate([np.zeros((1, m)), added[:, :, 0].T, added[:, :, 1].T])
    return found


def _whitened(rows: F64, echoes: F64) -> tuple[F64, float]:
    """Rows whose products are those in the metric of (I + EᵀE)⁻¹, and half of log |I + EᵀE|."""
    value, turn = np.linalg.eigh(echoes @ echoes.T)
    kept = value > 1e-9 * value[-1]
    axes = (turn[:, kept] / np.sqrt(value[kept])).T @ echoes
    shrunk = 1.0 / np.sqrt(1.0 + value[kept]) - 1.0
    return rows + ((rows @ axes.T) * shrunk) @ axes, 0.5 * float(np.log1p(value[kept]).sum())


def _log_prior(ahead_m: F64, deep_m: F64) -> F64:
    """float64[m, g], of a point's place; its shares add up to 1."""
    prior = -0.5 * (ahead_m / REACH_M[0]) ** 2 - 0.5 * ((deep_m - MIDDLE_M) / REACH_M[1]) ** 2
    normal: F64 = prior - np.log(np.exp(prior).sum(axis=1, keepdims=True))
    return normal
