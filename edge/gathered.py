"""Many batches of readings as one by time, each copied once to where it stays: a recording is held only once.

Columns grow at their end. That the system gives pages of memory takes longer than to fill them, so those of a
batch are used again for the next one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Final, Generic

import numpy as np

from edge.columns import (
    F64,
    C,
    DoorColumns,
    Index,
    PoseColumns,
    Readings,
    RoomColumns,
    TagColumns,
    TagMemory,
    sort_by_time,
)

_TABLES: Final = {"source": "sources", "tag": "epcs", "shelf": "shelves", "quantity": "quantities"}
_LEAST: Final = 1 << 14
_GROWTH: Final = 1.25


def gathered(parts: Iterable[Readings]) -> Readings:
    """All batches as one, by `t_ns`; equal times keep their order."""
    tags, poses, doors, rooms = Pile(TagColumns), Pile(PoseColumns), Pile(DoorColumns), Pile(RoomColumns)
    for part in parts:
        tags.add(part.tags)
        poses.add(part.poses)
        doors.add(part.doors)
        rooms.add(part.rooms)
    return Readings(
        tags=sort_by_time(tags.columns()),
        poses=sort_by_time(poses.columns()),
        doors=sort_by_time(doors.columns()),
        rooms=sort_by_time(rooms.columns()),
    )


@dataclass(slots=True)
class Pile(Generic[C]):
    """Columns of one kind: `add` to them, then take all `columns` once."""

    kind: type[C]
    n: int = 0
    _arrays: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    _tables: dict[str, dict[str, int]] = field(default_factory=dict)
    _frames: dict[int, F64] = field(default_factory=dict)
    _memory: dict[int, TagMemory] = field(default_factory=dict)

    def add(self, columns: C) -> None:
        """More rows."""
        if not len(columns):
            return
        first, self.n = self.n, self.n + len(columns)
        places = {name: self._places(name, columns) for name in _TABLES if hasattr(columns, name)}
        for name in (f.name for f in fields(columns)):
            values = getattr(columns, name)
            if isinstance(values, np.ndarray):
                rows = self._room(name, values)[first : self.n]
                if name in places:
                    np.take(places[name], values, out=rows, mode="clip")  # "raise" would copy them
                else:
                    rows[:] = values
        if isinstance(columns, RoomColumns):
            self._frames.update({first + row: frame for row, frame in columns.frames.items()})
        if isinstance(columns, TagColumns):
            for tag, memory in columns.memory.items():
                place = int(places["tag"][tag])
                self._memory[place] = self._memory.get(place, TagMemory()).then(memory)

    def columns(self) -> C:
        """All of them; the pile is empty then."""
        found: dict[str, Any] = {_TABLES[name]: tuple(table) for name, table in self._tables.items()}
        for name in list(self._arrays):
            found[name] = self._arrays.pop(name)
            found[name].resize(self.n, refcheck=False)
        if self.kind is RoomColumns:
            found["frames"] = self._frames
        if self.kind is TagColumns:
            found["memory"] = self._memory
        return self.kind(**found)

    def _places(self, name: str, columns: C) -> Index:
        """Where each text of a table stands in that of all."""
        table = self._tables.setdefault(name, {})
        texts: tuple[str, ...] = getattr(columns, _TABLES[name])
        return np.array([table.setdefault(text, len(table)) for text in texts], np.intp)

    def _room(self, name: str, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The array of that name with room for all rows."""
        array = self._arrays.setdefault(name, np.empty(0, values.dtype))
        if len(array) < self.n:
            array.resize(max(self.n, int(len(array) * _GROWTH), _LEAST), refcheck=False)
        return array
