"""Every tag of a board among its echoes: the shelf's reflections, the antenna's path, then each place.

How many points scatter beside a tag and how strongly is not known: its posterior is a mixture over these
kinds, whose shares are learnt from the board's tags together (empirical Bayes, a few steps of expectation and
maximisation).

The model is not believed blindly: a board of few tags tells nothing of its shelf, and one whose tags it does
not explain to within the noise (another antenna, tags that couple strongly) is left to others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.columns import F64
from edge.fusion.locate.echoes import Images
from edge.fusion.locate.hypotheses import (
    AROUND_M,
    DEPTHS_M,
    Tag,
    fine_grid,
    likeliest,
    log_p_of,
    means,
    tags_of,
)
from edge.fusion.locate.noise import USUAL as USUAL_NOISE
from edge.fusion.locate.noise import Noise
from edge.fusion.locate.options import Options
from edge.fusion.locate.own import Own, own
from edge.fusion.locate.profile import Profile
from edge.fusion.locate.reflections import Explained, reflections
from edge.fusion.locate.sight import Sight, sights
from edge.fusion.locate.single import Placed
from edge.fusion.locate.slips import settled
from edge.fusion.locate.spaced import spaced
from edge.fusion.locate.wander import Wandered, wandered

ROUNDS: Final = 2
ROUGH_SD_M, SD_M = 0.04, 0.03  # of places that the hologram finds, and that rough fits do
ROUGH_SD: Final = 0.04  # of log-amplitude and phase, while places and reflections are rough
MIN_TAGS: Final = 16
MAX_ROUGH: Final = 1.5  # median over the board of squared errors per degree of freedom, at ROUGH_SD
MAX_MISFIT: Final = 6.0  # and at the noise as it is
APART_M: Final = 0.03  # from where a tag should stand: it is looked at from there too
SD_FACTOR: Final = 1.4  # scatterers are few and not normal: measured on scenes with known places


def place_among_echoes(
    profiles: Sequence[Profile],
    start_m: F64,
    length_m: float,
    options: Options,
    noise: Noise = USUAL_NOISE,
    near_m: F64 | None = None,
) -> Placed | None:
    """The posterior of every tag's place on a board of this length, around `start_m` [n].

    near_m : float64[n], where tags should stand by what else is known (NaN: nothing is)

    None where the board has too few tags, or the model does not explain them.
    """
    if len(start_m) < MIN_TAGS:
        return None
    rough = _roughly(_sights(profiles, start_m, ROUGH_SD_M, Images(), options, noise))
    best, images = _explained(tags_of(rough, start_m, options), Images(), length_m, options, ROUNDS)
    if np.median([one.misfit for one in best]) > MAX_ROUGH:
        return None
    if not options.thorough:
        look = _Look(profiles, images, options, noise, rough=True)
        return _summarised(best, start_m, images, options, look.at(_elsewhere(start_m, near_m)))
    x_m = means(best, start_m, images, options)
    tags = tags_of(_sights(profiles, x_m, SD_M, images, options, noise), x_m, options)
    best, images = _explained(tags, images, length_m, options, 1)
    if np.median([one.misfit for one in best]) > MAX_MISFIT:
        return None
    other_m = _elsewhere(x_m, near_m)
    look = _Look(profiles, images, options, noise)
    best, x_m, other_m = _preferred(best, x_m, other_m, look)
    seen = [one.sight for one in best]
    if options.path:
        look = replace(look, path=wandered(best, images))
        seen = look.straight(seen)
    best = likeliest(tags_of(seen, x_m, options), images, options)
    images = reflections(best, length_m)
    look = replace(look, images=images)
    return _summarised(best, x_m, images, options, look.at(other_m))


def _elsewhere(x_m: F64, near_m: F64 | None) -> F64 | None:
    """float64[n]: where tags should stand, of those that were found at other places x_m [n]; NaN for others.

    None where nothing else is known of any.
    """
    if near_m is None:
        return None
    known = np.isfinite(near_m)
    there_m = near_m + (np.median((x_m - near_m)[known]) if known.any() else 0.0)
    return np.where(np.abs(there_m - x_m) > APART_M, there_m, np.nan)


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks at single tags from other places than where they were found."""

    profiles: Sequence[Profile]
    images: Images
    options: Options
    noise: Noise
    rough: bool = False
    path: Wandered | None = None

    def at(self, x_m: F64 | None) -> "_Others | None":
        """By tag: the start and the best hypothesis there, where x_m [n] is known."""
        if x_m is None:
            return None
        some = np.flatnonzero(np.isfinite(x_m))
        if not len(some):
            return {}
        profiles = [replace(one, h=one.h[some], count=one.count[some]) for one in self.profiles]
        sd_m = ROUGH_SD_M if self.rough else SD_M
        seen = _sights(profiles, x_m[some], sd_m, self.images, self.options, self.noise)
        seen = _roughly(seen) if self.rough else seen
        seen = self.straight(seen)
        best = likeliest(tags_of(seen, x_m[some], self.options), self.images, self.options)
        return {int(n): (float(x_m[n]), one) for n, one in zip(some, best, strict=True)}

    def straight(self, seen: list[Sight]) -> list[Sight]:
        """The same with the antenna where it was, as far as that is known."""
        return seen if self.path is None else [self.path.straight(one) for one in seen]


_Others = Mapping[int, tuple[float, Explained]]


