"""Books that leave through a gate although nobody has lent them.

A gate is two antennas of one reader, before and behind an exit. A passage of a tag ends when neither has
heard it for two seconds; it went out where the reads behind the exit are later on average than those before
it. An alarm needs a word that the book is in stock, by its AFI or by the shelf list, and none that it is on
loan: the list may be behind the desk, and the desk may have missed the tag.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from edge.columns import Index, TagColumns, TagMemory
from edge.events import GateAlarm, Record
from edge.fusion.window import Window
from edge.library.shelf_list import Book, ShelfList, Status
from edge.library.tags import Bank, decode_tag
from edge.library.tags.afi import AfiPolarity, Security

_ENDS_NS: Final = 2_000_000_000
_CLEARLY_S: Final = 0.2
_MOST_AT_ONCE: Final = 10_000
Direction = Literal["in", "out", "unknown"]


@dataclass(frozen=True, slots=True)
class GateModel:
    """A reader with an antenna on either side of an exit."""

    source: str
    inside: int
    outside: int


@dataclass(slots=True)
class _Passage:
    """Reads of one tag on both sides: how many, and the sum of their times since the first."""

    first_ns: int
    last_ns: int
    memory: TagMemory
    n: list[int] = field(default_factory=lambda: [0, 0])
    sum_s: list[float] = field(default_factory=lambda: [0.0, 0.0])
    ends_outside: bool = False

    def hear(self, t_ns: int, *, outside: bool) -> None:
        self.n[outside] += 1
        self.sum_s[outside] += (t_ns - self.first_ns) / 1e9
        if t_ns >= self.last_ns:
            self.last_ns, self.ends_outside = t_ns, outside

    @property
    def direction(self) -> Direction:
        if not all(self.n):
            return "unknown"
        later_s = self.sum_s[1] / self.n[1] - self.sum_s[0] / self.n[0]
        if abs(later_s) < _CLEARLY_S:
            return "unknown"
        return "out" if later_s > 0 else "in"

    @property
    def has_left(self) -> bool:
        return self.direction == "out" or (self.direction == "unknown" and self.ends_outside)


class LiveGates:
    """All gates of a site; feed it windows in order. `books` may change while it runs."""

    def __init__(
        self, gates: Sequence[GateModel], books: ShelfList | None, polarity: AfiPolarity | None = None
    ) -> None:
        self._gates = {gate.source: gate for gate in gates}
        self._books = books
        self._polarity = polarity or AfiPolarity()
        self._open: dict[tuple[str, str], _Passage] = {}

    def step(self, window: Window) -> list[Record]:
        """The alarms of the passages that ended by the end of the window."""
        for number, source in enumerate(window.tags.sources):
            if source in self._gates:
                self._hear(window.tags, np.flatnonzero(window.tags.source == number), self._gates[source])
        ended = [key for key, one in self._open.items() if window.end_ns - one.last_ns > _ENDS_NS]
        return [alarm for key in ended for alarm in self._judged(*key, self._open.pop(key))]

    def _hear(self, tags: TagColumns, rows: Index, gate: GateModel) -> None:
        for row in rows:
            antenna, tag, t_ns = int(tags.antenna[row]), int(tags.tag[row]), int(tags.t_ns[row])
            if antenna not in (gate.inside, gate.outside):
                continue
            key = gate.source, tags.epcs[tag]
            if key not in self._open and len(self._open) >= _MOST_AT_ONCE:
                continue
            passage = self._open.setdefault(key, _Passage(t_ns, t_ns, TagMemory()))
            passage.memory = passage.memory.then(tags.memory.get(tag, TagMemory()))
            passage.hear(t_ns, outside=antenna == gate.outside)

    def _judged(self, source: str, epc: str, passage: _Passage) -> Iterator[GateAlarm]:
        if passage.has_left and self._is_in_stock(epc, passage.memory):
            yield GateAlarm(passage.last_ns, epc, source, passage.direction)

    def _is_in_stock(self, epc: str, memory: TagMemory) -> bool:
        contents = decode_tag(bytes.fromhex((memory.pc or "") + epc), Bank.EPC)
        by_tag = self._polarity.state(memory.afi or contents.afi)
        book = self._book(epc, contents.barcode)
        if by_tag is Security.ON_LOAN or (book is not None and book.status is Status.ON_LOAN):
            return False
        return by_tag is Security.IN_STOCK or (book is not None and book.status is Status.AVAILABLE)

    def _book(self, epc: str, barcode: str | None) -> Book | None:
        if self._books is None:
            return None
        return self._books.by_epc(epc) or (self._books.by_barcode(barcode) if barcode else None)
