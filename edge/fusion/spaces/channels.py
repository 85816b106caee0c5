"""What each sensor said last: a channel for each (source, quantity), its rhythm, its runs of equal values."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.columns import F64, I64, Index, RoomColumns

Mask = NDArray[np.bool_]


@dataclass(slots=True)
class Channels:
    """Columns by channel. `mean` is over the last step, `gap_ns` the usual time between readings,
    `same_since_ns` when the value last changed, `longest_same_ns` the longest it ever stood before."""

    keys: list[tuple[str, str]] = field(default_factory=list)
    value: F64 = field(default_factory=lambda: np.empty(0))
    mean: F64 = field(default_factory=lambda: np.empty(0))
    t_ns: I64 = field(default_factory=lambda: np.empty(0, np.int64))
    gap_ns: F64 = field(default_factory=lambda: np.empty(0))
    same_since_ns: I64 = field(default_factory=lambda: np.empty(0, np.int64))
    longest_same_ns: F64 = field(default_factory=lambda: np.empty(0))
    _place: dict[tuple[str, str], int] = field(default_factory=dict)
    _table: Index = field(default_factory=lambda: np.empty((0, 0), np.intp))
    _table_of: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def take(self, rooms: RoomColumns) -> Index:
        """Take in the samples with a finite value; which channels were heard."""
        if not len(rooms):
            return np.empty(0, np.intp)
        known = np.isfinite(rooms.value)
        channel = self._channels(rooms)[known]
        value, t_ns = rooms.value[known], rooms.t_ns[known]
        heard = np.unique(channel)
        total = np.bincount(channel, value, minlength=len(self.keys))
        n = np.bincount(channel, minlength=len(self.keys))
        self.mean[heard] = total[heard] / n[heard]
        before, before_ns = self.value[heard], self.t_ns[heard]
        self.value[channel] = value
        self.t_ns[channel] = t_ns
        self._rhythm(heard, before_ns, n[heard])
        self._runs(heard, before)
        return heard

    def _rhythm(self, heard: Index, before_ns: I64, n: Index) -> None:
        gap = (self.t_ns[heard] - before_ns) / n
        first = before_ns == 0
        usual = self.gap_ns[heard]
        usual = np.where(np.isnan(usual), gap, usual + 0.1 * (np.minimum(gap, 3 * usual) - usual))
        self.gap_ns[heard] = np.where(first, np.nan, usual)

    def _runs(self, heard: Index, before: F64) -> None:
        changed = heard[(self.value[heard] != before) | (self.mean[heard] != before)]
        run = self.t_ns[changed] - self.same_since_ns[changed]
        known = self.same_since_ns[changed] > 0
        self.longest_same_ns[changed] = np.where(
            known, np.maximum(run, self.longest_same_ns[changed]), self.longest_same_ns[changed]
        )
        self.same_since_ns[changed] = self.t_ns[changed]

    def of(self, quantity: str) -> Index:
        """The channels of that quantity."""
        return np.array([n for n, key in enumerate(self.keys) if key[1] == quantity], np.intp)

    def _channels(self, rooms: RoomColumns) -> Index:
        if self._table_of != (rooms.sources, rooms.quantities):
            self._table_of = (rooms.sources, rooms.quantities)
            self._table = np.full((len(rooms.sources), len(rooms.quantities)), -1, np.intp)
        channel = self._table[rooms.source, rooms.quantity]
        if len(channel) and channel.min() < 0:
            new = np.flatnonzero(channel < 0)
            for s, q in sorted({(int(rooms.source[n]), int(rooms.quantity[n])) for n in new}):
                self._table[s, q] = self._add((rooms.sources[s], rooms.quantities[q]))
            channel = self._table[rooms.source, rooms.quantity]
        return channel

    def _add(self, key: tuple[str, str]) -> int:
        if key in self._place:
            return self._place[key]
        self._place[key] = len(self.keys)
        self.keys.append(key)
        self.value = np.append(self.value, np.nan)
        self.mean = np.append(self.mean, np.nan)
        self.gap_ns = np.append(self.gap_ns, np.nan)
        self.longest_same_ns = np.append(self.longest_same_ns, 0.0)
        self.t_ns = np.append(self.t_ns, 0)
        self.same_since_ns = np.append(self.same_since_ns, 0)
        return self._place[key]
