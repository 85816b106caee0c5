"""Profiles as the coupled fit uses them: thinned, of unit power, and on the roots of unity that suit a model.

A profile is worth a few independent samples a metre, so bins of a centimetre are gathered to bins of BIN_M:
the direct path from the coarse place is taken out, the mean formed, and the direct path put back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext.coupled import follow, leftovers
from edge.fusion.locate.physics import distance_m, wavenumber
from edge.fusion.locate.profile import C128, Profile, continuous

BIN_M: Final = 0.03  # a tag's phase bends by less than a third of a radian over it


@dataclass(frozen=True, slots=True)
class Part:
    """One pass and port: n tags' samples of unit mean power at k places of the path.

    h : complex128[n, k]; seen : float64[n, k], 1 or 0; cost : float64[n], what the changes of root cost
    """

    x_m: F64
    y_m: float
    k: float
    fold: int
    h: C128
    seen: F64
    cost: F64


def parts_of(profiles: Sequence[Profile], coarse_x_m: F64) -> list[Part]:
    """Profiles for the fit, their roots first chosen by continuity along the path."""
    return [_part(continuous(one, coarse_x_m), coarse_x_m) for one in profiles]


def _part(one: Profile, coarse_x_m: F64) -> Part:
    k = float(wavenumber(one.f_mhz))
    step_m = float(one.x_m[1] - one.x_m[0]) if len(one.x_m) > 1 else BIN_M
    many = max(1, round(BIN_M / step_m))
    starts = np.arange(0, len(one.x_m), many)
    x_m = one.x_m[starts] + 0.5 * step_m * (np.minimum(many, len(one.x_m) - starts) - 1)
    count = np.add.reduceat((one.count > 0).astype(np.float64), starts, axis=1)
    turned = np.add.reduceat(one.h * _direct(one.x_m, one.y_m, k, coarse_x_m).conj(), starts, axis=1)
    h = turned / np.maximum(count, 1.0) * _direct(x_m, one.y_m, k, coarse_x_m)
    seen = (count > 0).astype(np.float64)
    power = (np.abs(h) ** 2).sum(axis=1) / np.maximum(seen.sum(axis=1), 1.0)
    scale = np.where(power > 0, 1.0 / np.sqrt(np.maximum(power, 1e-300)), 0.0)
    return Part(x_m, one.y_m, k, one.fold, h * scale[:, None], seen, np.zeros(len(h)))


def _direct(x_m: F64, y_m: float, k: float, coarse_x_m: F64) -> C128:
    turned: C128 = np.exp(-1j * k * distance_m(x_m[None, :], np.array(y_m), coarse_x_m[:, None]))
    return turned


def followed(part: Part, model: C128, flip: float) -> Part:
    """The same samples on the roots that suit each tag's `model` (complex128[n, k]) best."""
    h, cost = follow(part.h, part.seen, model, part.fold, flip)
    return replace(part, h=h, cost=cost)


def left_by(part: Part, model: C128, flip: float) -> F64:
    """float64[n, m]: what each of m models leaves of each tag's energy, on the roots that suit it best."""
    return leftovers(part.h, part.seen, model, part.fold, flip)
