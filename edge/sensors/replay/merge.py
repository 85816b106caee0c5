"""Several streams of batches as one, by time, with no more than a batch of each in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from edge.columns import C, Readings, concat_readings, readings_by_time, take


def merged(streams: Sequence[Iterator[Readings]]) -> Iterator[Readings]:
    """The batches of all streams, each batch sorted and not before the one before it, if its stream is so.

    A stream that goes back in time is passed on as it comes: such readings are late, and not lost.
    """
    held = [(batch, stream) for stream in streams if (batch := _next(stream)) is not None]
    while held:
        horizon_ns = min(last_ns(batch) for batch, _ in held)
        yield by_time([before(batch, horizon_ns + 1) for batch, _ in held])
        rest = [(after(batch, horizon_ns + 1), stream) for batch, stream in held]
        held = [
            (batch, stream)
            for part, stream in rest
            if (batch := part if len(part) else _next(stream)) is not None
        ]


def by_time(parts: Sequence[Readings]) -> Readings:
    """All parts as one batch, each kind by `t_ns`."""
    return readings_by_time(concat_readings(parts))


def first_ns(readings: Readings) -> int:
    return min(int(columns.t_ns.min()) for columns in readings.kinds() if len(columns))


def last_ns(readings: Readings) -> int:
    return max(int(columns.t_ns.max()) for columns in readings.kinds() if len(columns))


def before(readings: Readings, t_ns: int) -> Readings:
    """The readings of before `t_ns`."""
    return _where(readings, t_ns, before=True)


def after(readings: Readings, t_ns: int) -> Readings:
    """The readings from `t_ns` on."""
    return _where(readings, t_ns, before=False)


def shifted(readings: Readings, by_ns: int) -> Readings:
    """The same readings, so much later."""

    def later(columns: C) -> C:
        moved: C = replace(columns, t_ns=columns.t_ns + by_ns)
        return moved

    return Readings(later(readings.tags), later(readings.poses), later(readings.doors), later(readings.rooms))


def _next(stream: Iterator[Readings]) -> Readings | None:
    """The next batch that holds anything, by time."""
    return next((by_time([batch]) for batch in stream if len(batch)), None)


def _where(readings: Readings, t_ns: int, *, before: bool) -> Readings:
    def of(columns: C) -> C:
        end = int(np.searchsorted(columns.t_ns, t_ns))
        if end == (len(columns) if before else 0):
            return columns
        return take(columns, np.arange(0, end) if before else np.arange(end, len(columns)))

    return Readings(of(readings.tags), of(readings.poses), of(readings.doors), of(readings.rooms))
