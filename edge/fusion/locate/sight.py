"""One tag as all passes of its board saw it: samples of the one-way field, and how sure each is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.fusion.locate.noise import Noise
from edge.fusion.locate.physics import distance_m, wavenumber
from edge.fusion.locate.profile import C128, Profile, continuous

MODEL_SD: Final = 0.01  # of any model of log-amplitude and phase


@dataclass(frozen=True, slots=True)
class Sight:
    """k samples of one tag: x_m, y_m the antenna's place, h the field, k the wavenumber in rad/m.

    They stand by leg, and along the path in each.

    sd : float64[2, k], deviations of log |h| and of arg h
    leg : intp[k], the profile that a sample is of
    """

    x_m: F64
    y_m: F64
    k: F64
    h: C128
    sd: F64
    leg: Index

    def __len__(self) -> int:
        return len(self.h)


def sights(profiles: Sequence[Profile], x_m: F64, depth_m: float, noise: Noise) -> list[Sight]:
    """The sight of every tag, its passes turned to agree where they overlap.

    x_m : float64[n], coarse places, by which phases are followed along the path
    """
    legs = [_leg(continuous(one, x_m), leg, x_m, depth_m, noise) for leg, one in enumerate(profiles)]
    return [_joined([leg.of(tag) for leg in legs]) for tag in range(len(x_m))]


@dataclass(frozen=True, slots=True)
class _Leg:
    """What one pass saw of n tags, tag by tag, from `start` [n + 1] on; and h without the direct path."""

    seen: Sight
    turned: C128
    start: list[int]

    def of(self, tag: int) -> tuple[Sight, C128]:
        part, one = slice(self.start[tag], self.start[tag + 1]), self.seen
        found = Sight(one.x_m[part], one.y_m[part], one.k[part], one.h[part], one.sd[:, part], one.leg[part])
        return found, self.turned[part]


def _leg(one: Profile, leg: int, x_m: F64, depth_m: float, noise: Noise) -> _Leg:
    tag, cell = np.nonzero(one.count > 0)
    n, h, k = len(tag), one.h[tag, cell], float(wavenumber(one.f_mhz))
    sd = np.sqrt(noise.sd(np.abs(h)) ** 2 / one.count[tag, cell] + MODEL_SD**2)
    seen = Sight(one.x_m[cell], np.full(n, one.y_m), np.full(n, k), h, sd, np.full(n, leg, np.intp))
    d = distance_m(seen.x_m, seen.y_m + depth_m, x_m[tag])
    start = np.searchsorted(tag, np.arange(len(x_m) + 1)).tolist()
    return _Leg(seen, h * np.exp(1j * k * d), start)


def _joined(legs: Sequence[tuple[Sight, C128]]) -> Sight:
    (first, there), *others = [leg for leg in legs if len(leg[0])] or legs[:1]
    parts = [first, *(_turned(one, _agreement(first.x_m, there, one.x_m, turned)) for one, turned in others)]
    return Sight(*(np.concatenate([getattr(p, n) for p in parts], axis=-1) for n in Sight.__slots__))


def _agreement(first_m: F64, first: C128, x_m: F64, turned: C128) -> complex:
    """The turn that brings a pass onto the first one; fields without their direct path vary slowly."""
    inside = (x_m >= first_m[0]) & (x_m <= first_m[-1])
    both = (turned.conj() * np.interp(x_m, first_m, first))[inside if inside.any() else slice(None)].sum()
    return complex(both / max(abs(both), 1e-300))


def _turned(part: Sight, turn: complex) -> Sight:
    return replace(part, h=part.h * turn)
