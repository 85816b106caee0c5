"""Which room and door sensors have fallen silent: judged by how often each has spoken before.

A cart that is switched off is no fault, so readers are not watched. Nor is a sensor that has spoken only a
few times: a head count that staff enter once a day is none either.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from edge.events import Record, SensorHealthChanged
from edge.fusion.window import Window

SECOND_NS: Final = 1_000_000_000
_ROOM_AT_LEAST_NS: Final = 120 * SECOND_NS
_DOOR_AT_LEAST_NS: Final = 3_600 * SECOND_NS
"""A counter that speaks only when someone passes is silent for an hour in the evening."""
_TIMES_USUAL: Final = 6
_KNOWN_AFTER: Final = 5
_FORGET: Final = 0.02
_NEVER_NS: Final = 1 << 63


@dataclass(slots=True)
class Voice:
    """How often one source speaks: the longest of its recent gaps, slowly forgotten."""

    at_least_ns: int
    last_ns: int
    spoken: int = 0
    usual_ns: float = 0.0
    is_silent: bool = False

    def hear(self, t_ns: int) -> None:
        """One reading; the gap before it counts unless that was a silence."""
        gap_ns = t_ns - self.last_ns
        if gap_ns > 0 and not self.is_silent:
            self.usual_ns = max(float(gap_ns), self.usual_ns * (1 - _FORGET))
        self.last_ns = max(self.last_ns, t_ns)
        self.spoken += 1

    @property
    def due_ns(self) -> int | None:
        """When it is silent if nothing comes; None before its pace is known."""
        if self.spoken < _KNOWN_AFTER:
            return None
        return self.last_ns + int(max(self.at_least_ns, _TIMES_USUAL * self.usual_ns))


@dataclass(slots=True)
class LiveHealth:
    """All room and door sources that ever spoke; feed it windows in order."""

    _voices: dict[str, Voice] = field(default_factory=dict)
    _due_ns: int = 0
    """None of them is silent before."""

    def step(self, window: Window) -> list[Record]:
        """Who fell silent in this window, and who is back."""
        records: list[Record] = []
        for source, times_ns in _heard(window).items():
            at_least_ns = _DOOR_AT_LEAST_NS if source in window.doors.sources else _ROOM_AT_LEAST_NS
            voice = self._voices.setdefault(source, Voice(at_least_ns, times_ns[0]))
            for t_ns in times_ns:
                records.extend(_fall_silent(source, voice, t_ns))
                voice.hear(t_ns)
                if voice.is_silent:
                    voice.is_silent = False
                    records.append(SensorHealthChanged(t_ns, source, "ok", "is heard again"))
            self._due_ns = min(self._due_ns, voice.due_ns or self._due_ns)
        if window.end_ns > self._due_ns:
            for source, voice in self._voices.items():
                records.extend(_fall_silent(source, voice, window.end_ns))
            self._due_ns = self._next_due_ns()
        return records

    def _next_due_ns(self) -> int:
        due_ns = (voice.due_ns for voice in self._voices.values() if not voice.is_silent)
        return min((t_ns for t_ns in due_ns if t_ns is not None), default=_NEVER_NS)

    def is_silent(self, source: str) -> bool:
        """Whether it says nothing though by its habit it should."""
        voice = self._voices.get(source)
        return voice is not None and voice.is_silent

    def memory(self) -> dict[str, Voice]:
        """How often each source speaks, and when it last did."""
        return self._voices

    def recall(self, memory: dict[str, Voice]) -> None:
        """Go on with what `memory` gave."""
        self._voices, self._due_ns = memory, 0

    def rest(self, now_ns: int) -> None:
        """Nobody listened until now: who was silent meanwhile is not known."""
        self._due_ns = 0
        for voice in self._voices.values():
            voice.last_ns = now_ns


def _fall_silent(source: str, voice: Voice, now_ns: int) -> Iterator[Record]:
    """Where it is overdue now: since when, whatever the length of the windows."""
    due_ns = voice.due_ns
    if due_ns is not None and not voice.is_silent and now_ns > due_ns:
        voice.is_silent = True
        seconds = (due_ns - voice.last_ns) // SECOND_NS
        yield SensorHealthChanged(due_ns + 1, source, "silent", f"no reading for {seconds} s")


def _heard(window: Window) -> Mapping[str, list[int]]:
    """Source → times of its readings in the window, oldest first."""
    found: dict[str, list[int]] = {}
    for columns in (window.doors, window.rooms):
        for source, t_ns in zip(columns.source.tolist(), columns.t_ns.tolist(), strict=True):
            found.setdefault(columns.sources[source], []).append(t_ns)
    return {source: sorted(times_ns) for source, times_ns in found.items()}
