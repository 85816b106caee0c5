"""A window: all readings of a stretch of event time, as columns. Fusion sees nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.columns import Readings, concat_readings, readings_by_time


@dataclass(frozen=True, slots=True)
class Window(Readings):
    """Readings by time with `start_ns <= t_ns < end_ns`, and those that came too late for earlier windows."""

    start_ns: int = 0
    end_ns: int = 0


def whole(readings: Readings) -> Window:
    """One window over everything that `readings` hold."""
    ordered = readings_by_time(readings)
    times = [c.t_ns for c in (ordered.tags, ordered.poses, ordered.doors, ordered.rooms) if len(c)]
    if not times:
        return Window()
    start, end = min(int(t[0]) for t in times), max(int(t[-1]) for t in times) + 1
    return Window(ordered.tags, ordered.poses, ordered.doors, ordered.rooms, start, end)


def window(parts: Sequence[Readings], start_ns: int, end_ns: int) -> Window:
    """One window of several batches."""
    ordered = readings_by_time(concat_readings(parts))
    return Window(ordered.tags, ordered.poses, ordered.doors, ordered.rooms, start_ns, end_ns)
