"""Every tag of a board among its echoes: the shelf's reflections, the antenna's path, then each place.

How many points scatter beside a tag and how strongly is not known: its posterior is a mixture over these
kinds, whose shares are learnt from the board's tags together (empirical Bayes, a few steps of expectation and
maximisation).

The model is not believed blindly: a board of few tags tells nothing of its shelf, and one whose tags it does
not explain to within the noise (another antenna, tags that couple strongly) is left to others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext.echoes import likely
from edge.fusion.locate import points
from edge.fusion.locate.echoes import Images, complex_rows, surrounded, weighed
from edge.fusion.locate.noise import USUAL as USUAL_NOISE
from edge.fusion.locate.noise import Noise
from edge.fusion.locate.options import Options
from edge.fusion.locate.own import Own, own
from edge.fusion.locate.profile import Profile, loudness
from edge.fusion.locate.reflections import Explained, reflections
from edge.fusion.locate.robust import median
from edge.fusion.locate.sight import Sight, sights
from edge.fusion.locate.single import Placed
from edge.fusion.locate.slips import settled
from edge.fusion.locate.spaced import spaced
from edge.fusion.locate.wander import Wandered, wandered

STRENGTHS: Final = np.array([0.15, 0.4, 1.0])
USUAL: Final = 0.4
AROUND_M: Final = np.arange(-0.12, 0.121, 0.015)
COARSE_M: Final = np.arange(-0.075, 0.0751, 0.015)
DEPTHS_M: Final = np.array([0.0, 0.04, 0.08, 0.12])
COARSE_DEPTHS_M: Final = np.array([0.02, 0.06, 0.10])
ROUNDS: Final = 2
ROUGH_SD_M, SD_M = 0.04, 0.03  # of places that the hologram finds, and that rough fits do
ROUGH_SD: Final = 0.04  # of log-amplitude and phase, while places and reflections are rough
BROAD_SHARE: Final = 0.2  # of the continuum: points may be more than two, or beside the grid
HOPELESS: Final = 20.0  # what is less likely by so much among scatterers of any number is left out
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
    best, images = _explained(_tags(rough, start_m, options), Images(), length_m, options, ROUNDS)
    if np.median([one.misfit for one in best]) > MAX_ROUGH:
        return None
    if not options.thorough:
        look = _Look(profiles, images, options, noise, rough=True)
        return _summarised(best, start_m, images, options, look.at(_elsewhere(start_m, near_m)))
    x_m = _means(best, start_m, images, options)
    tags = _tags(_sights(profiles, x_m, SD_M, images, options, noise), x_m, options)
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
    best = _best(_tags(seen, x_m, options), images, options)
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
        best = _best(_tags(seen, x_m[some], self.options), self.images, self.options)
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
    likely = [max(of_tag, key=_Seen.evidence) for of_tag in looks]
    start_m = np.array([one.start_m for one in likely])
    log_p = np.stack([one.log_p for one in likely])
    share = _shares(log_p)
    p = _mixed(log_p, share)
    found = _summary(p, start_m, np.array([one.misfit for one in likely]))
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
    return _Seen(x_m, best.misfit, _log_p(best, x_m, images, options))


def _own(looks: Sequence[_Seen], share: F64) -> Own:
    log_p = np.stack([np.logaddexp.reduce(one.log_p + np.log(share)[:, None], axis=0) for one in looks])
    along = np.logaddexp.reduce(log_p.reshape(len(looks), len(AROUND_M), len(DEPTHS_M)), axis=2)
    step_m = float(AROUND_M[1] - AROUND_M[0])
    return own([one.start_m for one in looks], along, step_m, min(one.misfit for one in looks))


def _explained(
    tags: Sequence["_Tag"], images: Images, length_m: float, options: Options, rounds: int
) -> tuple[list[Explained], Images]:
    """Every tag's best hypothesis and the shelf's reflections, in turn."""
    for _ in range(rounds):
        best = _best(tags, images, options)
        images = reflections(best, length_m)
    return best, images


def _means(best: Sequence[Explained], x_m: F64, images: Images, options: Options) -> F64:
    """The means of all tags' places around x_m among a continuum of scatterers."""
    ahead, depth_m = _fine()
    strength = np.array([[USUAL * abs(one.gain)] for one in best])
    seen, echoes = [one.sight for one in best], [one.echoes for one in best]
    log_p = weighed(seen, echoes, x_m, _fine(), images, strength)[0][:, 0] + _log_prior(depth_m, options)
    p = np.exp(log_p - log_p.max(axis=1, keepdims=True))
    means: F64 = x_m + p @ ahead / p.sum(axis=1)
    return means


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag's sight, the rows of its echoes (first those of the continuum), its coarse place and |α|."""

    sight: Sight
    echoes: F64
    continuum: int
    x_m: float
    gain: float


