"""A window: all readings of a stretch of event time, as columns. Fusion sees nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.columns import (
    DoorColumns,
    PoseColumns,
    Readings,
    RoomColumns,
    TagColumns,
    concat_readings,
    sort_by_time,
)


@dataclass(frozen=True, slots=True)
class Window(Readings):
    """Readings by time with `start_ns <= t_ns < end_ns`, and those that came too late for earlier windows."""

    start_ns: int = 0
    end_ns: int = 0


def whole(readings: Readings) -> Window:
    """One window over everything that `readings` hold."""
    ordered = _ordered(readings)
    times = [c.t_ns for c in (ordered.tags, ordered.poses, ordered.doors, ordered.rooms) if len(c)]
    if not times:
        return Window()
    start, end = min(int(t[0]) for t in times), max(int(t[-1]) for t in times) + 1
    return Window(ordered.tags, ordered.poses, ordered.doors, ordered.rooms, start, end)


def window(parts: Sequence[Readings], start_ns: int, end_ns: int) -> Window:
    """One window of several batches."""
    ordered = _ordered(concat_readings(parts))
    return Window(ordered.tags, ordered.poses, ordered.doors, ordered.rooms, start_ns, end_ns)


def _ordered(readings: Readings) -> Readings:
    tags: TagColumns = sort_by_time(readings.tags)
    poses: PoseColumns = sort_by_time(readings.poses)
    doors: DoorColumns = sort_by_time(readings.doors)
    rooms: RoomColumns = sort_by_time(readings.rooms)
    return Readings(tags, poses, doors, rooms)
