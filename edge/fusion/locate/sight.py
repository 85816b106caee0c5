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
    smooth = [continuous(one, x_m) for one in profiles]
    return [_joined(smooth, tag, float(x_m[tag]), depth_m, noise) for tag in range(len(x_m))]


def _joined(profiles: Sequence[Profile], tag: int, x_m: float, depth_m: float, noise: Noise) -> Sight:
    parts: list[Sight] = []
    first: tuple[F64, C128] | None = None
    for leg, one in enumerate(profiles):
        part = _of_pass(one, leg, tag, noise)
        if not len(part):
            continue
        d = distance_m(part.x_m, part.y_m + depth_m, np.array(x_m))
        turned = part.h * np.exp(1j * part.k * d)
        first = first or (part.x_m, turned)
        parts.append(_turned(part, _agreement(first, part.x_m, turned)))
    return Sight(*(np.concatenate([getattr(p, n) for p in parts], axis=-1) for n in Sight.__slots__))


def _of_pass(one: Profile, leg: int, tag: int, noise: Noise) -> Sight:
    seen = one.count[tag] > 0
    n, h = int(seen.sum()), one.h[tag, seen]
    sd = np.sqrt(noise.sd(np.abs(h)) ** 2 / one.count[tag, seen] + MODEL_SD**2)
    k = np.full(n, float(wavenumber(one.f_mhz)))
    return Sight(one.x_m[seen], np.full(n, one.y_m), k, h, sd, np.full(n, leg, np.intp))


def _agreement(first: tuple[F64, C128], x_m: F64, turned: C128) -> complex:
    """The turn that brings a pass onto the first one; fields without their direct path vary slowly."""
    there = np.interp(x_m, first[0], first[1].real) + 1j * np.interp(x_m, first[0], first[1].imag)
    inside = (x_m >= first[0][0]) & (x_m <= first[0][-1])
    both = (turned.conj() * there)[inside if inside.any() else slice(None)].sum()
    return complex(both / max(abs(both), 1e-300))


def _turned(part: Sight, turn: complex) -> Sight:
    return replace(part, h=part.h * turn)
