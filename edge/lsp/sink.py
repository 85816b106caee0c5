"""A library system as a sink of the outbox: what staff approved is kept until it is done, or a dead letter.

The outbox gives every record; those that are not the library system's business are accepted at once, also
while the system is away: only decisions wait for it. Asking for a status is worth nothing later, and never
waits.
"""

import asyncio
import logging
import time
from types import TracebackType
from typing import Final, Protocol, Self

from cloud_sync.sink import Batch, WriteResult
from edge.errors import SinkRejected, SinkUnavailable
from edge.events import ItemFound, ItemMissing, ItemSeen, ItemWrongStatus, MissingApproved, Record
from edge.library.shelf_list import Status
from edge.lsp.calls import CallMeter
from edge.lsp.heard import Heard

_log = logging.getLogger(__name__)
_REST_S: Final = 5.0
_LONGEST_OWN_REST_S: Final = 60.0
_LONGEST_REST_S: Final = 600.0
_LOOK_AGAIN_S: Final = 0.5
_TRIES: Final = 6
_SEEN_EVERY_NS: Final = 86_400_000_000_000
_SEEN_KEPT: Final = 500_000
_TOO_OLD_NS: Final = 600_000_000_000


class ServerFault(SinkUnavailable):
    """The system is there and fails on this call: after some tries it is the record's fault."""


class System(Protocol):
    """A library system. All raise SinkUnavailable where it is away; the record waits."""

    name: str
    asks: bool
    """Whether statuses are asked for."""
    marks: bool
    """Whether it can be told that a book is missing."""
    notes_seen: bool
    """Whether it is told when a book was read."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def status(self, barcode: str) -> Status | None:
        """What it says of a book; None where it has none with just this barcode."""
        ...

    async def mark_missing(self, barcode: str) -> None:
        """Mark it, where that is not done yet. Raises SinkRejected where the system will not have it."""
        ...

    async def note_seen(self, barcode: str, t_ns: int) -> None:
        """It was read then."""
        ...


class LspSink:
    """One library system's. Nothing is marked but what a person approved; nothing is ever checked in."""

    limit = 500
    linger_s = 0.2

    def __init__(self, system: System, meter: CallMeter, heard: Heard) -> None:
        self.name = system.name
        self.meter = meter
        self._system, self._heard = system, heard
        self._tries: dict[str, int] = {}
        self._noted: dict[str, int] = {}
        self._rests_until_s, self._pause_s = 0.0, 0.0
        self._newest_ns = 0

    async def __aenter__(self) -> Self:
        await self._system.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._system.close()

    async def lost(self) -> None:
        """Each call finds out for itself."""
        await asyncio.get_running_loop().create_future()

    async def write(self, batch: Batch) -> WriteResult:
        """As the sink protocol says."""
        accepted: list[int] = []
        rejected: dict[int, str] = {}
        for index, entry in enumerate(batch.entries):
            self._newest_ns = max(self._newest_ns, entry.record.t_ns)
            try:
                if await self._deliver(entry.record):
                    accepted.append(index)
            except SinkRejected as error:
                rejected[index] = str(error)
        if batch.entries and not accepted and not rejected:
            # Not SinkUnavailable: records that a sink fails on alone are given up after a few tries.
            await asyncio.sleep(_LOOK_AGAIN_S)
        return WriteResult(accepted, rejected)

    async def _deliver(self, record: Record) -> bool:
        """Whether the record is done with; False where it waits."""
        match record:
            case MissingApproved() if self._system.marks:
                return await self._mark(record)
            case ItemMissing() | ItemWrongStatus() | ItemFound() if self._system.asks:
                await self._ask(record.barcode, record.t_ns)
            case ItemSeen() if self._system.notes_seen and record.barcode:
                await self._note(record.barcode, record.t_ns)
            case _:
                pass
        return True

    async def _mark(self, record: MissingApproved) -> bool:
        if self._rests():
            return False
        try:
            await self._system.mark_missing(record.barcode)
        except ServerFault as error:
            self._tries[record.approval] = tries = self._tries.get(record.approval, 0) + 1
            if tries >= _TRIES:
                del self._tries[record.approval]
                raise SinkRejected(f"{error}, {tries} times") from None
            self._rest(error)
            return False
        except SinkUnavailable as error:
            self._rest(error)
            return False
        self._back()
        self._tries.pop(record.approval, None)
        self._heard.say(record.barcode, Status.MISSING)
        return True

    async def _ask(self, barcode: str, t_ns: int) -> None:
        """Only of late: what was found long ago has been put right, or is found again."""
        if self._rests() or t_ns < self._newest_ns - _TOO_OLD_NS:
            return
        try:
            status = await self._system.status(barcode)
        except SinkUnavailable as error:
            self._rest(error)
            return
        except SinkRejected:
            return
        self._back()
        if status is not None:
            self._heard.say(barcode, status)

    async def _note(self, barcode: str, t_ns: int) -> None:
        noted_ns = self._noted.get(barcode)
        if self._rests() or (noted_ns is not None and t_ns - noted_ns < _SEEN_EVERY_NS):
            return
        if len(self._noted) >= _SEEN_KEPT:
            self._noted.clear()
        self._noted[barcode] = t_ns
        try:
            await self._system.note_seen(barcode, t_ns)
        except SinkUnavailable as error:
            del self._noted[barcode]
            self._rest(error)
        except SinkRejected:
            return

    def _rests(self) -> bool:
        return time.monotonic() < self._rests_until_s

    def _rest(self, error: SinkUnavailable) -> None:
        """As long as it asks for; nobody is served by asking it again at once."""
        if self._pause_s == 0.0:
            _log.warning("%s; what staff approved waits", error)
        self._pause_s = min(max(2 * self._pause_s, _REST_S), _LONGEST_OWN_REST_S)
        rest_s = min(max(error.retry_after_s or 0.0, self._pause_s), _LONGEST_REST_S)
        self._rests_until_s = time.monotonic() + rest_s

    def _back(self) -> None:
        if self._pause_s:
            _log.info("%s: answers again", self.name)
            self._pause_s = 0.0
