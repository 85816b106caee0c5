"""Hypotheses of a tag's place among its echoes, on a grid around a start: the likeliest, the mean, and all.

The grid is along the board and in depth. What scatters beside a tag is a continuum or a few points besides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext.echoes import likely
from edge.fusion.locate import points
from edge.fusion.locate.echoes import Images, complex_rows, surrounded, weighed
from edge.fusion.locate.options import Options
from edge.fusion.locate.profile import loudness
from edge.fusion.locate.reflections import Explained
from edge.fusion.locate.robust import median
from edge.fusion.locate.sight import Sight

STRENGTHS: Final = np.array([0.15, 0.4, 1.0])
USUAL: Final = 0.4
AROUND_M: Final = np.arange(-0.12, 0.121, 0.015)
COARSE_M: Final = np.arange(-0.075, 0.0751, 0.015)
DEPTHS_M: Final = np.array([0.0, 0.04, 0.08, 0.12])
COARSE_DEPTHS_M: Final = np.array([0.02, 0.06, 0.10])
BROAD_SHARE: Final = 0.2  # of the continuum: points may be more than two, or beside the grid
HOPELESS: Final = 20.0  # what is less likely by so much among scatterers of any number is left out


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag's sight, the rows of its echoes (first those of the continuum), its coarse place and |α|."""

    sight: Sight
    echoes: F64
    continuum: int
    x_m: float
    gain: float


def tags_of(seen: Sequence[Sight], x_m: F64, options: Options) -> list[Tag]:
    """What surrounds the tags that are seen, whose coarse places are x_m [n]."""
    around = surrounded(seen, x_m, options.depth_m)
    return [
        Tag(sight, *rows, float(x), _gain(sight, float(x), options))
        for sight, rows, x in zip(seen, around, x_m, strict=True)
    ]


def likeliest(tags: Sequence[Tag], images: Images, options: Options) -> list[Explained]:
    """Every tag's likeliest place on a coarse grid."""
    ahead, depth_m = _coarse()
    x_m, strength = np.array([tag.x_m for tag in tags]), np.array([[USUAL * tag.gain] for tag in tags])
    seen, echoes = [tag.sight for tag in tags], [tag.echoes for tag in tags]
    fit, alpha, left = weighed(seen, echoes, x_m, _coarse(), images, strength)
    best = (fit[:, 0] + _log_prior(depth_m, options)).argmax(axis=1)
    return [
        Explained(
            sight=tag.sight,
            echoes=tag.echoes,
            continuum=tag.continuum,
            spread=USUAL * tag.gain,
            x_m=tag.x_m + float(ahead[m]),
            depth_m=float(depth_m[m]),
            gain=complex(alpha[n, 0, m]),
            misfit=float(left[n, 0, m]) / (2.0 * len(tag.sight)),
        )
        for n, (tag, m) in enumerate(zip(tags, best, strict=True))
    ]


def means(best: Sequence[Explained], x_m: F64, images: Images, options: Options) -> F64:
    """The means of all tags' places around x_m among a continuum of scatterers."""
    ahead, depth_m = fine_grid()
    strength = np.array([[USUAL * abs(one.gain)] for one in best])
    seen, echoes = [one.sight for one in best], [one.echoes for one in best]
    fit = weighed(seen, echoes, x_m, fine_grid(), images, strength)[0][:, 0] + _log_prior(depth_m, options)
    p = np.exp(fit - fit.max(axis=1, keepdims=True))
    found: F64 = x_m + p @ ahead / p.sum(axis=1)
    return found


def log_p_of(best: Explained, x_m: float, images: Images, options: Options) -> F64:
    """float64[kinds, hypotheses]: likelihood and prior around x_m; what is not explained widens the noise."""
    ahead, depth_m = fine_grid()
    wider, gain = max(1.0, float(np.sqrt(best.misfit))), abs(best.gain)
    sight = replace(best.sight, sd=wider * best.sight.sd)
    rows = complex_rows(sight, x_m + ahead, depth_m, images)
    echoes = best.echoes / wider
    prior: F64 = _log_prior(depth_m, options) - 2.0 * len(sight) * np.log(wider)
    if not (options.points and options.thorough):
        return likely(rows, echoes, gain * STRENGTHS)[0] + prior
    among = likely(rows, echoes, np.array([USUAL * gain]))[0][0] + prior
    hopeful = among > among.max() - HOPELESS
    found = np.full((points.KINDS, len(among)), -np.inf)
    found[:, hopeful] = points.log_p(
        sight,
        rows[np.concatenate([hopeful, hopeful, [True]])],
        _prior_of_points()[hopeful],
        x_m,
        echoes,
        best.continuum,
        gain,
    )
    return _broadened(found + prior, among)


@cache
def fine_grid() -> tuple[F64, F64]:
    """float64[m] each: how far ahead of the start, and how deep."""
    return _grid(AROUND_M, DEPTHS_M)


@cache
def _prior_of_points() -> F64:
    return points.log_prior(fine_grid()[0])


@cache
def _coarse() -> tuple[F64, F64]:
    return _grid(COARSE_M, COARSE_DEPTHS_M)


def _grid(x_m: F64, depth_m: F64) -> tuple[F64, F64]:
    return np.repeat(x_m, len(depth_m)), np.tile(depth_m, len(x_m))


def _gain(sight: Sight, x_m: float, options: Options) -> float:
    """|α| by the middle of what the tag's amplitudes say."""
    return median(np.abs(sight.h) / loudness(sight.x_m - x_m, sight.y_m + options.depth_m))


def _broadened(found: F64, among: F64) -> F64:
    """Each kind's posterior with a share of the continuum's: points may be more than two, or elsewhere."""
    broad = among - np.logaddexp.reduce(among) + np.log(BROAD_SHARE)
    mixed: F64 = np.logaddexp(found, broad + np.logaddexp.reduce(found, axis=1)[:, None])
    return mixed


def _log_prior(depth_m: F64, options: Options) -> F64:
    prior: F64 = -0.5 * ((depth_m - options.depth_m) / options.depth_sd_m) ** 2
    return prior