def _tags(seen: Sequence[Sight], x_m: F64, options: Options) -> list[_Tag]:
    around = surrounded(seen, x_m, options.depth_m)
    return [
        _Tag(sight, *rows, float(x), _gain(sight, float(x), options))
        for sight, rows, x in zip(seen, around, x_m, strict=True)
    ]


@cache
def _fine() -> tuple[F64, F64]:
    return _grid(AROUND_M, DEPTHS_M)


@cache
def _prior_of_points() -> F64:
    return points.log_prior(_fine()[0])


@cache
def _coarse() -> tuple[F64, F64]:
    return _grid(COARSE_M, COARSE_DEPTHS_M)


def _grid(x_m: F64, depth_m: F64) -> tuple[F64, F64]:
    return np.repeat(x_m, len(depth_m)), np.tile(depth_m, len(x_m))


def _gain(sight: Sight, x_m: float, options: Options) -> float:
    """|α| by the middle of what the tag's amplitudes say."""
    return median(np.abs(sight.h) / loudness(sight.x_m - x_m, sight.y_m + options.depth_m))


def _best(tags: Sequence[_Tag], images: Images, options: Options) -> list[Explained]:
    """Every tag's likeliest place on a coarse grid."""
    ahead, depth_m = _coarse()
    x_m, strength = np.array([tag.x_m for tag in tags]), np.array([[USUAL * tag.gain] for tag in tags])
    seen, echoes = [tag.sight for tag in tags], [tag.echoes for tag in tags]
    log_p, alpha, left = weighed(seen, echoes, x_m, _coarse(), images, strength)
    likeliest = (log_p[:, 0] + _log_prior(depth_m, options)).argmax(axis=1)
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
        for n, (tag, m) in enumerate(zip(tags, likeliest, strict=True))
    ]


def _log_p(best: Explained, x_m: float, images: Images, options: Options) -> F64:
    """float64[kinds, hypotheses]: likelihood and prior around x_m; what is not explained widens the noise."""
    ahead, depth_m = _fine()
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


def _broadened(found: F64, among: F64) -> F64:
    """Each kind's posterior with a share of the continuum's: points may be more than two, or elsewhere."""
    broad = among - np.logaddexp.reduce(among) + np.log(BROAD_SHARE)
    mixed: F64 = np.logaddexp(found, broad + np.logaddexp.reduce(found, axis=1)[:, None])
    return mixed


def _log_prior(depth_m: F64, options: Options) -> F64:
    prior: F64 = -0.5 * ((depth_m - options.depth_m) / options.depth_sd_m) ** 2
    return prior


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
    x_m, _ = _fine()
    mean = p @ x_m
    step_m = float(AROUND_M[1] - AROUND_M[0])
    sd = np.sqrt(p @ x_m**2 - mean**2 + step_m**2 / 12.0)
    mode = x_m[p.argmax(axis=1)]
    return Placed(start_m + mode, start_m + mean, SD_FACTOR * sd, misfit)
