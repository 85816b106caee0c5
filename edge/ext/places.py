"""How likely each of a board's tags stands at places around it, among echoes: all tags in one call.

For every tag as `errors` of `edge.ext.sources` and then `likely` of `edge.ext.echoes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.ext import load
from edge.ext.sources import ITSELF

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of one tag at k places: `path` float64[3, k] (x, y, wavenumber), h complex128[k].

    sd : float64[2, k], deviations of log |h| and arg h; echoes : float64[r, 2k], rows of its scatterers
    """

    path: tuple[F64, F64, F64]
    h: C128
    sd: F64
    echoes: F64


def places(
    seen: Sequence[Seen], x_m: F64, ahead_m: F64, depth_m: F64, mirrors: F64, strengths: F64
) -> tuple[F64, C128, F64]:
    """Likelihoods of m places around each of n tags.

    Parameters
    ----------
    x_m : float64[n], what the places are around; ahead_m, depth_m : float64[m], how far ahead and how deep
    mirrors : float64[i, 8], as in `edge.ext.sources`; strengths : float64[n, s], of the tags' scatterers

    Returns
    -------
    log p, float64[n, s, m], up to a constant; the most likely gains, complex128[n, s, m]; the squared errors
    that they leave, float64[n, s, m]

    Raises ValueError where the shapes do not fit, a tag was not read, or a matrix is not positive definite.
    """
    x_m, strengths = np.ascontiguousarray(x_m, np.float64), np.ascontiguousarray(strengths, np.float64)
    grid = [np.ascontiguousarray(a, np.float64) for a in (ahead_m, depth_m, mirrors)]
    many = np.array([len(one.h) for one in seen], np.intp)
    if not _fit(seen, x_m, strengths) or grid[0].shape != grid[1].shape or grid[0].ndim != 1:
        raise ValueError(f"{len(seen)} tags, x_m {x_m.shape} and strengths {strengths.shape} do not fit")
    if grid[2].ndim != 2 or grid[2].shape[1] != len(ITSELF):
        raise ValueError(f"mirrors {grid[2].shape} do not fit")
    n, s, m = len(x_m), strengths.shape[1], len(grid[0])
    log_p, alpha, left = np.zeros((n, s, m)), np.zeros((n, s, m, 2)), np.zeros((n, s, m))
    if log_p.size:
        path = np.stack([np.concatenate([one.path[axis] for one in seen]) for axis in range(3)])
        h = np.concatenate([one.h for one in seen]).astype(np.complex128, copy=False)
        load("places").places(
            path.astype(np.float64, copy=False),
            h.view(np.float64).reshape(-1, 2),
            np.concatenate([one.sd for one in seen], axis=1).astype(np.float64, copy=False),
            np.concatenate([[0], np.cumsum(many)]).astype(np.intp, copy=False),
            x_m,
            *grid,
            np.concatenate([one.echoes.ravel() for one in seen]).astype(np.float64, copy=False),
            np.array([len(one.echoes) for one in seen], np.intp),
            strengths,
            log_p,
            alpha,
            left,
        )
    if not np.isfinite(log_p).all():
        raise ValueError("products of hypotheses are not positive definite")
    return log_p, alpha.view(np.complex128)[..., 0], left


def _fit(seen: Sequence[Seen], x_m: F64, strengths: F64) -> bool:
    return (
        x_m.shape == (len(seen),)
        and strengths.ndim == 2
        and len(strengths) == len(seen)
        and all(
            len(one.h) > 0
            and all(axis.shape == one.h.shape for axis in one.path)
            and one.sd.shape == (2, *one.h.shape)
            and one.echoes.ndim == 2
            and one.echoes.shape[1] == 2 * len(one.h)
            for one in seen
        )
    )
