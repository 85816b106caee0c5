"""Readings of doors and rooms, in order of time, cut into steps: a window a step, slices and no copies."""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from edge.columns import I64, DoorColumns, Index, PoseColumns, RoomColumns, TagColumns
from edge.fusion.window import Window


def counts(doors: DoorColumns, rooms: RoomColumns, ends_ns: I64, side: Literal["left", "right"]) -> Index:
    """How many doors' and rooms' readings are before each end (side left), or not after it: (2, n_ends)."""
    return np.stack([np.searchsorted(c.t_ns, ends_ns, side) for c in (doors, rooms)])


def cut(
    doors: DoorColumns, rooms: RoomColumns, start_ns: int, ends_ns: I64, before: Index
) -> Iterator[Window]:
    """A window from each end to the next; `before` is what `counts` says of the ends."""
    door = room = 0
    tags, poses = TagColumns(), PoseColumns()
    for end_ns, door_end, room_end in zip(ends_ns.tolist(), *before.tolist(), strict=True):
        yield Window(
            tags=tags,
            poses=poses,
            doors=door_rows(doors, door, door_end),
            rooms=room_rows(rooms, room, room_end),
            start_ns=start_ns,
            end_ns=end_ns,
        )
        start_ns, door, room = end_ns, door_end, room_end


def door_rows(c: DoorColumns, a: int, b: int) -> DoorColumns:
    """The rows from `a` to `b`."""
    return DoorColumns(c.t_ns[a:b], c.source[a:b], c.n_in[a:b], c.n_out[a:b], c.sources)


def room_rows(c: RoomColumns, a: int, b: int) -> RoomColumns:
    """The rows from `a` to `b`."""
    frames = {n - a: c.frames[n] for n in range(a, b) if n in c.frames} if c.frames else {}
    return RoomColumns(
        c.t_ns[a:b], c.source[a:b], c.quantity[a:b], c.value[a:b], c.sources, c.quantities, frames
    )
