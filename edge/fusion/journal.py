"""What is written down of live fusion, and when: now and then all of it, in between the readings alone.

    base 7 ── part 1 ── part 2 ── part 3        part: the windows since the part before
    a whole memory                              begun anew as base 8 when the parts outgrow the base

To read a part is to live through its windows once more, in silence: what they said was stored with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from edge.fusion.live_memory import Base, LiveMemory, Part, Sources, to_bytes
from edge.fusion.live_passes import own_table
from edge.fusion.window import Window

NAME: Final = "fusion"
_LONGEST_NS: Final = 300_000_000_000
_AT_LEAST_BYTES: Final = 64_000
_AT_LEAST_ROWS: Final = 4_000
_NONE: Final[Sources] = {}

Writes = Mapping[str, bytes]
"""Bodies by name; what is empty is to be forgotten."""


@dataclass(slots=True)
class Journal:
    """Give it each window after it was fused; take what is to be written when it is time."""

    number: int = 0
    _windows: list[Window] = field(default_factory=list)
    _n_parts: int = 0
    _part_bytes: int = 0
    _base_bytes: int = 0
    _base_ns: int | None = None

    def note(self, window: Window) -> None:
        """Take a window whose readings are not written yet."""
        if len(window):
            self._windows.append(replace(window, tags=own_table(window.tags)))
        elif self._windows:
            self._windows[-1] = replace(self._windows[-1], end_ns=window.end_ns)
        else:
            self._windows.append(Window(start_ns=window.start_ns, end_ns=window.end_ns))

    @property
    def has_readings(self) -> bool:
        """Whether there is more to write than that time went on."""
        return any(map(len, self._windows))

    def wants_base(self, held_rows: int) -> bool:
        """Whether a base is due; `held_rows`: the readings that a base would hold."""
        n_rows = sum(map(len, self._windows))
        now_ns = self._windows[-1].end_ns if self._windows else 0
        return (
            self._base_ns is None
            or not 0 <= now_ns - self._base_ns < _LONGEST_NS
            or self._part_bytes > max(self._base_bytes, _AT_LEAST_BYTES)
            or n_rows > held_rows + _AT_LEAST_ROWS
        )

    def base(self, memory: LiveMemory, sources: Sources = _NONE) -> Writes:
        """Write everything anew; the parts so far are to be forgotten."""
        self.number += 1
        body = to_bytes(Base(self.number, memory, sources))
        writes = {NAME: body} | {part_name(n + 1): b"" for n in range(self._n_parts)}
        self._windows.clear()
        self._n_parts, self._part_bytes = 0, 0
        self._base_bytes, self._base_ns = len(body), memory.now_ns
        return writes

    def part(self, sources: Sources = _NONE) -> Writes:
        """Write the windows since the last time."""
        windows, self._windows = self._windows, []
        body = to_bytes(Part(self.number, windows, sources))
        self._n_parts += 1
        self._part_bytes += len(body)
        return {part_name(self._n_parts): body}

    def lose_base(self) -> None:
        """The base is gone: the next write must be one."""
        self._base_ns = None

    def found(self, number: int, n_parts: int) -> None:
        """What a run before has left: the next base must forget it."""
        self.number, self._n_parts = number, n_parts


def part_name(n: int) -> str:
    """The name of the nth part, from 1 on."""
    return f"{NAME}.{n}"
