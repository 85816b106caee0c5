"""Keeps the state of fusion beside the records that followed from it, and takes it up again at the start.

    window ─▶ fusion ─▶ records ─┐
                  └──▶ journal ──┴─▶ outbox, one transaction ─▶ the readings are acknowledged

Written is each window that said something, and the others every few seconds: so a state is at most that old,
and never of before a record that is out. What nobody can read is put aside, and the daemon begins anew.
"""

import logging
from collections.abc import Sequence
from typing import Final

from cloud_sync.outbox import Outbox
from edge.clock import Clock
from edge.errors import BadFrame
from edge.events import Record
from edge.fusion.journal import NAME, Journal, Writes, part_name
from edge.fusion.live import Live
from edge.fusion.live_memory import Base, Sources, base_from_bytes, part_from_bytes
from edge.fusion.window import Window

_log = logging.getLogger(__name__)

EVERY_NS: Final = 4_000_000_000
"""With the second that the outbox groups by, a state is at most five seconds old."""
ASIDE: Final = f"{NAME}.aside"
_NOTHING: Final[Writes] = {}


class Keeper:
    """`after`, `last` and `restore` touch `live`: one at a time with its own calls."""

    def __init__(self, live: Live, outbox: Outbox, clock: Clock) -> None:
        self.set_aside = 0
        self.bytes_written = 0
        self.sources: Sources = {}
        self._live = live
        self._outbox = outbox
        self._clock = clock
        self._journal = Journal()
        self._written_mono_ns = clock.monotonic_ns()
        self._outboxes_lost = 0

    async def restore(self) -> int | None:
        """Bring `live` to where the run before left it; the end of its last window, None for a new start."""
        body = await self._outbox.kept(NAME)
        parts = await self._parts()
        self._journal.found(0, len(parts))
        if body is None:
            return None
        try:
            base = base_from_bytes(body)
            self._live.recall(base.memory)
        except (BadFrame, ValueError, LookupError, TypeError, AttributeError) as error:
            self._live.forget()
            self._put_aside(body, error)
            return None
        self._journal.found(base.number, len(parts))
        self.sources = base.sources
        return self._relive(base, parts)

    def _relive(self, base: Base, parts: Sequence[bytes]) -> int:
        """The windows since the base once more; the end of the last."""
        now_ns = base.memory.now_ns
        for body in parts:
            try:
                part = part_from_bytes(body)
            except BadFrame as error:
                self._put_aside(body, error)
                break
            if part.base != base.number:
                break
            for window in part.windows:
                self._live.relive(window)
                now_ns = window.end_ns
            self.sources = part.sources
        return now_ns

    def _put_aside(self, body: bytes, error: Exception) -> None:
        _log.error("the state of fusion cannot be read; it is put aside as %s: %s", ASIDE, error)
        self.set_aside += 1
        self.write({ASIDE: body})

    def after(self, window: Window, records: Sequence[Record], sources: Sources, *, at_once: bool) -> Writes:
        """What is to be kept with the records of a window; nothing where that has time."""
        self._journal.note(window)
        is_due = self._clock.monotonic_ns() - self._written_mono_ns >= EVERY_NS
        if not (records or at_once or (is_due and self._journal.has_readings)):
            return _NOTHING
        if self._journal.wants_base(self._live.held_rows()):
            return self._journal.base(self._live.memory(), sources)
        return self._journal.part(sources)

    @property
    def is_written(self) -> bool:
        """Whether the windows so far are with the outbox."""
        return not self._journal.has_readings

    def rest(self, sources: Sources) -> Writes:
        """The windows that had time."""
        return self._journal.part(sources) if self._journal.has_readings else _NOTHING

    def last(self, sources: Sources) -> Writes:
        """All of it, when the daemon stops."""
        return self._journal.base(self._live.memory(), sources)

    def write(self, writes: Writes) -> None:
        """Beside the records that were put before."""
        for name, body in writes.items():
            self._outbox.keep(name, body)
            self.bytes_written += len(body)
        if writes:
            self._written_mono_ns = self._clock.monotonic_ns()
        self._begin_anew_with_the_file()

    def _begin_anew_with_the_file(self) -> None:
        """A damaged file was set aside, and the base with it: the next write is a base."""
        n_lost = len(self._outbox.stats().set_aside)
        if n_lost != self._outboxes_lost:
            self._outboxes_lost = n_lost
            self._journal.lose_base()

    async def _parts(self) -> list[bytes]:
        parts: list[bytes] = []
        while (body := await self._outbox.kept(part_name(len(parts) + 1))) is not None:
            parts.append(body)
        return parts
