"""What each sensor said last: a channel for each (source, quantity), its rhythm, its runs of equal values."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.columns import F64, I64, Index, RoomColumns
from edge.fusion.spaces.graph import Building

Mask = NDArray[np.bool_]

_HOUR_NS: Final = 3_600_000_000_000
_LATE_NS: Final = 900_000_000_000
_LATE_GAPS: Final = 3.0
_STUCK_LEAST_NS: Final = {"co2_ppm": _HOUR_NS, "seat_taken": 20 * _HOUR_NS}
_STUCK_FACTOR: Final = 4.0
_KIND: Final = {
    "co2_ppm": "co2",
    "wifi_devices": "devices",
    "people": "heads",
    "motion": "motion",
    "presence": "presence",
    "seat_taken": "seats",
}
_NONE: Final = np.empty(0, np.intp)
KINDS: Final = (*_KIND.values(), "doors")
"""The kinds of evidence, by their bit."""


@dataclass(slots=True)
class Channels:
    """Columns by channel. `mean` is over the last step, `gap_ns` the usual time between readings,
    `same_since_ns` when the value last changed, `longest_same_ns` the longest it ever stood before."""

    building: Building
    keys: list[tuple[str, str]] = field(default_factory=list)
    space: Index = field(default_factory=lambda: np.empty(0, np.intp))
    value: F64 = field(default_factory=lambda: np.empty(0))
    mean: F64 = field(default_factory=lambda: np.empty(0))
    t_ns: I64 = field(default_factory=lambda: np.empty(0, np.int64))
    gap_ns: F64 = field(default_factory=lambda: np.empty(0))
    same_since_ns: I64 = field(default_factory=lambda: np.empty(0, np.int64))
    longest_same_ns: F64 = field(default_factory=lambda: np.empty(0))
    stuck_after_ns: F64 = field(default_factory=lambda: np.empty(0))
    bit: Index = field(default_factory=lambda: np.empty(0, np.intp))
    heard: Mask = field(default_factory=lambda: np.empty(0, bool))
    stuck: Mask = field(default_factory=lambda: np.empty(0, bool))
    _of: dict[str, list[int]] = field(default_factory=dict)
    _index: dict[str, Index] = field(default_factory=dict)
    _place: dict[tuple[str, str], int] = field(default_factory=dict)
    _table: Index = field(default_factory=lambda: np.empty((0, 0), np.intp))
    _table_of: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def take(self, rooms: RoomColumns, end_ns: int) -> None:
        """Take in a step's samples with a finite value."""
        if not len(rooms):
            self.heard = np.zeros(len(self.keys), bool)
            return
        known = np.isfinite(rooms.value)
        channel = self._channels(rooms)[known]
        value, t_ns = rooms.value[known], rooms.t_ns[known]
        n = np.bincount(channel, minlength=len(self.keys))
        self.heard = n > 0
        heard = np.flatnonzero(self.heard)
        if len(heard):
            self.mean[heard] = np.bincount(channel, value, minlength=len(n))[heard] / n[heard]
            before, before_ns = self.value[heard], self.t_ns[heard]
            self.value[channel], self.t_ns[channel] = value, t_ns
            self._rhythm(heard, before_ns, n[heard])
            self._runs(heard, before)
        self._find_stuck(end_ns)

    def heard_any(self, quantities: tuple[str, ...]) -> bool:
        """Whether a sensor of one of the quantities was heard in the last step."""
        return any(self.heard[self._of_kind(quantity)].any() for quantity in quantities)

    def by_space(self, quantity: str) -> tuple[Index, F64]:
        """The mean of the last step over each space's sensors of that quantity; spaces, and values."""
        channel = self._of_kind(quantity)
        channel = channel[self.heard[channel] & ~self.stuck[channel]]
        return _means(self.space[channel], self.mean[channel])

    def seen(self) -> tuple[Index, F64]:
        """Spaces whose presence or motion sensors were heard in the last step; whether one saw someone."""
        channel = np.concatenate((self._of_kind("presence"), self._of_kind("motion")))
        channel = channel[self.heard[channel]]
        space, share = _means(self.space[channel], (self.mean[channel] > 0).astype(np.float64))
        return space, (share > 0).astype(np.float64)

    def share_of_seats(self) -> tuple[Index, F64, F64]:
        """Spaces with seat sensors, the share of those that are taken, and how many sensors it is of."""
        channel = self._of_kind("seat_taken")
        channel = channel[~self.stuck[channel]]
        space, share = _means(self.space[channel], (self.value[channel] > 0).astype(np.float64))
        return space, share, np.bincount(self.space[channel])[space].astype(np.float64)

    def alive(self, kinds: Index, end_ns: int) -> None:
        """Set in `kinds`, by space, the bit of every kind of evidence of which a channel is not late."""
        late_ns = np.fmax(_LATE_GAPS * self.gap_ns, _LATE_NS)
        fresh = (end_ns - self.t_ns <= late_ns) & (self.space >= 0) & ~self.stuck
        np.bitwise_or.at(kinds, self.space[fresh], self.bit[fresh])

    def stuck_keys(self) -> list[tuple[str, str]]:
        """The channels whose value no longer moves."""
        return [self.keys[c] for c in np.flatnonzero(self.stuck).tolist()]

    def _find_stuck(self, end_ns: int) -> None:
        """Values that have not moved for far longer than they ever stood before."""
        run = self.t_ns - self.same_since_ns
        self.stuck = run > np.maximum(self.stuck_after_ns, _STUCK_FACTOR * self.longest_same_ns)

    def _of_kind(self, quantity: str) -> Index:
        return self._index.get(quantity, _NONE)

    def _rhythm(self, heard: Index, before_ns: I64, n: Index) -> None:
        gap = (self.t_ns[heard] - before_ns) / n
        usual = self.gap_ns[heard]
        usual = np.where(np.isnan(usual), gap, usual + 0.1 * (np.minimum(gap, 3 * usual) - usual))
        self.gap_ns[heard] = np.where(before_ns == 0, np.nan, usual)

    def _runs(self, heard: Index, before: F64) -> None:
        changed = heard[(self.value[heard] != before) | (self.mean[heard] != before)]
        known = self.same_since_ns[changed] > 0
        run = np.where(known, self.t_ns[changed] - self.same_since_ns[changed], 0)
        self.longest_same_ns[changed] = np.maximum(run, self.longest_same_ns[changed])
        self.same_since_ns[changed] = self.t_ns[changed]

    def _channels(self, rooms: RoomColumns) -> Index:
        if self._table_of != (rooms.sources, rooms.quantities):
            self._table_of = (rooms.sources, rooms.quantities)
            self._table = np.full((len(rooms.sources), len(rooms.quantities)), -1, np.intp)
        channel: Index = self._table[rooms.source, rooms.quantity]
        if len(channel) and channel.min() < 0:
            new = np.flatnonzero(channel < 0)
            for s, q in sorted({(int(rooms.source[n]), int(rooms.quantity[n])) for n in new}):
                self._table[s, q] = self._add((rooms.sources[s], rooms.quantities[q]))
            channel = self._table[rooms.source, rooms.quantity]
        return channel

    def _add(self, key: tuple[str, str]) -> int:
        if key in self._place:
            return self._place[key]
        n = self._place[key] = len(self.keys)
        self.keys.append(key)
        ids = [space.id for space in self.building.spaces]
        space = self.building.space_of_source.get(key[0])
        self.space = np.append(self.space, ids.index(space) if space in ids else -1)
        if space in ids:
            self._of.setdefault(key[1], []).append(n)
        for name, empty in (
            ("value", np.nan),
            ("mean", np.nan),
            ("gap_ns", np.nan),
            ("longest_same_ns", 0.0),
        ):
            setattr(self, name, np.append(getattr(self, name), empty))
        kind = _KIND.get(key[1])
        self.bit = np.append(self.bit, 0 if kind is None else 1 << KINDS.index(kind))
        self.stuck_after_ns = np.append(self.stuck_after_ns, _STUCK_LEAST_NS.get(key[1], np.inf))
        self._index = {quantity: np.array(found, np.intp) for quantity, found in self._of.items()}
        self.t_ns = np.append(self.t_ns, 0)
        self.same_since_ns = np.append(self.same_since_ns, 0)
        self.stuck = np.append(self.stuck, False)
        return n


def _means(space: Index, values: F64) -> tuple[Index, F64]:
    n = np.bincount(space)
    found = np.flatnonzero(n)
    return found, np.bincount(space, values)[found] / n[found]
