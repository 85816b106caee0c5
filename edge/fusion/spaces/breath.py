"""What a room's air says of whether anybody is there, by what of it an empty room can't explain.

In an empty room the excess of CO2 decays. What there is more after some minutes was breathed out: noise where
nobody is, and where somebody is at least that of a person. What there is less tells little: fans run faster
where people are, too. How fast the empty room decays, how noisy its sensor is and how much people breathe out
there is learnt from the recording, with the chances that somebody was there (Baum-Welch). The plain balance
takes one rate of air for all; a room whose fans run only while it is in use has another at night.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.columns import F64
from edge.fusion.spaces.channels import Mask

_APART_H: Final = 1 / 6
_BASE_DAYS: Final = 3
_BASE_PERCENT: Final = 2.0
_FANS: Final = 0.15  # of the time air is changed otherwise than the empty room's
_MOST: Final = 4.0
_RATES: Final = np.exp(np.linspace(np.log(0.1), np.log(4.0), 25))
_USUAL_RATE, _RATE_SD = 0.8, 0.7  # an hour, and its relative deviation
_NOISE_PPM: Final = (2.0, 40.0)
_SHARE: Final = 0.03  # of the excess that decays, by which mixing errs
_LEAST_H: Final = 4.0
_KNOWN_H: Final = 4.0
_FEW: Final = 5.0


@dataclass(slots=True)
class Breath:
    """One room's air: t_h and ppm (T,) by step, NaN where none was told.

    person_ppm_h: by how much a person raises it in an hour; usual: people who are there when somebody is.
    """

    t_h: F64
    ppm: F64
    person_ppm_h: float
    usual: float
    rate: float = _USUAL_RATE
    noise_ppm: float = 6.0
    people_ppm: float = field(init=False)
    apart_h: float = field(init=False)
    _before: F64 = field(init=False)
    _after: F64 = field(init=False)

    def __post_init__(self) -> None:
        told = ~np.isnan(self.ppm)
        gap_h = float(np.median(np.diff(self.t_h[told]))) if told.sum() > 1 else _APART_H
        self.apart_h = max(_APART_H, 2 * gap_h)
        base = _base(self.t_h, self.ppm)
        self._before = np.maximum(self._mean(-self.apart_h / 2) - base, 0.0)
        self._after = self._mean(self.apart_h / 2) - base
        self.people_ppm = 0.7 * min(self.usual, _FEW) * self._person_ppm

    @property
    def _person_ppm(self) -> float:
        return self.person_ppm_h * self.apart_h

    def log_ratio(self) -> F64:
        """By step, ln of how much likelier the air is with somebody there; 0 where it was not told."""
        more, sd = self._more(self.rate), self._sd()
        people = max(self.people_ppm, float(np.nanmin(sd, initial=self.noise_ppm)))
        wide = 0.5 * self._before + 2 * sd
        fans = _FANS * np.exp(-np.abs(more) / wide) / wide
        nobody = (1 - _FANS) * _students(more / sd) / sd + np.where(
            more < 0.0, fans, fans * np.exp(-np.abs(more) / sd)
        )
        somebody = (1 - _FANS) * _at_least_some(more, sd, people) + fans
        found = np.log((somebody + 1e-12) / (nobody + 1e-12))
        return np.where(np.isnan(found), 0.0, np.clip(found, -_MOST, _MOST))

    def learn(self, chance: F64, step_h: float) -> None:
        """Take up how fast the empty room decays, how noisy it is and what people breathe out there, by how
        likely somebody was there at each step (T,), of step_h."""
        told = (self._after > 0.0) & ~np.isnan(self._before)
        weight = np.where(told, 1 - chance, 0.0)
        if weight.sum() * step_h < _LEAST_H:
            return
        self.rate = self._likeliest_rate(told, weight[told], step_h)
        more = self._more(self.rate)
        still = (weight > 0.5) & (self._before < 100.0)
        if still.sum() > 10:
            noise_ppm = 1.3 * 1.4826 * float(np.median(np.abs(more[still])))
            self.noise_ppm = float(np.clip(noise_ppm, *_NOISE_PPM))
        with_h, usual_ppm = float(chance[told].sum()) * step_h, 0.7 * min(self.usual, _FEW) * self._person_ppm
        breathed = float(chance[told] @ np.maximum(more[told], 0.0)) * step_h
        mean = (breathed + _KNOWN_H * usual_ppm) / (with_h + _KNOWN_H)
        self.people_ppm = max(mean, 0.3 * self._person_ppm, self.noise_ppm)

    def _likeliest_rate(self, told: Mask, weight: F64, step_h: float) -> float:
        """The rate by which the air decays where nobody is: by the weight that each step has."""
        before, after, sd = self._before[told], self._after[told], self._sd()[told]
        kept = np.exp(-_RATES * self.apart_h)
        cost = [float(weight @ np.log1p(((after - before * k) / sd) ** 2 / 4)) for k in kept.tolist()]
        prior = 0.5 * (np.log(_RATES / _USUAL_RATE) / _RATE_SD) ** 2
        return float(_RATES[int(np.argmin(2.5 * step_h / self.apart_h * np.array(cost) + prior))])

    def _more(self, rate: float) -> F64:
        """CO2 beyond what an empty room would have kept of it, ppm."""
        found: F64 = self._after - self._before * np.exp(-rate * self.apart_h)
        return found

    def _sd(self) -> F64:
        found: F64 = np.hypot(self.noise_ppm, _SHARE * self._before)
        return found

    def _mean(self, shift_h: float) -> F64:
        """By step, the mean of what was told about so long after it; NaN where nothing was."""
        told = ~np.isnan(self.ppm)
        t_h, total = self.t_h[told], np.concatenate(([0.0], np.cumsum(self.ppm[told])))
        around = self.apart_h / 4 + 1e-9
        a = np.searchsorted(t_h, self.t_h + shift_h - around)
        b = np.searchsorted(t_h, self.t_h + shift_h + around)
        return np.where(b > a, (total[b] - total[a]) / np.maximum(b - a, 1), np.nan)


def _base(t_h: F64, ppm: F64) -> F64:
    """By step, the air outside: the least that is seen in some days about it, ppm."""
    day, base = np.floor(t_h / 24), np.full(len(t_h), np.nan)
    told = ~np.isnan(ppm)
    for d in np.unique(day):
        near = told & (np.abs(day - d) <= _BASE_DAYS)
        if near.any():
            base[day == d] = np.percentile(ppm[near], _BASE_PERCENT)
    return base


def _students(z: F64) -> F64:
    """Student's density with four degrees of freedom."""
    found: F64 = 0.375 * (1 + z * z / 4) ** -2.5
    return found


def _at_least_some(more: F64, sd: F64, mean: float) -> F64:
    """The density of noise on top of what is spread exponentially about a mean."""
    z = more / sd - sd / mean
    above = 1 / (1 + np.exp(-1.702 * np.clip(z, -20, 20)))  # the normal distribution, to .01
    found: F64 = np.exp(np.clip(-more / mean + 0.5 * (sd / mean) ** 2, -50, 50)) * above / mean
    return found
