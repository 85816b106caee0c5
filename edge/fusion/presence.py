"""Which tags are in the field of a fixed antenna, where, and when they left or came.

Presence is smoothed tag by tag (SMURF, `edge.ext.presence`). A tag in several fields belongs to the antenna
that hears it best; it changes over when the other is clearly better, or when the old one has not heard it for
a while (mobility profile of the Intel RSP toolkit: offset = min(T, m·Δt + b), b = T − m·holdoff).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from edge.columns import Index, TagColumns
from edge.events import ItemMoved, ItemReturned, ItemTaken, Record
from edge.ext import presence as kernel
from edge.ext.presence import F64, I32, U8, U64
from edge.fusion.window import Window

Antenna = tuple[str, int]
Pair = tuple[Antenna, str]


@dataclass(frozen=True, slots=True)
class PresenceOptions:
    """`delta`: chance to lose a tag that is there. The mobility profile is EdgeX's default."""

    epoch_ns: int = 500_000_000
    delta: float = 0.01
    threshold_db: float = 6.0
    slope_db_per_s: float = -8.0
    holdoff_s: float = 0.5
    rssi_gain: float = 2 / 21
    places: Mapping[Antenna, str] = field(default_factory=dict)

    def place(self, antenna: Antenna) -> str:
        return self.places.get(antenna, f"{antenna[0]}-{antenna[1]}")

    def offset_db(self, silent_s: float) -> float:
        """By how much another antenna must be better after the old one was silent for so long."""
        base = self.threshold_db - self.slope_db_per_s * self.holdoff_s
        return min(self.threshold_db, self.slope_db_per_s * silent_s + base)


@dataclass(slots=True)
class Field:
    """One tag at one antenna: its row in the kernel's arrays is its place in the table."""

    rssi_dbm: float
    last_ns: int


@dataclass(frozen=True, slots=True)
class PresenceMemory:
    """Pairs of antenna and tag with their rows in the kernel's arrays, and where each tag is."""

    rows: dict[Pair, int]
    fields: list[Field]
    at: dict[str, Antenna]
    epoch: int | None
    arrays: tuple[U64, I32, F64, U8]


