"""The UHF reader: which tags answer, when, on which channel, and what is measured of each answer."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.columns import F64, Index, TagColumns
from edge.sensors.simulate.channel import LIGHT_M_S, one_way
from edge.sensors.simulate.config import Reader
from edge.sensors.simulate.stock import Rng
from edge.sensors.simulate.tags import Complex, Tags

REACH_M: Final = 0.9
_NEAR_H: Final = 2.9
_NEAR_DBM: Final = -48.0
_WAKE_DB: Final = -9.0
_PHASE_STEPS: Final = 4096


@dataclass(slots=True)
class ReaderModel:
    """One reader with one antenna before the stacks."""

    source: str
    options: Reader
    tags: Tags
    rng: Rng
    _hops: Index = field(init=False)

    def __post_init__(self) -> None:
        self._hops = self.rng.permutation(self.options.channels).astype(np.intp)

    def read(self, t_s: F64, antenna: F64, start_ns: int) -> TagColumns:
        """Reads in the ticks that begin at `t_s` (n,), equally long; `antenna` (n, 3) is where it is then."""
        near = self._near(antenna)
        if not len(near) or len(t_s) < 2:
            return TagColumns()
        tick, place = self._answers(near, t_s, antenna)
        t = t_s[tick] + (t_s[1] - t_s[0]) * self.rng.random(len(tick))
        at = np.stack([np.interp(t, t_s, antenna[:, axis]) for axis in range(3)], axis=1)
        order = np.argsort(t, kind="stable")
        return self._measured(t[order], near[place[order]], at[order], start_ns)

    def frequencies_mhz(self, t_s: F64) -> F64:
        """The channel's frequency at each time."""
        o = self.options
        hop = self._hops[(t_s // o.dwell_s).astype(np.int64) % o.channels]
        found: F64 = o.first_mhz + o.step_mhz * hop.astype(np.float64)
        return found

    def _near(self, antenna: F64) -> Index:
        middle = antenna.mean(axis=0)
        away = np.abs(self.tags.place - middle)
        return np.flatnonzero((away[:, 0] < REACH_M) & (away[:, 2] < 0.6))

    def _answers(self, near: Index, t_s: F64, antenna: F64) -> tuple[Index, Index]:
        """How often each tag answers in each tick: they share the air, the weak ones seldom get through."""
        n, m = len(t_s), len(near)
        tick = np.repeat(np.arange(n), m)
        tag = np.tile(near, n)
        h = np.abs(self._channel(tag, antenna[tick], self.frequencies_mhz(t_s)[tick]))
        margin_db = 20 * np.log10(h / _NEAR_H + 1e-9) + self.tags.gain_db[tag] - _WAKE_DB
        awake = (1 / (1 + np.exp(-margin_db / 1.2))).reshape(n, m)
        loudness = awake.sum(axis=1, keepdims=True)
        per_tick = self.options.reads_per_s * (t_s[1] - t_s[0]) * (1 - np.exp(-loudness / 2))
        counts = self.rng.poisson(per_tick * awake / np.maximum(loudness, 1e-9))
        cell = np.repeat(np.arange(counts.size), counts.ravel())
        return (cell // m).astype(np.intp), (cell % m).astype(np.intp)

    def _measured(self, t: F64, tag: Index, antenna: F64, start_ns: int) -> TagColumns:
        freq = self.frequencies_mhz(t)
        h = self._channel(tag, antenna, freq)
        rssi = _NEAR_DBM + 40 * np.log10(np.abs(h) / _NEAR_H) + 2 * self.tags.gain_db[tag]
        used, table = np.unique(tag, return_inverse=True)
        return TagColumns(
            t_ns=start_ns + (t * 1e9).astype(np.int64),
            source=np.zeros(len(t), np.intp),
            antenna=np.ones(len(t), np.intp),
            tag=table.astype(np.intp),
            rssi_dbm=np.round(2 * (rssi + self.rng.normal(0, 0.4, len(t)))) / 2,
            phase_rad=self._phase(h, tag, freq, rssi),
            freq_mhz=np.round(freq, 3),
            doppler_hz=np.full(len(t), np.nan),
            sources=(self.source,),
            epcs=tuple(self.tags.epcs[n] for n in used),
        )

    def _phase(self, h: Complex, tag: Index, freq: F64, rssi: F64) -> F64:
        """−2·arg h grows with the distance; cable and tag add to it; a weak answer has more noise."""
        n = len(tag)
        sigma = 0.03 + 0.12 * np.clip((-52 - rssi) / 18, 0, 1)
        turn = np.pi * (self.rng.random(n) < self.options.half_turns)
        cable = 4e6 * np.pi * freq * self.options.cable_m / LIGHT_M_S
        phase = -2 * np.angle(h) + cable + self.tags.phase_rad[tag] + turn + self.rng.normal(0, sigma)
        step = 2 * np.pi / _PHASE_STEPS
        found: F64 = np.floor(np.mod(phase, 2 * np.pi) / step) % _PHASE_STEPS * step
        return found

    def _channel(self, tag: Index, antenna: F64, freq: F64) -> Complex:
        return one_way(self.tags, tag, antenna, freq, self.options.multipath)
