"""Readings that come twice: a broker gives back what was not acknowledged, though it may have been used.

Door counts and room samples only: a tag that is read twice is no more there than before. A reading is the
same where source, time and values are. By order alone a repeat is in the window of the first copy, or late;
so only those are looked up.
"""

import zlib
from collections import deque
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.columns import DoorColumns, RoomColumns, take
from edge.fusion.window import Window

U64 = NDArray[np.uint64]
Mask = NDArray[np.bool_]

_REMEMBERED: Final = 200_000
_TABLES: Final = 64
_KEPT: Final = 20_000
"""More than a broker may have given unacknowledged when a process ends."""
_MIX: Final = tuple(np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))


class Repeats:
    """Feed it every window before it is used."""

    def __init__(self) -> None:
        self.n_found = 0
        self._seen: deque[U64] = deque()
        self._n_seen = 0

    def fresh(self, window: Window) -> Window:
        """The window without what was there before."""
        if not len(window.doors) + len(window.rooms):
            return window
        doors = self._new(_door_keys(window.doors), window.doors.t_ns < window.start_ns)
        rooms = self._new(_room_keys(window.rooms), window.rooms.t_ns < window.start_ns)
        n_repeats = len(doors) + len(rooms) - np.count_nonzero(doors) - np.count_nonzero(rooms)
        if not n_repeats:
            return window
        self.n_found += int(n_repeats)
        return replace(window, doors=take(window.doors, doors), rooms=take(window.rooms, rooms))

    def memory(self) -> U64:
        """The newest of what was seen."""
        return np.concatenate([np.empty(0, np.uint64), *self._seen])[-_KEPT:]

    def recall(self, seen: U64) -> None:
        """Go on with what `memory` gave."""
        self._seen, self._n_seen = deque([seen]), len(seen)

    def _new(self, keys: U64, late: Mask) -> Mask:
        """Which rows were not there before."""
        if not len(keys):
            return np.empty(0, np.bool_)
        new = _firsts(keys)
        if late.any():
            new[late] &= ~np.isin(keys[late], np.concatenate([np.empty(0, np.uint64), *self._seen]))
        self._add(keys[new])
        return new

    def _add(self, keys: U64) -> None:
        self._seen.append(keys)
        self._n_seen += len(keys)
        while self._n_seen - len(self._seen[0]) > _REMEMBERED:
            self._n_seen -= len(self._seen.popleft())


def once(doors: DoorColumns) -> DoorColumns:
    """The counts of a whole recording, in their order, without those that came twice."""
    new = _firsts(_door_keys(doors))
    return doors if new.all() else take(doors, new)


def _firsts(keys: U64) -> Mask:
    """Which rows are the first of their kind. Seldom is any not: to sort alone takes a tenth of the time."""
    ordered = np.sort(keys)
    if not (ordered[1:] == ordered[:-1]).any():
        return np.ones(len(keys), np.bool_)
    new = np.zeros(len(keys), np.bool_)
    new[np.unique(keys, return_index=True)[1]] = True
    return new


def _door_keys(doors: DoorColumns) -> U64:
    counts = doors.n_in.astype(np.uint64) << np.uint64(32) ^ doors.n_out.astype(np.uint64)
    return _mixed(doors.t_ns, _names(doors.sources)[doors.source], counts)


def _room_keys(rooms: RoomColumns) -> U64:
    who = _names(rooms.sources)[rooms.source] ^ _names(rooms.quantities)[rooms.quantity] * _MIX[2]
    keys = _mixed(rooms.t_ns, who, rooms.value.view(np.uint64))
    for row, frame in rooms.frames.items():
        keys[row] ^= np.uint64(zlib.crc32(frame.tobytes()))
    return keys


def _mixed(t_ns: NDArray[np.int64], who: U64, what: U64) -> U64:
    keys: U64 = t_ns.view(np.uint64) * _MIX[0]
    for more in (who, what):
        keys ^= keys >> np.uint64(29)
        keys = (keys ^ more) * _MIX[1]
    return keys ^ keys >> np.uint64(32)


@lru_cache(maxsize=_TABLES)
def _names(table: tuple[str, ...]) -> U64:
    """A number for each text, the same in every process."""
    found = np.array([zlib.crc32(name.encode()) for name in table], np.uint64)
    found.flags.writeable = False
    return found
