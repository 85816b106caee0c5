"""By how much sources tell of people while rooms are open and not closed, their clocks taken in three ways.

A row for each channel (a quantity of a source), a column for each way: as the clock stands, later, earlier.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.columns import F64, Index, RoomColumns
from edge.fusion.spaces.hours import LocalTime, OpeningHours

TELLING: Final = ("sound_dba", "illuminance_lux", "co2_ppm", "motion", "presence")
WAYS: Final = 3
_ENOUGH: Final = 48 * 6  # samples of ten minutes, and of them open and closed each
_EACH: Final = 4 * 6
_MOST_RISE_PPM: Final = 30.0


@dataclass(frozen=True, slots=True)
class _Tables:
    """`row`, intp (sources, quantities): each channel's row, -1 where it tells nothing.

    `hours_of`: the place of each source's hours in `hours`.
    """

    of: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    row: Index = field(default_factory=lambda: np.zeros((0, 0), np.intp))
    hours: tuple[OpeningHours, ...] = ()
    hours_of: Index = field(default_factory=lambda: np.zeros(0, np.intp))


@dataclass(slots=True)
class Rhythm:
    """Sums of what every channel said; `hours` are those of each source's space."""

    hours: Mapping[str, OpeningHours]
    rows: dict[tuple[str, str], int] = field(default_factory=dict)
    _sums: F64 = field(default_factory=lambda: np.zeros((0, WAYS, 2)))
    _counts: F64 = field(default_factory=lambda: np.zeros((0, WAYS, 2)))
    _squares: F64 = field(default_factory=lambda: np.zeros(0))
    _before: F64 = field(default_factory=lambda: np.zeros(0))
    _tables: _Tables = field(default_factory=_Tables)
    _sources: list[str] = field(default_factory=list)
    _source_of_row: Index = field(default_factory=lambda: np.zeros(0, np.intp))

    def add(self, rooms: RoomColumns, moments: list[LocalTime]) -> None:
        """What each channel said last, at `moments`: one for each way of taking the clock."""
        last, tables = _last_of_each(rooms), self._known(rooms)
        row = tables.row[rooms.source[last], rooms.quantity[last]]
        last, row = last[row >= 0], row[row >= 0]
        told = self._told(row, rooms.value[last], rooms.quantity[last] == _place(rooms, "co2_ppm"))
        is_told = np.isfinite(told)
        last, row, told = last[is_told], row[is_told], told[is_told]
        if not len(row):
            return
        is_open = np.array([[hours.is_open(m) for m in moments] for hours in tables.hours])
        counts = np.stack((~is_open, is_open), axis=2).astype(np.float64)
        counts = counts[tables.hours_of[rooms.source[last]]]
        self._sums[row] += told[:, None, None] * counts
        self._counts[row] += counts
        self._squares[row] += told**2

    def contrasts(self) -> tuple[list[str], F64]:
        """Sources, and by how much each says more while open than while closed: (sources, WAYS) deviations.

        The mean of a source's channels; nan where too little is known.
        """
        n = self._counts[:, 0, 0] + self._counts[:, 0, 1]
        mean = self._sums[:, 0].sum(axis=1) / np.maximum(n, 1.0)
        variance = self._squares / np.maximum(n, 1.0) - mean**2
        known = (n >= _ENOUGH) & (self._counts.min(axis=(1, 2)) >= _EACH) & (variance > 1e-9 * mean**2)
        means = self._sums[known] / self._counts[known]
        contrast = (means[..., 1] - means[..., 0]) / np.sqrt(variance[known])[:, None]
        sources, of_row = self._sources, self._source_of_row[known]
        total, channels = np.zeros((len(sources), WAYS)), np.bincount(of_row, minlength=len(sources))
        np.add.at(total, of_row, contrast)
        return sources, np.where(channels[:, None] > 0, total / np.maximum(channels, 1)[:, None], np.nan)

    def _told(self, row: Index, value: F64, is_co2: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> F64:
        """What speaks for people at once: CO2 stays when they have gone, its rise does not."""
        rise = np.clip(value - self._before[row], 0.0, _MOST_RISE_PPM)
        self._before[row] = value
        return np.where(is_co2, rise, value)

    def _known(self, rooms: RoomColumns) -> _Tables:
        """The tables of these readings; they are seldom others than those of the step before."""
        of = rooms.sources, rooms.quantities
        if self._tables.of != of:
            row = np.full((len(rooms.sources), len(rooms.quantities)), -1, np.intp)
            for s, source in enumerate(rooms.sources):
                for q, quantity in enumerate(rooms.quantities):
                    if source in self.hours and quantity in TELLING:
                        row[s, q] = self.rows.setdefault((source, quantity), len(self.rows))
            self._grow(len(self.rows))
            hours = tuple(dict.fromkeys(self.hours.values()))
            hours_of = [hours.index(self.hours[s]) if s in self.hours else 0 for s in rooms.sources]
            self._tables = _Tables(of, row, hours, np.array(hours_of, np.intp))
        return self._tables

    def _grow(self, n: int) -> None:
        new = n - len(self._before)
        if new > 0:
            self._sources = list(dict.fromkeys(source for source, _ in self.rows))
            places = {source: place for place, source in enumerate(self._sources)}
            self._source_of_row = np.array([places[source] for source, _ in self.rows], np.intp)
            self._sums = np.concatenate([self._sums, np.zeros((new, WAYS, 2))])
            self._counts = np.concatenate([self._counts, np.zeros((new, WAYS, 2))])
            self._squares = np.concatenate([self._squares, np.zeros(new)])
            self._before = np.concatenate([self._before, np.full(new, np.nan)])


def _last_of_each(rooms: RoomColumns) -> Index:
    """The newest reading of every channel in a step's readings, by channel."""
    channel = rooms.source * len(rooms.quantities) + rooms.quantity
    last = np.full(len(rooms.sources) * len(rooms.quantities), -1)
    last[channel] = np.arange(len(channel))
    found: Index = last[last >= 0]
    return found


def _place(rooms: RoomColumns, quantity: str) -> int:
    return rooms.quantities.index(quantity) if quantity in rooms.quantities else -1
