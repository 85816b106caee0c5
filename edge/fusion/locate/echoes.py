"""Tags among echoes: how likely a sight is when shelf, books and other tags scatter the field.

The one-way field at the antenna's place a is h(a) = α·[g(a; p) + Σ_i ρ_i g(a; p_i) + Σ_j b_j g(a; p + s_j)]
with g(a; p) = cos²(angle)·e^{-jkd}/d, the squared cosine being a patch antenna of 65°: the direct path from
the tag at p, its images p_i in the shelf's back and ends, and points s_j around the tag. Their strengths b_j
are complex normal and are not estimated. They make a Gaussian field of known covariance: a Rice channel
(Rice 1944) with the scatterers' geometry. For each p what remains is a linear model with correlated errors;
α has a flat prior and is integrated out.

A reader errs in log-amplitude and in phase, each by itself, so all is seen relative to the field that was
read: the real and imaginary parts of model/h - 1 are those two errors. With the scatterers' fields as rows
of B (whitened by the noise), errors have the covariance I + v·BᵀB, v the variance of the strengths, whose
inverse and determinant follow from the small matrix I + v·BBᵀ (Woodbury).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import exp
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext.places import Seen, places, surroundings
from edge.ext.sources import ITSELF, errors, sources
from edge.fusion.locate.profile import C128
from edge.fusion.locate.sight import Sight

REACH_M: Final = (0.16, 0.08)  # rms distance of scatterers from the tag, along the board and in depth
DAMPING_M: Final = 0.4  # over which books damp what a board's end sends back; measured
NEIGHBOURS_M: Final = np.array([-0.04, -0.02, 0.02, 0.04])  # tags of books nearby, wherever they stand
ALONG: Final = np.linspace(-2.0, 2.0, 9)  # in units of the reach: closer together than the path resolves
DEEP: Final = np.array([-1.0, 1.0])
POINTS: Final = len(ALONG) * len(DEEP)
NEAR_SHARE: Final = 0.5  # of the neighbours' strength in that of the others


@dataclass(frozen=True, slots=True)
class Images:
    """The shelf's mirrors: its back (depth in m behind the spines, reflection) and its ends (place in m).

    What an end sends back of a tag falls with the tag's distance from it: books damp it on its way.
    """

    back: tuple[float, float] = (0.3, 0.0)
    ends: tuple[tuple[float, complex], ...] = ()


ALONE: Final = Images()
"""No mirror shows anything."""


def field(sight: Sight, x_m: F64, depth_m: F64) -> C128:
    """complex128[m, k]: the fields of unit sources at x_m[m] and depth_m[m] behind the spines."""
    return sources(sight.x_m, sight.y_m, sight.k, x_m, depth_m)


@lru_cache(8)
def mirrors(images: Images) -> F64:
    """Sources themselves and the shelf's mirrors as `edge.ext.sources` takes them."""
    back_m, reflection = images.back
    mirrors = [ITSELF]
    if reflection:
        mirrors.append((reflection, 0.0, 1.0, 0.0, -1.0, 2.0 * back_m, 0.0, 0.0))
    for end_m, of_end in images.ends:
        mirrors.append((of_end.real, of_end.imag, -1.0, 2.0 * end_m, 1.0, 0.0, end_m, 1.0 / DAMPING_M))
    return np.array(mirrors)


def damped(x_m: float, end_m: float) -> float:
    """The share of an end's reflection that comes through the books between it and a tag."""
    return exp(-abs(x_m - end_m) / DAMPING_M)


def complex_rows(sight: Sight, x_m: F64, depth_m: F64, images: Images = ALONE) -> F64:
    """float64[2m + 1, 2k]: what sources at x_m[m] and depth_m[m] and their images would be as errors.

    Errors are of log-amplitude and phase, over their deviations; then come those of the sources a quarter of
    a turn on, last what was read itself.
    """
    return errors(sight.x_m, sight.y_m, sight.k, sight.h, sight.sd, x_m, depth_m, mirrors(images))


def weighed(
    seen: Sequence[Sight],
    echoes: Sequence[F64],
    x_m: F64,
    grid: tuple[F64, F64],
    images: Images,
    strengths: F64,
) -> tuple[F64, C128, F64]:
    """Likelihoods, gains and squared errors of places around each tag, as `edge.ext.places` has them.

    x_m : float64[n], what the grid (places ahead and depths) is around; echoes : rows of each tag's
    scatterers; strengths : float64[n, s], of these
    """
    return places([_seen(one) for one in seen], echoes, x_m, *grid, mirrors(images), strengths)


def scatterers(sight: Sight, x_m: float, depth_m: float) -> F64:
    """float64[r, 2k]: fields of the points around a tag, for strengths whose variances add up to 1."""
    along_m, deep_m, strength = (values[:POINTS] for values in _around())
    rows: F64 = np.tile(strength, 2)[:, None] * complex_rows(sight, x_m + along_m, depth_m + deep_m)[:-1]
    return rows


def surrounded(seen: Sequence[Sight], x_m: F64, depth_m: float) -> list[tuple[F64, int]]:
    """By tag: rows of scatterers and of tags beside it, as few as can be; how many are of the first."""
    along_m, deep_m, strength = _around()
    tags, groups = [_seen(one) for one in seen], [POINTS, len(along_m) - POINTS]
    found = surroundings(tags, x_m, along_m, depth_m + deep_m, strength, groups)
    return [(rows, counts[0]) for rows, counts in found]


def _seen(sight: Sight) -> Seen:
    return Seen((sight.x_m, sight.y_m, sight.k), sight.h, sight.sd)


@cache
def _around() -> tuple[F64, F64, F64]:
    """Points around a tag, then the tags beside it, which re-radiate: along the board, in depth, strengths.

    The variances of the strengths of either add up to 1, and to NEAR_SHARE².
    """
    share = np.repeat(np.exp(-0.5 * ALONG**2), len(DEEP))
    tags = len(NEIGHBOURS_M)
    near = np.full(tags, NEAR_SHARE * np.sqrt(0.5 / tags))
    return (
        np.concatenate([np.repeat(ALONG, len(DEEP)) * REACH_M[0], NEIGHBOURS_M]),
        np.concatenate([np.tile(DEEP, len(ALONG)) * REACH_M[1], np.zeros(tags)]),
        np.concatenate([np.sqrt(0.5 * share / share.sum()), near]),
    )
