"""What each sensor said last: a channel for each (source, quantity), in tables that the kernel fills."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.columns import F64, I64, Index, RoomColumns
from edge.ext import hearing
from edge.ext.hearing import Ends, Samples
from edge.fusion.spaces.graph import Building

Mask = NDArray[np.bool_]

_HOUR_NS: Final = 3_600_000_000_000
_STUCK_LEAST_NS: Final = {"co2_ppm": _HOUR_NS, "seat_taken": 20 * _HOUR_NS}
_EVIDENCE: Final = {
    "co2_ppm": "co2",
    "wifi_devices": "devices",
    "people": "heads",
    "motion": "motion",
    "presence": "presence",
    "seat_taken": "seats",
}
EVIDENCE: Final = (*_EVIDENCE.values(), "doors")
"""The kinds of evidence, by their bit."""
_SIGNS: Final = ("presence", "motion")
_POSSIBLE: Final = {
    "co2_ppm": (100.0, 40_000.0),
    "people": (0.0, 1e5),
    "illuminance_lux": (0.0, 2e5),
    "sound_dba": (0.0, 160.0),
    "temperature_c": (-60.0, 100.0),
    "humidity_pct": (0.0, 110.0),
    "wifi_devices": (0.0, 1e5),
}
"""Beyond these no sensor measures: what it says then is not taken as said."""


@dataclass(slots=True)
class Channels:
    """Tables by channel (`edge.ext.hearing`)."""

    building: Building
    keys: list[tuple[str, str]] = field(default_factory=list)
    told: F64 = field(default_factory=lambda: np.empty((0, hearing.CHANNEL_COLUMNS)))
    stamps: I64 = field(default_factory=lambda: np.empty((0, 2), np.int64))
    place: Index = field(default_factory=lambda: np.empty((0, 3), np.intp))
    _spaces: dict[str, int] = field(default_factory=dict)
    _place: dict[tuple[str, str], int] = field(default_factory=dict)
    _table: Index = field(default_factory=lambda: np.empty((0, 0), np.intp))
    _table_of: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    _possible: F64 = field(default_factory=lambda: np.empty((2, 0)))

    def take(self, rooms: RoomColumns, steps: Ends, said: F64) -> tuple[Index, Mask, Mask]:
        """Take in the samples of some steps with a value that can be; fills `said` with what was said in each
        space. By step, the bits of the evidence that is alive there, and whether each channel is stuck or
        beyond what can be (`hearing.hear`)."""
        samples = self._samples(rooms)
        for s, q in samples.unknown().tolist():
            self._table[s, q] = self._add((rooms.sources[s], rooms.quantities[q]))
        return hearing.hear(samples, steps, self.told, self.stamps, self.place, said)

    def recall(self, keys: Sequence[tuple[str, str]], told: F64, stamps: I64) -> None:
        """Go on with what was told before, by channel in the order of `keys`, and with no other channel."""
        if keys != self.keys:
            self.keys, self._place, self._table_of = [], {}, ((), ())
            self.told, self.stamps, self.place = self.told[:0], self.stamps[:0], self.place[:0]
            for key in keys:
                self._add(key)
        self.told[:], self.stamps[:] = told, stamps

    @property
    def sources(self) -> list[str]:
        """The source of each channel."""
        return [source for source, _ in self.keys]

    def _samples(self, rooms: RoomColumns) -> Samples:
        if self._table_of != (rooms.sources, rooms.quantities):
            self._table_of = (rooms.sources, rooms.quantities)
            limits = [_POSSIBLE.get(quantity, (-np.inf, np.inf)) for quantity in rooms.quantities]
            self._possible = np.ascontiguousarray(np.array(limits).reshape(-1, 2).T)
            self._table = np.full((len(rooms.sources), len(rooms.quantities)), -1, np.intp)
        return Samples(rooms.source, rooms.quantity, rooms.value, rooms.t_ns, self._table, self._possible)

    def _add(self, key: tuple[str, str]) -> int:
        if key in self._place:
            return self._place[key]
        n = self._place[key] = len(self.keys)
        self.keys.append(key)
        if not self._spaces:
            self._spaces = {space.id: s for s, space in enumerate(self.building.spaces)}
        space = self.building.space_of_source.get(key[0], "")
        place = (self._spaces.get(space, -1), _kind(key[1]), _bit(key[1]))
        told = np.full((1, hearing.CHANNEL_COLUMNS), np.nan)
        told[0, [hearing.LONGEST_NS, hearing.STUCK, hearing.BEYOND]] = 0.0
        told[0, hearing.STUCK_AFTER_NS] = _STUCK_LEAST_NS.get(key[1], np.inf)
        self.told = np.concatenate((self.told, told))
        self.stamps = np.concatenate((self.stamps, np.zeros((1, 2), np.int64)))
        self.place = np.concatenate((self.place, np.array([place], np.intp)))
        return n


def _kind(quantity: str) -> int:
    name = "sign" if quantity in _SIGNS else quantity
    return hearing.KINDS.index(name if name in hearing.KINDS else "other")


def _bit(quantity: str) -> int:
    kind = _EVIDENCE.get(quantity)
    return 0 if kind is None else 1 << EVIDENCE.index(kind)
