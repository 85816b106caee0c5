"""From batches of readings to windows of event time: a bounded queue, a tolerance, a count of each reading.

The watermark is the newest event time seen, carried on at the pace of the monotonic clock while nothing
comes, less the tolerance. A window ends at the watermark. A reading older than its window's start is late: it
is counted, and used all the same.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from edge.clock import Clock
from edge.columns import C, Columns, Readings, take
from edge.counters import Counters
from edge.fusion.window import Window, window

UNKNOWN: Final = "unknown"
"""Where readings of sources that are not in the site file are counted: outside text makes no new tables."""

_SILENCE_NS: Final = 10_000_000_000
"""A broker gives back within it what it kept for us."""


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """`tolerance_ns`: how late a reading may be and still be in order. `capacity`: how many may wait."""

    tolerance_ns: int = 1_000_000_000
    capacity: int = 200_000
    horizon_ns: int = 3_600_000_000_000


class _Batch(NamedTuple):
    """Readings that wait, of the times first_ns to last_ns: most are on one side of a cut as they are."""

    readings: Readings
    first_ns: int
    last_ns: int
    n: int

    @classmethod
    def of(cls, readings: Readings) -> "_Batch":
        kinds = [columns.t_ns for columns in readings.kinds() if len(columns)]
        first_ns, last_ns = min(int(t.min()) for t in kinds), max(int(t.max()) for t in kinds)
        return cls(readings, first_ns, last_ns, len(readings))

    def before(self, end_ns: int) -> "tuple[_Batch, ...]":
        """What is older than `end_ns`, if anything is."""
        if self.last_ns < end_ns:
            return (self,)
        return (_Batch.of(_part(self.readings, end_ns, before=True)),) if self.first_ns < end_ns else ()

    def since(self, end_ns: int) -> "tuple[_Batch, ...]":
        """What is not."""
        if self.first_ns >= end_ns:
            return (self,)
        return (_Batch.of(_part(self.readings, end_ns, before=False)),) if self.last_ns >= end_ns else ()


@dataclass(slots=True)
class Pipeline:
    """Takes batches of all sources, gives windows in order. One writer task a source, one reader task."""

    sources: Iterable[str]
    clock: Clock
    options: PipelineOptions = field(default_factory=PipelineOptions)
    counters: dict[str, Counters] = field(init=False)
    _waiting: list[_Batch] = field(init=False, default_factory=list)
    _n_waiting: int = field(init=False, default=0)
    _room: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _newest: tuple[int, int] | None = field(init=False, default=None)
    _end_ns: int | None = field(init=False, default=None)
    _resumed_mono_ns: int | None = field(init=False, default=None)
    _behind: Window | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.counters = {source: Counters() for source in (*self.sources, UNKNOWN)}
        self._room.set()

    def resume(self, end_ns: int) -> None:
        """Go on behind a window of an earlier process; what is older now is late."""
        self._end_ns = end_ns
        self._resumed_mono_ns = self.clock.monotonic_ns()

    async def put(self, readings: Readings) -> None:
        """Take a batch; waits while `capacity` readings wait already, so that a fast source is held back."""
        await self._room.wait()
        if len(readings):
            self._count(readings)
            batch = _Batch.of(readings)
            self._advance(batch.last_ns)
            self._waiting.append(batch)
            self._n_waiting += len(readings)
            self._set_room()

    def pop(self) -> Window | None:
        """The readings up to the watermark as one window; None where there is nothing new to say."""
        if self._behind is not None:
            found, self._behind = self._behind, None
            return found
        end_ns = self._watermark_ns()
        if end_ns is None or (self._end_ns is not None and end_ns <= self._end_ns):
            return None
        return self._cut(end_ns)

    def flush(self) -> Window | None:
        """All that waits, tolerance or not: for the end of a recording, and for the daemon's stop."""
        if self._behind is not None:
            return self.pop()
        if self._newest is None or not self._waiting:
            return None
        newest = max(batch.last_ns for batch in self._waiting)
        return self._cut(max(newest + 1, self._end_ns or 0))

    def _cut(self, end_ns: int) -> Window:
        ready = [part for batch in self._waiting for part in batch.before(end_ns)]
        self._waiting = [part for batch in self._waiting for part in batch.since(end_ns)]
        self._n_waiting = sum(batch.n for batch in self._waiting)
        self._set_room()
        first_ns = min((batch.first_ns for batch in ready), default=end_ns)
        parts = [batch.readings for batch in ready]
        found = window(parts, first_ns if self._end_ns is None else self._end_ns, end_ns)
        self._end_ns = end_ns
        self._count_used(found)
        return found

    def _set_room(self) -> None:
        if self._n_waiting < self.options.capacity:
            self._room.set()
        else:
            self._room.clear()

    def _advance(self, newest: int) -> None:
        wall_ns, horizon_ns = self.clock.wall_ns(), self.options.horizon_ns
        if self._newest is not None and newest > wall_ns + horizon_ns > self._newest[0]:
            # One sensor's clock is years ahead: its readings wait for no one, and hold up no one.
            newest = wall_ns + horizon_ns
        is_live = abs(newest - wall_ns) < horizon_ns
        is_first = self._newest is None
        if (is_live or is_first) and self._end_ns is not None and newest < self._end_ns - horizon_ns:
            # The board's own clock was set back: what waits is of before; begin again at its new time.
            self._behind = self.flush() or self._behind
            self._newest, self._end_ns = None, None
        if self._newest is None or newest > self._newest[0]:
            self._newest = (newest, self.clock.monotonic_ns())

    def _watermark_ns(self) -> int | None:
        self._go_on_in_silence()
        if self._newest is None:
            return None
        newest_ns, at_mono_ns = self._newest
        silent_ns = self.clock.monotonic_ns() - at_mono_ns
        return newest_ns + 1 + silent_ns - self.options.tolerance_ns

    def _go_on_in_silence(self) -> None:
        """After a restart in which no source speaks: what is open must end all the same."""
        now_mono_ns, wall_ns = self.clock.monotonic_ns(), self.clock.wall_ns()
        resumed_ns = self._resumed_mono_ns
        if self._newest is not None or resumed_ns is None or now_mono_ns - resumed_ns < _SILENCE_NS:
            return
        if self._end_ns is not None and wall_ns > self._end_ns:
            self._newest = (wall_ns, now_mono_ns)

    def _count(self, readings: Readings) -> None:
        now_mono_ns = self.clock.monotonic_ns()
        for columns in readings.kinds():
            for source, n, newest in _per_source(columns):
                counters = self.counters.get(source) or self.counters[UNKNOWN]
                counters.received += n
                counters.last_t_ns = max(counters.last_t_ns, newest)
                counters.last_mono_ns = now_mono_ns

    def _count_used(self, found: Window) -> None:
        for columns in found.kinds():
            for source, n, _ in _per_source(columns):
                counters = self.counters.get(source) or self.counters[UNKNOWN]
                counters.used += n
            late = columns.t_ns < found.start_ns
            if late.any():
                for source, n, _ in _per_source(take(columns, late)):
                    (self.counters.get(source) or self.counters[UNKNOWN]).late += n


def _part(batch: Readings, end_ns: int, *, before: bool) -> Readings:
    """The readings of before `end_ns`, or those from then on."""

    def of(columns: C) -> C:
        if not len(columns):
            return columns
        mask = (columns.t_ns < end_ns) == before
        return columns if mask.all() else take(columns, mask)

    return Readings(of(batch.tags), of(batch.poses), of(batch.doors), of(batch.rooms))


def _per_source(columns: Columns) -> Iterator[tuple[str, int, int]]:
    """Each source with its number of rows and its newest time."""
    if not len(columns):
        return
    counts = np.bincount(columns.source, minlength=len(columns.sources))
    for place in np.flatnonzero(counts):
        newest = int(columns.t_ns[columns.source == place].max())
        yield columns.sources[place], int(counts[place]), newest
