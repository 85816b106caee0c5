"""Readings of doors and rooms, in order of time, cut into steps and runs of steps: slices and no copies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from edge.columns import F64, I64, DoorColumns, Index, PoseColumns, RoomColumns, TagColumns, concat
from edge.ext.hearing import Ends
from edge.fusion.window import Window

_HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Readings of T steps that follow each other, the first from `start_ns` on.

    door_ends, room_ends: (T,): how many readings are before the end of each step.
    """

    doors: DoorColumns
    rooms: RoomColumns
    start_ns: int
    ends_ns: I64
    door_ends: Index
    room_ends: Index

    @classmethod
    def of(cls, window: Window) -> "Run":
        """One step."""
        ends = (np.array([len(c)], np.intp) for c in (window.doors, window.rooms))
        return cls(window.doors, window.rooms, window.start_ns, np.array([window.end_ns], np.int64), *ends)

    def __len__(self) -> int:
        return len(self.ends_ns)

    def step_h(self, since_ns: int | None) -> F64:
        """How long each step takes, where the last one before ended then."""
        start_ns = self.start_ns if since_ns is None else since_ns
        return np.maximum(np.diff(self.ends_ns, prepend=start_ns), 0) / _HOUR_NS

    def counted(self) -> Ends:
        """The ends of the steps among the readings of doors."""
        return Ends(self.ends_ns, self.door_ends)

    def sensed(self) -> Ends:
        """The ends of the steps among the readings of rooms."""
        return Ends(self.ends_ns, self.room_ends)

    def part(self, a: int, b: int) -> "Run":
        """The steps from `a` to `b`."""
        if a <= 0 and b >= len(self):
            return self
        door, room = (int(ends[a - 1]) if a else 0 for ends in (self.door_ends, self.room_ends))
        door_ends, room_ends = self.door_ends[a:b], self.room_ends[a:b]
        return Run(
            door_rows(self.doors, door, int(door_ends[-1]) if len(door_ends) else door),
            room_rows(self.rooms, room, int(room_ends[-1]) if len(room_ends) else room),
            int(self.ends_ns[a - 1]) if a else self.start_ns,
            self.ends_ns[a:b],
            door_ends - door,
            room_ends - room,
        )

    def with_rooms_of(self, parts: Sequence["Run"]) -> "Run":
        """With the readings of rooms of `parts`, runs that follow each other through the same steps."""
        before = np.cumsum([0, *(len(part.rooms) for part in parts)])
        ends = [part.room_ends + n for part, n in zip(parts, before.tolist(), strict=False)]
        rooms = concat([part.rooms for part in parts], RoomColumns)
        return replace(self, rooms=rooms, room_ends=np.concatenate(ends))


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
