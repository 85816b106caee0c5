"""Every tag of a board among its echoes: first the shelf's reflections, then the posterior of each place.

How strong a tag's scatterers are is not known: its posterior is a mixture over STRENGTHS, whose shares are
learnt from the board's tags together (empirical Bayes, a few steps of expectation and maximisation).

The model is not believed blindly: a board of few tags tells nothing of its shelf, and one whose tags it does
not explain to within the noise (another antenna, tags that couple strongly) is left to others.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from edge.columns import F64
from edge.fusion.locate.echoes import Images, field, likelihood, scatterers, weigh, with_images
from edge.fusion.locate.options import Options
from edge.fusion.locate.profile import Profile
from edge.fusion.locate.reflections import Explained, reflections
from edge.fusion.locate.robust import median
from edge.fusion.locate.sight import Sight, sights
from edge.fusion.locate.single import Placed

STRENGTHS: Final = np.array([0.15, 0.4, 1.0])
USUAL: Final = 0.4
AROUND_M: Final = np.arange(-0.12, 0.121, 0.015)
COARSE_M: Final = np.arange(-0.12, 0.121, 0.02)
DEPTHS_M: Final = np.array([0.0, 0.04, 0.08, 0.12])
COARSE_DEPTHS_M: Final = np.array([0.02, 0.06, 0.10])
ROUNDS: Final = 2
MIN_TAGS: Final = 16
MAX_MISFIT: Final = 1.5  # median over the board of squared errors per degree of freedom
SD_FACTOR: Final = 1.4  # scatterers are few and not normal: measured on scenes with known places


def place_among_echoes(
    profiles: Sequence[Profile], start_m: F64, length_m: float, options: Options
) -> Placed | None:
    """The posterior of every tag's place on a board of this length, around `start_m` [n].

    None where the board has too few tags, or the model does not explain them.
    """
    if len(start_m) < MIN_TAGS:
        return None
    seen = sights(profiles, start_m, options.depth_m)
    tags = [
        (sight, scatterers(sight, float(x), options.depth_m), float(x), _gain(sight, float(x), options))
        for sight, x in zip(seen, start_m, strict=True)
    ]
    images = Images()
    for _ in range(ROUNDS):
        best = [_best(*tag, images, options) for tag in tags]
        images = reflections(best, length_m)
    misfit = np.array([one.misfit for one in best])
    if np.median(misfit) > MAX_MISFIT:
        return None
    log_p = np.stack([_log_p(one, x, images, options) for one, (_, _, x, _) in zip(best, tags, strict=True)])
    return _summary(_mixed(log_p), start_m, misfit)


def _grid(x_m: F64, depth_m: F64) -> tuple[F64, F64]:
    return np.repeat(x_m, len(depth_m)), np.tile(depth_m, len(x_m))


def _gain(sight: Sight, x_m: float, options: Options) -> float:
    """|α| by the middle of what the tag's amplitudes say."""
    direct = field(sight, np.array([x_m]), np.array([options.depth_m]))[0]
    return median(np.abs(sight.h) / np.abs(direct))


def _best(sight: Sight, echoes: F64, x_m: float, gain: float, images: Images, options: Options) -> Explained:
    ahead, depth_m = _grid(COARSE_M, COARSE_DEPTHS_M)
    weighed = weigh(sight, with_images(sight, x_m + ahead, depth_m, images), echoes)
    found = likelihood(weighed, USUAL, gain)
    n = int((found.log_p + _log_prior(depth_m, options)).argmax())
    return Explained(
        sight=sight,
        echoes=echoes,
        spread=USUAL * gain,
        x_m=x_m + float(ahead[n]),
        depth_m=float(depth_m[n]),
        gain=complex(found.alpha[n]),
        misfit=float(found.left[n]) / (2.0 * len(sight)),
    )


def _log_p(best: Explained, x_m: float, images: Images, options: Options) -> F64:
    """float64[strengths, hypotheses]: likelihood and prior around x_m."""
    ahead, depth_m = _grid(AROUND_M, DEPTHS_M)
    weighed = weigh(best.sight, with_images(best.sight, x_m + ahead, depth_m, images), best.echoes)
    found = [likelihood(weighed, float(s), abs(best.gain)).log_p for s in STRENGTHS]
    return np.stack(found) + _log_prior(depth_m, options)


def _log_prior(depth_m: F64, options: Options) -> F64:
    prior: F64 = -0.5 * ((depth_m - options.depth_m) / options.depth_sd_m) ** 2
    return prior


def _mixed(log_p: F64) -> F64:
    """float64[n, m], normalised: the strengths summed over with shares that suit all tags together."""
    top = log_p.max(axis=(1, 2), keepdims=True)
    p = np.exp(log_p - top)
    of_strength = p.sum(axis=2)
    share = np.full(len(STRENGTHS), 1.0 / len(STRENGTHS))
    for _ in range(10):
        own = share * of_strength
        share = (own / own.sum(axis=1, keepdims=True)).sum(axis=0) + 1.0
        share /= share.sum()
    mixed = np.einsum("nsm,s->nm", p, share)
    normal: F64 = mixed / mixed.sum(axis=1, keepdims=True)
    return normal


def _summary(p: F64, start_m: F64, misfit: F64) -> Placed:
    x_m, _ = _grid(AROUND_M, DEPTHS_M)
    mean = p @ x_m
    step_m = float(AROUND_M[1] - AROUND_M[0])
    sd = np.sqrt(p @ x_m**2 - mean**2 + step_m**2 / 12.0)
    mode = x_m[p.argmax(axis=1)]
    return Placed(start_m + mode, start_m + mean, SD_FACTOR * sd, misfit)
