"""Which room and door sensors have fallen silent: judged by how often each has spoken before.

A cart that is switched off is no fault, so readers are not watched. Nor is a sensor that has spoken only a
few times: a head count that staff enter once a day is none either.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.columns import I64, DoorColumns, RoomColumns
from edge.events import Record, SensorHealthChanged
from edge.fusion.window import Window

SECOND_NS: Final = 1_000_000_000
_ROOM_AT_LEAST_NS: Final = 120 * SECOND_NS
_DOOR_AT_LEAST_NS: Final = 3_600 * SECOND_NS
"""A counter that speaks only when someone passes is silent for an hour in the evening."""
_TIMES_USUAL: Final = 6
_KNOWN_AFTER: Final = 5
_FORGET: Final = 0.02


@dataclass(slots=True)
class Voice:
    """How often one source speaks: the longest of its recent gaps, slowly forgotten."""

    at_least_ns: int
    last_ns: int
    spoken: int = 0
    usual_ns: float = 0.0
    is_silent: bool = False

    def hear(self, t_ns: int, readings: int) -> None:
        gap_ns = t_ns - self.last_ns
        if gap_ns > 0 and not self.is_silent:
            self.usual_ns = max(float(gap_ns), self.usual_ns * (1 - _FORGET))
        self.last_ns = max(self.last_ns, t_ns)
        self.spoken += readings

    def is_overdue(self, now_ns: int) -> bool:
        limit_ns = max(self.at_least_ns, _TIMES_USUAL * self.usual_ns)
        return self.spoken >= _KNOWN_AFTER and now_ns - self.last_ns > limit_ns


@dataclass(slots=True)
class LiveHealth:
    """All room and door sources that ever spoke; feed it windows in order."""

    _voices: dict[str, Voice] = field(default_factory=dict)

    def step(self, window: Window) -> list[Record]:
        """Who fell silent in this window, and who is back."""
        records: list[Record] = []
        for source, (t_ns, readings) in _heard(window).items():
            at_least_ns = _DOOR_AT_LEAST_NS if source in window.doors.sources else _ROOM_AT_LEAST_NS
            voice = self._voices.setdefault(source, Voice(at_least_ns, t_ns))
            voice.hear(t_ns, readings)
            if voice.is_silent:
                voice.is_silent = False
                records.append(SensorHealthChanged(t_ns, source, "ok", "is heard again"))
        records.extend(self._fallen_silent(window.end_ns))
        return records

    def is_silent(self, source: str) -> bool:
        """Whether it says nothing though by its habit it should."""
        voice = self._voices.get(source)
        return voice is not None and voice.is_silent

    def memory(self) -> dict[str, Voice]:
        """How often each source speaks, and when it last did."""
        return self._voices

    def recall(self, memory: dict[str, Voice]) -> None:
        """Go on with what `memory` gave."""
        self._voices = memory

    def rest(self, now_ns: int) -> None:
        """Nobody listened until now: who was silent meanwhile is not known."""
        for voice in self._voices.values():
            voice.last_ns = now_ns

    def _fallen_silent(self, now_ns: int) -> Iterator[Record]:
        for source, voice in self._voices.items():
            if not voice.is_silent and voice.is_overdue(now_ns):
                voice.is_silent = True
                seconds = (now_ns - voice.last_ns) // SECOND_NS
                yield SensorHealthChanged(now_ns, source, "silent", f"no reading for {seconds} s")


def _heard(window: Window) -> Mapping[str, tuple[int, int]]:
    """Source → time of its newest reading in the window, and how many it has there."""
    found: dict[str, tuple[int, int]] = {}
    for columns in (window.doors, window.rooms):
        counts = np.bincount(columns.source, minlength=len(columns.sources))
        for place, t_ns in _newest(columns):
            source = columns.sources[place]
            newest_ns, readings = found.get(source, (0, 0))
            found[source] = max(newest_ns, t_ns), readings + int(counts[place])
    return found


def _newest(columns: DoorColumns | RoomColumns) -> Iterator[tuple[int, int]]:
    times: I64 = np.zeros(len(columns.sources), np.int64)
    np.maximum.at(times, columns.source, columns.t_ns)
    for place in np.flatnonzero(times):
        yield int(place), int(times[place])
