"""What CO2 says, by the mass balance of each space; how far a room's balance is trusted is learnt from it."""

from dataclasses import dataclass, field

import numpy as np

from edge.columns import F64, I64, Index
from edge.ext.balance import BASE, EXCESS
from edge.fusion.spaces.channels import Mask
from edge.fusion.spaces.options import SpaceOptions
from edge.fusion.spaces.state import FilterState, Rows

_HOUR_NS = 3_600_000_000_000
_LEAST_PPM, _MOST_PPM = 250.0, 10_000.0
_BASE_LEAST_PPM, _BASE_MOST_PPM = 300.0, 440.0
_FIRST_EXCESS_SD_PPM = 30.0


@dataclass(slots=True)
class Air:
    """`trust` by space scales the noise of the balance: 1 at first, little where it proves true."""

    options: SpaceOptions
    n_spaces: int
    trust: F64 = field(init=False)
    last_ns: I64 = field(init=False)
    seen: Mask = field(init=False)

    def __post_init__(self) -> None:
        self.trust = np.ones(self.n_spaces)
        self.last_ns = np.zeros(self.n_spaces, np.int64)
        self.seen = np.zeros(self.n_spaces, bool)

    def rows(self, rows: Rows, state: FilterState, space: Index, ppm: F64, end_ns: int) -> Index:
        """Add a step's readings (mean ppm of each of `space`); which spaces they were of."""
        o = self.options
        good = (ppm > _LEAST_PPM) & (ppm < _MOST_PPM)
        space, ppm = space[good], ppm[good]
        for s, first in zip(space.tolist(), ppm.tolist(), strict=True):
            if not self.seen[s]:
                self._begin(state, s, first)
        gap_h = np.where(self.last_ns[space] > 0, (end_ns - self.last_ns[space]) / _HOUR_NS, o.co2_time_h)
        self.last_ns[space] = end_ns
        alike = np.maximum(1.0, o.co2_time_h / np.maximum(gap_h, 1 / 120))
        variance = (o.co2_sd_ppm**2 + (o.co2_sd_share * ppm) ** 2) * alike
        rows.add(space, EXCESS, ppm, variance, offset=BASE, gate=o.gate)
        return space

    def _begin(self, state: FilterState, space: int, ppm: float) -> None:
        """The first reading tells base and excess as well as it can: low ones are base."""
        base = min(max(ppm, _BASE_LEAST_PPM), _BASE_MOST_PPM)
        state.set_apart(space, BASE, base, self.options.base_sd_ppm**2)
        state.set_apart(space, EXCESS, max(ppm - base, 0.0), _FIRST_EXCESS_SD_PPM**2)
        self.seen[space] = True

    def noise(self, excess_ppm: F64) -> F64:
        """The variance of the balance in an hour: air moves in lumps, and the more so the more is in it."""
        o = self.options
        found: F64 = self.trust * (o.air_noise_ppm**2 + (o.air_noise_share * excess_ppm) ** 2)
        return found

    def learn(self, state: FilterState, space: Index, innovation: F64, spread: F64) -> None:
        """Surprises beyond what was expected take trust away; hits, where there is CO2 to hit, give it."""
        o = self.options
        surprise = np.minimum(innovation**2 / spread, 9.0) - 1.0
        telling = (surprise > 0) | (state.get(EXCESS, space) > o.telling_ppm)
        self.trust[space] = np.clip(
            self.trust[space] * np.exp(o.trust_rate * np.where(telling, surprise, 0.0)),
            o.trust_least,
            o.trust_most,
        )
