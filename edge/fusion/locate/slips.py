"""Phases followed wrongly through nulls: runs of samples are turned back where the field would jump.

A reader's phase tells the one-way field but for a root of unity (`edge.fusion.locate.profile`). Where echoes
nearly null the field, its phase turns faster than samples follow, and all beyond the null may come out
turned: the tag then seems to stand centimetres off, and surely so. The field itself cannot jump. It is a sum
of sources around the tag, of normal strengths, which makes it a Gaussian process along the path: with C its
covariance, noise included, turns r of the samples cost rᴴQr with Q = h̄ᵢ(C⁻¹)ᵢⱼhⱼ. From the followed phases
on, the run of samples whose turn saves most is turned, until none saves anything worth while: runs of one
pass, by every root that its port leaves open; whole passes, by any angle; and runs of all passes together,
as a null is passed at the same place in each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.ext.slips import ANY_ANGLE, costs, settle
from edge.fusion.locate.echoes import REACH_M, Images, field, with_images
from edge.fusion.locate.profile import C128
from edge.fusion.locate.robust import median
from edge.fusion.locate.sight import Sight

ALONG_M: Final = np.arange(-0.36, 0.361, 0.12)
DEEP_M: Final = np.array([-0.02, 0.12])
STRENGTH: Final = 0.6  # rms sum of the sources around a tag, relative to the direct path
MODEL_SD: Final = 0.05  # of samples over centimetres that nulls bend
AROUND: Final = np.arange(-2.0, 2.1)  # direct paths, in deviations of the place
LEAST_SAMPLES: Final = 8


def settled(
    seen: Sequence[Sight], folds: Sequence[int], x_m: F64, sd_m: float, depth_m: float, images: Images
) -> list[Sight]:
    """The sights of all tags without slips.

    folds : of each profile's phases, by `Sight.leg`; x_m : float64[n], places known to sd_m; images : the
    shelf's, as far as they are known
    """
    around_m = sd_m * AROUND
    return [
        _settled(sight, folds, float(x) + around_m, depth_m, images) if len(sight) >= LEAST_SAMPLES else sight
        for sight, x in zip(seen, x_m, strict=True)
    ]


def _settled(sight: Sight, folds: Sequence[int], x_m: F64, depth_m: float, images: Images) -> Sight:
    lines, roots = zip(*_lines(sight, folds), strict=True)
    turned = settle(_cost(sight, x_m, depth_m, images), lines, roots)
    return replace(sight, h=sight.h * turned)


def _cost(sight: Sight, x_m: F64, depth_m: float, images: Images) -> C128:
    """complex128[k, k]: Q."""
    along_m, deep_m, strength = _around(depth_m)
    middle = len(x_m) // 2
    sent = with_images(sight, x_m, np.full(len(x_m), depth_m), images)
    gain = median(np.abs(sight.h / sent[middle]))
    sd = np.sqrt((sight.sd**2).sum(axis=0) + MODEL_SD**2)
    around = field(sight, x_m[middle] + along_m, deep_m)
    return costs(gain * strength * np.concatenate([around, sent]), sight.h, sd)


@lru_cache(8)
def _around(depth_m: float) -> tuple[F64, F64, F64]:
    """Places and depths of the sources around a tag; strengths of these and of the direct paths, [s, 1]."""
    along_m, deep_m = np.repeat(ALONG_M, len(DEEP_M)), np.tile(DEEP_M, len(ALONG_M))
    share = np.exp(-0.5 * (along_m / REACH_M[0]) ** 2 - 0.5 * ((deep_m - depth_m) / REACH_M[1]) ** 2)
    direct = np.exp(-0.5 * AROUND**2)
    power = np.concatenate([STRENGTH**2 * share / share.sum(), direct / direct.sum()])
    return along_m, deep_m, np.sqrt(power)[:, None]


def _lines(sight: Sight, folds: Sequence[int]) -> Iterator[tuple[Index, int]]:
    """Each pass and each as a whole, then all together; with the roots of unity that are left open."""
    start = [0, *(np.flatnonzero(np.diff(sight.leg)) + 1).tolist(), len(sight)]
    legs = sight.leg[start[:-1]].tolist()
    for leg, low, high in zip(legs, start[:-1], start[1:], strict=True):
        of_leg = np.arange(low, high)
        yield of_leg, 2 * folds[leg]
        if len(legs) > 1:
            yield of_leg, ANY_ANGLE
    if len(legs) > 1:
        yield np.argsort(sight.x_m, kind="stable"), 2 * min(folds[leg] for leg in legs)
