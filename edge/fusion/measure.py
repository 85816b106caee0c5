"""Room sensors a minute at a time: one mean for each source and quantity, which is what is kept and drawn.

Sound is averaged as energy (the equivalent level LAeq, ISO 1996-1), everything else as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.columns import RoomColumns
from edge.events import RoomMeasured
from edge.fusion.window import Window
from edge.types import THERMAL

MINUTE_NS: Final = 60_000_000_000
_SOUND: Final = "sound_dba"

Key = tuple[int, str, str]


@dataclass(slots=True)
class Mean:
    """A sum that is not over: of one minute, source and quantity."""

    total: float = 0.0
    count: int = 0
    last_ns: int = 0


@dataclass(slots=True)
class RoomMeans:
    """Feed it windows in order; it gives each minute's means when the minute is over."""

    space_of: dict[str, str | None]
    _open: dict[Key, Mean] = field(default_factory=dict)

    def step(self, window: Window) -> list[RoomMeasured]:
        """Take one window; a late sample makes a record of its own, since its minute is gone."""
        for key, mean in _grouped(window.rooms):
            have = self._open.setdefault(key, Mean())
            have.total += mean.total
            have.count += mean.count
            have.last_ns = max(have.last_ns, mean.last_ns)
        closed = sorted(key for key in self._open if (key[0] + 1) * MINUTE_NS <= window.end_ns)
        return [self._record(key, self._open.pop(key)) for key in closed]

    def finish(self) -> list[RoomMeasured]:
        """The means of the minutes that are not over, when no more windows come."""
        return [self._record(key, self._open.pop(key)) for key in sorted(self._open)]

    def memory(self) -> dict[Key, Mean]:
        """The minutes that are not over."""
        return self._open

    def recall(self, memory: dict[Key, Mean]) -> None:
        """Go on with what `memory` gave."""
        self._open = memory

    def _record(self, key: Key, mean: Mean) -> RoomMeasured:
        _, source, quantity = key
        value = mean.total / mean.count
        if quantity == _SOUND:
            value = 10.0 * float(np.log10(value))
        return RoomMeasured(mean.last_ns, source, self.space_of.get(source), quantity, round(value, 3))


def _grouped(rooms: RoomColumns) -> Iterator[tuple[Key, Mean]]:
    """Sums for each minute, source and quantity of the window."""
    numbers = ~np.isnan(rooms.value)
    if not numbers.any():
        return
    t_ns, value = rooms.t_ns[numbers], rooms.value[numbers]
    source, quantity = rooms.source[numbers], rooms.quantity[numbers]
    sound = np.array([name == _SOUND for name in rooms.quantities])[quantity]
    value = np.where(sound, 10.0 ** (np.clip(value, -100.0, 300.0) / 10.0), value)
    key = np.stack([t_ns // MINUTE_NS, source, quantity])
    groups, inverse = np.unique(key, axis=1, return_inverse=True)
    totals, counts = np.bincount(inverse, weights=value), np.bincount(inverse)
    last = np.zeros(len(totals), np.int64)
    np.maximum.at(last, inverse, t_ns)
    for place, (minute, s, q) in enumerate(groups.T.tolist()):
        name = rooms.quantities[q]
        if name != THERMAL:
            mean = Mean(float(totals[place]), int(counts[place]), int(last[place]))
            yield (minute, rooms.sources[s], name), mean
