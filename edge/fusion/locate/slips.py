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

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext.slips import Read
from edge.ext.slips import settled as settle
from edge.fusion.locate.echoes import REACH_M, Images, mirrors
from edge.fusion.locate.sight import Sight

ALONG_M: Final = np.arange(-0.36, 0.361, 0.12)
DEEP_M: Final = np.array([-0.02, 0.12])
STRENGTH: Final = 0.6  # rms sum of the sources around a tag, relative to the direct path
MODEL_SD: Final = 0.05  # of samples over centimetres that nulls bend
AROUND: Final = np.arange(-2.0, 2.1)  # direct paths, in deviations of the place
DIRECT: Final = np.sqrt(np.exp(-0.5 * AROUND**2) / np.exp(-0.5 * AROUND**2).sum())  # and their strengths
LEAST_SAMPLES: Final = 8


def settled(
    seen: Sequence[Sight], folds: Sequence[int], x_m: F64, sd_m: float, depth_m: float, images: Images
) -> list[Sight]:
    """The sights of all tags without slips.

    folds : of each profile's phases, by `Sight.leg`; x_m : float64[n], places known to sd_m; images : the
    shelf's, as far as they are known
    """
    told = [n for n, sight in enumerate(seen) if len(sight) >= LEAST_SAMPLES]
    found = list(seen)
    direct = np.stack([sd_m * AROUND, np.full(len(AROUND), depth_m), DIRECT], axis=1)
    roots = [2 * fold for fold in folds]
    tags = [_read(seen[n]) for n in told]
    turned = settle(tags, x_m[told], _around(depth_m), direct, mirrors(images), roots)
    for n, turns in zip(told, turned, strict=True):
        found[n] = replace(seen[n], h=seen[n].h * turns)
    return found


def _read(sight: Sight) -> Read:
    sd = np.sqrt((sight.sd**2).sum(axis=0) + MODEL_SD**2)
    return Read((sight.x_m, sight.y_m, sight.k), sight.h, sd, sight.leg)


@lru_cache(8)
def _around(depth_m: float) -> F64:
    """float64[s, 3]: of the sources around a tag, how far ahead they are, their depths and strengths."""
    along_m, deep_m = np.repeat(ALONG_M, len(DEEP_M)), np.tile(DEEP_M, len(ALONG_M))
    share = np.exp(-0.5 * (along_m / REACH_M[0]) ** 2 - 0.5 * ((deep_m - depth_m) / REACH_M[1]) ** 2)
    return np.stack([along_m, deep_m, STRENGTH * np.sqrt(share / share.sum())], axis=1)
