"""How likely each of a board's tags stands at places around it, among echoes: all tags in one call.

For every tag as `errors` of `edge.ext.sources` and then `likely` or `compressed` of `edge.ext.echoes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.ext import load
from edge.ext.sources import ITSELF

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of one tag at k places: `path` (x, y, wavenumber, float64[k] each), h complex128[k].

    sd : float64[2, k], deviations of log |h| and arg h
    """

    path: tuple[F64, F64, F64]
    h: C128
    sd: F64


def places(
    seen: Sequence[Seen],
    echoes: Sequence[F64],
    x_m: F64,
    ahead_m: F64,
    depth_m: F64,
    mirrors: F64,
    strengths: F64,
) -> tuple[F64, C128, F64]:
    """Likelihoods of m places around each of n tags.

    Parameters
    ----------
    echoes : by tag, float64[r, 2k], the rows of its scatterers; strengths : float64[n, s], of these
    x_m : float64[n], what the places are around; ahead_m, depth_m : float64[m], how far ahead and how deep
    mirrors : float64[i, 8], as in `edge.ext.sources`

    Returns
    -------
    log p, float64[n, s, m], up to a constant; the most likely gains, complex128[n, s, m]; the squared errors
    that they leave, float64[n, s, m]

    Raises ValueError where the shapes do not fit, a tag was not read, or a matrix is not positive definite.
    """
    strengths = np.ascontiguousarray(strengths, np.float64)
    x_m, grid = _checked(seen, x_m, ahead_m, depth_m, mirrors)
    wide = [(rows.ndim, rows.shape[1:]) for rows in echoes]
    if strengths.ndim != 2 or len(strengths) != len(seen) or wide != [(2, (2 * len(one.h),)) for one in seen]:
        raise ValueError(f"{len(seen)} tags, {len(echoes)} echoes, strengths {strengths.shape} do not fit")
    n, s, m = len(x_m), strengths.shape[1], len(grid[0])
    log_p, alpha, left = np.zeros((n, s, m)), np.zeros((n, s, m, 2)), np.zeros((n, s, m))
    if log_p.size:
        flat = np.concatenate([rows.ravel() for rows in echoes]).astype(np.float64, copy=False)
        many = np.array([len(rows) for rows in echoes], np.intp)
        load("places").places(*_columns(seen), x_m, *grid, flat, many, strengths, log_p, alpha, left)
    if not np.isfinite(log_p).all():
        raise ValueError("products of hypotheses are not positive definite")
    return log_p, alpha.view(np.complex128)[..., 0], left


def surroundings(
    seen: Sequence[Seen],
    x_m: F64,
    ahead_m: F64,
    depth_m: F64,
    strength: F64,
    groups: Sequence[int],
    least: float = 1e-9,
) -> list[tuple[F64, list[int]]]:
    """Sources around each of n tags as `compressed` of `edge.ext.echoes` has them, both rows of a source.

    Parameters
    ----------
    ahead_m, depth_m, strength : float64[m], of the sources; groups : how many of them are of each group
    the others as above

    Returns
    -------
    by tag: the rows, and how many of these are of each group

    Raises ValueError as above.
    """
    x_m, grid = _checked(seen, x_m, ahead_m, depth_m, np.array([ITSELF]))
    strength, ends = np.ascontiguousarray(strength, np.float64), np.cumsum(np.array(groups, np.intp))
    if strength.shape != grid[0].shape or min(groups, default=-1) < 0 or ends[-1] != len(strength):
        raise ValueError(f"strength {strength.shape} and groups {list(groups)} do not fit {grid[0].shape}")
    if not len(seen):
        return []
    columns, m = _columns(seen), len(strength)
    start, counts = columns[3], np.zeros((len(seen), len(groups)), np.intp)
    out = np.zeros(4 * m * int(start[-1]))
    load("places").surroundings(*columns, x_m, *grid, strength, ends, least, out, counts)
    found = []
    for one, low, of_group in zip(seen, start[:-1].tolist(), counts.tolist(), strict=True):
        wide = 2 * len(one.h)
        rows = out[4 * m * low : 4 * m * low + sum(of_group) * wide].reshape(-1, wide).copy()
        found.append((rows, of_group))
    return found


def _checked(
    seen: Sequence[Seen], x_m: F64, ahead_m: F64, depth_m: F64, mirrors: F64
) -> tuple[F64, tuple[F64, F64, F64]]:
    """Places, grid and mirrors as the kernel takes them."""
    x_m, ahead_m, depth_m, mirrors = (
        np.ascontiguousarray(a, np.float64) for a in (x_m, ahead_m, depth_m, mirrors)
    )
    if ahead_m.shape != depth_m.shape or ahead_m.ndim != 1 or mirrors.shape[1:] != (len(ITSELF),):
        raise ValueError(f"ahead {ahead_m.shape}, depths {depth_m.shape}, mirrors {mirrors.shape} do not fit")
    if x_m.shape != (len(seen),) or not all(_fits(one) for one in seen):
        raise ValueError(f"{len(seen)} tags and their places {x_m.shape} do not fit")
    return x_m, (ahead_m, depth_m, mirrors)


def _fits(one: Seen) -> bool:
    k = one.h.shape
    return len(k) == 1 and k[0] > 0 and all(axis.shape == k for axis in one.path) and one.sd.shape == (2, *k)


def _columns(seen: Sequence[Seen]) -> tuple[F64, F64, F64, Index]:
    """All samples side by side: path [3, all], h [all, 2], sd [2, all], and where each tag's begin."""
    path = np.stack([np.concatenate([one.path[axis] for one in seen]) for axis in range(3)])
    h = np.concatenate([one.h for one in seen]).astype(np.complex128, copy=False)
    sd = np.concatenate([one.sd for one in seen], axis=1).astype(np.float64, copy=False)
    start = np.cumsum([0, *(len(one.h) for one in seen)]).astype(np.intp, copy=False)
    return path.astype(np.float64, copy=False), h.view(np.float64).reshape(-1, 2), sd, start