def _preferred(
    best: Sequence[Explained], x_m: F64, other_m: F64 | None, look: _Look
) -> tuple[list[Explained], F64, F64 | None]:
    """Best hypotheses and starts, those of other starts where these are likelier; and the starts left."""
    best, x_m = list(best), x_m.copy()
    others = look.at(other_m)
    if other_m is None or not others:
        return best, x_m, other_m
    other_m = other_m.copy()
    for n, (there_m, there) in others.items():
        here = _seen(float(x_m[n]), best[n], look.images, look.options)
        if _seen(there_m, there, look.images, look.options).evidence() > here.evidence():
            best[n], other_m[n], x_m[n] = there, x_m[n], there_m
    return best, x_m, other_m


def _sights(
    profiles: Sequence[Profile], x_m: F64, sd_m: float, images: Images, options: Options, noise: Noise
) -> list[Sight]:
    """The sights of all tags, whose places are known to sd_m."""
    seen = sights(profiles, x_m, options.depth_m, noise)
    if not options.slips:
        return seen
    return settled(seen, [one.fold for one in profiles], x_m, sd_m, options.depth_m, images)


def _roughly(seen: Sequence[Sight]) -> list[Sight]:
    """The same, believed less while places and reflections are rough."""
    return [replace(one, sd=np.hypot(one.sd, ROUGH_SD)) for one in seen]


def _summarised(
    best: Sequence[Explained],
    start_m: F64,
    images: Images,
    options: Options,
    others: _Others | None,
) -> Placed | None:
    """The posterior of every tag's place around `start_m`, or around its other start; None as above."""
    misfit = np.array([one.misfit for one in best])
    if np.median(misfit) > MAX_MISFIT:
        return None
    looks = [[_seen(float(x), one, images, options)] for x, one in zip(start_m, best, strict=True)]
    for tag, (x, one) in (others or {}).items():
        looks[tag].append(_seen(x, one, images, options))
    chosen = [max(of_tag, key=_Seen.evidence) for of_tag in looks]
    start_m = np.array([one.start_m for one in chosen])
    log_p = np.stack([one.log_p for one in chosen])
    share = _shares(log_p)
    p = _mixed(log_p, share)
    found = _summary(p, start_m, np.array([one.misfit for one in chosen]))
    if others is not None:
        found = replace(found, own=tuple(_own(of_tag, share) for of_tag in looks))
    along = p.reshape(len(p), len(AROUND_M), len(DEPTHS_M)).sum(axis=2)
    row = spaced(along, AROUND_M, start_m) if options.gaps else None
    return found if row is None else replace(found, x_m=row.x_m, sd_m=row.sd_m, held=row.held)


@dataclass(frozen=True, slots=True)
class _Seen:
    """log_p [kinds, hypotheses] around a start, and what the best of them leaves."""

    start_m: float
    misfit: float
    log_p: F64

    def evidence(self) -> float:
        """The log likelihood of all hypotheses together."""
        top = float(self.log_p.max())
        return top + float(np.log(np.exp(self.log_p - top).sum()))


def _seen(x_m: float, best: Explained, images: Images, options: Options) -> _Seen:
    return _Seen(x_m, best.misfit, log_p_of(best, x_m, images, options))


def _own(looks: Sequence[_Seen], share: F64) -> Own:
    log_p = np.stack([np.logaddexp.reduce(one.log_p + np.log(share)[:, None], axis=0) for one in looks])
    along = np.logaddexp.reduce(log_p.reshape(len(looks), len(AROUND_M), len(DEPTHS_M)), axis=2)
    step_m = float(AROUND_M[1] - AROUND_M[0])
    return own([one.start_m for one in looks], along, step_m, min(one.misfit for one in looks))


def _explained(
    tags: Sequence[Tag], images: Images, length_m: float, options: Options, rounds: int
) -> tuple[list[Explained], Images]:
    """Every tag's best hypothesis and the shelf's reflections, in turn."""
    for _ in range(rounds):
        best = likeliest(tags, images, options)
        images = reflections(best, length_m)
    return best, images


def _shares(log_p: F64) -> F64:
    """float64[kinds]: shares that suit all tags together."""
    of_kind = np.exp(log_p - log_p.max(axis=(1, 2), keepdims=True)).sum(axis=2)
    share = np.full(log_p.shape[1], 1.0 / log_p.shape[1])
    for _ in range(10):
        own = share * of_kind
        share = (own / own.sum(axis=1, keepdims=True)).sum(axis=0) + 1.0
        share /= share.sum()
    return share


def _mixed(log_p: F64, share: F64) -> F64:
    """float64[n, m], normalised: the kinds summed over."""
    mixed = np.einsum("nsm,s->nm", np.exp(log_p - log_p.max(axis=(1, 2), keepdims=True)), share)
    normal: F64 = mixed / mixed.sum(axis=1, keepdims=True)
    return normal


def _summary(p: F64, start_m: F64, misfit: F64) -> Placed:
    x_m, _ = fine_grid()
    mean = p @ x_m
    step_m = float(AROUND_M[1] - AROUND_M[0])
    sd = np.sqrt(p @ x_m**2 - mean**2 + step_m**2 / 12.0)
    mode = x_m[p.argmax(axis=1)]
    return Placed(start_m + mode, start_m + mean, SD_FACTOR * sd, misfit)