class Presence:
    """Tags at fixed antennas; feed it windows in order, get what changed."""

    def __init__(self, options: PresenceOptions | None = None) -> None:
        self.options = options or PresenceOptions()
        self._rows: dict[tuple[Antenna, str], int] = {}
        self._fields: list[Field] = []
        self._at: dict[str, Antenna] = {}
        self._epoch: int | None = None
        self._history = np.empty(0, np.uint64)
        self._window = np.empty(0, np.int32)
        self._rate = np.empty(0, np.float64)
        self._there = np.empty(0, np.uint8)
        self._grow(64)

    def present(self) -> dict[str, Antenna]:
        """Every tag that is there, and the antenna it is at."""
        return dict(self._at)

    def step(self, window: Window) -> list[Record]:
        """Take one window's reads; tell what was taken, returned or moved."""
        if not self._fields and not len(window.tags):
            self._epoch = max(window.end_ns // self.options.epoch_ns, self._epoch or 0)
            return []
        rows = self._rows_of(window.tags)
        epochs = window.tags.t_ns // self.options.epoch_ns
        events: list[Record] = []
        for epoch, inside in self._epochs(epochs, window.end_ns):
            self._tick(rows[inside])
            events.extend(self._changes((epoch + 1) * self.options.epoch_ns))
        self._forget()
        return events

    def memory(self) -> PresenceMemory:
        """Which tags are there, and how each has been heard of late."""
        n = len(self._fields)
        arrays = (self._history[:n], self._window[:n], self._rate[:n], self._there[:n])
        return PresenceMemory(self._rows, self._fields, self._at, self._epoch, arrays)

    def recall(self, memory: PresenceMemory) -> None:
        """Go on with what `memory` gave. Raises ValueError where its parts are not of one size."""
        sizes = {len(memory.rows), len(memory.fields), *(len(array) for array in memory.arrays)}
        if len(sizes) > 1 or sorted(memory.rows.values()) != list(range(len(memory.rows))):
            raise ValueError(f"presence: parts of several sizes: {sorted(sizes)}")
        self._rows, self._fields, self._at = memory.rows, memory.fields, memory.at
        self._epoch = memory.epoch
        self._history, self._window, self._rate, self._there = memory.arrays
        self._grow(max(64, 2 * len(self._fields)))

    def rest(self) -> None:
        """Nobody listened until now; what is there then is still there."""
        self._epoch = None

    def _epochs(self, epochs: np.ndarray, end_ns: int) -> Iterator[tuple[int, slice]]:
        """Each epoch that has ended with the slice of its reads; a long silence is cut to one full window."""
        last = end_ns // self.options.epoch_ns
        if self._epoch is None:
            self._epoch = int(epochs[0]) if len(epochs) else last
        first = max(self._epoch, last - kernel.MAX_WINDOW) if not len(epochs) else self._epoch
        start = 0
        for epoch in _without_long_gaps(first, last, epochs):
            stop = int(np.searchsorted(epochs, epoch, side="right"))
            yield epoch, slice(start, stop)
            start = stop
        self._epoch = max(last, self._epoch)

    def _tick(self, rows: Index) -> None:
        n = len(self._fields)
        seen = np.zeros(n, np.uint8)
        seen[rows] = 1
        kernel.step(
            self._history[:n], self._window[:n], self._rate[:n], self._there[:n], seen, self.options.delta
        )

    def _rows_of(self, tags: TagColumns) -> Index:
        """The row of each read; new pairs of antenna and tag get rows of their own."""
        if not len(tags):
            return np.empty(0, np.intp)
        key = (tags.tag * (int(tags.source.max()) + 1) + tags.source) * (
            int(tags.antenna.max()) + 1
        ) + tags.antenna
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        count = np.bincount(inverse)
        mean = np.bincount(inverse, weights=np.nan_to_num(tags.rssi_dbm, nan=-99.0)) / count
        latest = np.zeros(len(first), np.int64)
        np.maximum.at(latest, inverse, tags.t_ns)
        rows = [
            self._row(tags, int(r), float(m), int(t)) for r, m, t in zip(first, mean, latest, strict=True)
        ]
        return np.array(rows, np.intp)[inverse]

    def _row(self, tags: TagColumns, read: int, mean_dbm: float, latest_ns: int) -> int:
        antenna = (tags.sources[tags.source[read]], int(tags.antenna[read]))
        pair = (antenna, tags.epcs[tags.tag[read]])
        row = self._rows.setdefault(pair, len(self._fields))
        if row == len(self._fields):
            self._fields.append(Field(mean_dbm, latest_ns))
            if row == len(self._history):
                self._grow(2 * row)
        heard = self._fields[row]
        heard.rssi_dbm += self.options.rssi_gain * (mean_dbm - heard.rssi_dbm)
        heard.last_ns = max(heard.last_ns, latest_ns)
        return row

    def _grow(self, size: int) -> None:
        more = size - len(self._history)
        self._history = np.append(self._history, np.zeros(more, np.uint64))
        self._window = np.append(self._window, np.ones(more, np.int32))
        self._rate = np.append(self._rate, np.full(more, 0.5))
        self._there = np.append(self._there, np.zeros(more, np.uint8))

    def _changes(self, now_ns: int) -> Iterator[Record]:
        best = self._best(now_ns)
        for epc in [epc for epc in self._at if epc not in best]:
            source, antenna = was = self._at.pop(epc)
            yield ItemTaken(now_ns, epc, source, antenna, self.options.place(was))
        for epc, at in best.items():
            previous = self._at.get(epc)
            self._at[epc] = at
            if previous is None:
                yield ItemReturned(now_ns, epc, *at, self.options.place(at))
            elif previous != at and self.options.place(previous) != self.options.place(at):
                places = self.options.place(previous), self.options.place(at)
                yield ItemMoved(now_ns, epc, None, *places, None, 0.9)

    def _best(self, now_ns: int) -> dict[str, Antenna]:
        """For each tag that is there, the antenna it belongs to."""
        best: dict[str, tuple[float, Antenna]] = {}
        for (antenna, epc), row in self._rows.items():
            if not self._there[row]:
                continue
            heard = self._fields[row]
            level = heard.rssi_dbm
            if self._at.get(epc) == antenna:
                level += self.options.offset_db((now_ns - heard.last_ns) / 1e9)
            if epc not in best or level > best[epc][0]:
                best[epc] = (level, antenna)
        return {epc: antenna for epc, (_, antenna) in best.items()}

    def _forget(self) -> None:
        """Drop pairs whose whole history is empty: memory is bounded by what is in the field."""
        n = len(self._fields)
        if n < 2 * max(64, int(np.count_nonzero(self._history[:n]))):
            return
        kept = [(pair, row) for pair, row in self._rows.items() if self._history[row]]
        rows = np.array([row for _, row in kept], np.intp)
        self._history, self._window = self._history[rows], self._window[rows]
        self._rate, self._there = self._rate[rows], self._there[rows]
        self._grow(max(64, 2 * len(rows)))
        self._fields = [self._fields[row] for row in rows]
        self._rows = {pair: place for place, (pair, _) in enumerate(kept)}


def _without_long_gaps(first: int, last: int, epochs: np.ndarray) -> Iterable[int]:
    """Epochs from `first` to before `last`; a gap is cut after a window's length without reads."""
    if last - first <= 4 * kernel.MAX_WINDOW:
        return range(first, last)
    near = {e for read in np.unique(epochs) for e in range(int(read), int(read) + kernel.MAX_WINDOW + 1)}
    near.update(range(first, first + kernel.MAX_WINDOW))
    return sorted(e for e in near if first <= e < last)
