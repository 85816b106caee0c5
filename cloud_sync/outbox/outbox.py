"""The outbox as the daemon uses it: `put` costs nothing, a thread writes in groups, workers take batches."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from cloud_sync.options import OutboxOptions
from cloud_sync.outbox.core import Core
from cloud_sync.outbox.epochs import boot_id, kernel_synchronised
from cloud_sync.outbox.files import Files
from cloud_sync.outbox.rate import Rate
from cloud_sync.outbox.shed import shed
from cloud_sync.outbox.stats import OutboxStats
from cloud_sync.outbox.steps import Ack, Lost, Now, Put
from cloud_sync.outbox.store import StoreDamaged, StoreFailed, StoreFull
from cloud_sync.sink import Batch, WriteResult
from edge.clock import Clock
from edge.errors import EdgeError
from edge.events import Record, Worth

_log: Final = logging.getLogger(__name__)
_IDLE_S: Final = 5.0
"""How often answers of the sinks are stored, and requests of other processes seen, while nothing comes in."""
_WAITED_FOR_S: Final = 0.02
"""The time between two commits while somebody waits for them."""
_RETRY_S: Final = 1.0
_OPENINGS: Final = 10
_CHUNK: Final = 2_000
T = TypeVar("T")


class Outbox:
    """An async context. `put`, `accept` and `stats` never wait; call them from the loop's thread only."""

    def __init__(
        self,
        path: str | Path,
        options: OutboxOptions,
        clock: Clock,
        sinks: Sequence[str] = ("mqtt", "influx", "history"),
        *,
        boot: str | None = None,
        trusted: Callable[[], bool] = kernel_synchronised,
    ) -> None:
        self._files = Files(Path(path), options.ballast_bytes)
        self._options = options
        self._clock = clock
        self._sinks = tuple(sinks)
        self._boot = boot or boot_id()
        self._trusted = trusted
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="outbox")
        self._puts: list[Put] = []
        self._acks: list[Ack] = []
        self._lost: list[Lost] = []
        self._keeping: dict[str, bytes] = {}
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._next_seq = 1
        self._buffered = 0
        self._closing = False
        self._stats = OutboxStats(bytes_max=options.max_bytes)
        self._rate = Rate()

    async def __aenter__(self) -> Self:
        """Raises ConfigError where another process has the outbox, or where a newer program wrote it."""
        self._wake, self._event, self._asap = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._changed = {name: asyncio.Event() for name in self._sinks}
        self._core = await self._opened()
        self._next_seq = self._core.head
        self._see(await self._call(self._mended, self._look))
        self._task = asyncio.create_task(self._commit_forever(), name="outbox")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Everything that was put is on disk afterwards, if the disk lets us."""
        self._closing = True
        self._wake.set()
        await self._task
        await self._call(self._core.close)
        self._thread.shutdown()
        self._files.unlock()

    # In

    def put(self, records: Sequence[Record]) -> None:
        """Take records in. They are on disk after the next commit; `committed` tells when."""
        if not records:
            return
        self._puts.append(Put(self._next_seq, tuple(records), self._now()))
        self._next_seq += len(records)
        self._buffered += len(records)
        if self._buffered > self._options.max_buffered:
            self._shed()
        self._wake.set()
        if any(record.WORTH >= Worth.EVENT for record in records):
            self._event.set()

    def keep(self, name: str, body: bytes) -> None:
        """Keep a state beside the records: on disk in one transaction with, or after, what was put before.

        So a state that says what has been counted never runs ahead of the records that say it. Nothing
        (b"") is kept by forgetting the name.
        """
        self._keeping[name] = body
        self._wake.set()

    async def kept(self, name: str) -> bytes | None:
        """What was last kept under a name, in this run or an earlier one; None for nothing sound."""
        if name in self._keeping:
            return self._keeping[name] or None
        return await self._call(self._mended, partial(self._core.kept, name))

    async def committed(self) -> None:
        """Wait until everything that has been put so far is on disk (or was given up, and counted)."""
        if self._next_seq <= self._core.head and not self._puts and not self._keeping:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((self._next_seq, done))
        self._asap.set()
        await done

    # Out

    async def batch(
        self, sink: str, limit: int, *, late: bool = False, skip: frozenset[int] = frozenset()
    ) -> Batch:
        """What `sink` is to get next, but for `skip`; live records, or with `late` those of the backlog."""
        acks, self._acks = self._acks, []

        def gather() -> Batch:
            self._core.take(acks)
            acks.clear()
            return self._core.batch(sink, limit, late=late, now=self._now(), skip=skip)

        try:
            return await self._call(self._mended, gather)
        except (StoreFailed, StoreFull) as error:
            self._failed(error)
            return Batch()

    def accept(self, sink: str, batch: Batch, result: WriteResult) -> None:
        """The sink's answer. Stored with the next commit: after a crash in between the batch comes again."""
        self._acks.append(Ack(sink, batch, result))

    async def changed(self, sink: str) -> None:
        """Wait until there is more for `sink` since the last time that it waited."""
        event = self._changed[sink]
        await event.wait()
        event.clear()

    def stats(self) -> OutboxStats:
        """As of the last commit."""
        left = self._rate.seconds_left(self._stats.bytes_max - self._pending_bytes())
        return replace(
            self._stats,
            buffered=self._buffered,
            put=self._next_seq - 1,
            inflow_bytes_per_s=self._rate.bytes_per_s,
            outage_seconds_left=left,
            set_aside=tuple(str(path) for path in self._files.set_aside_files),
        )

    # The commit loop

    async def _commit_forever(self) -> None:
        while not self._closing:
            await self._until_due()
            if not await self._commit():
                await self._try_again()
        for _ in range(3):
            if await self._commit():
                break

    async def _try_again(self) -> None:
        """Each second, until the disk does it or the daemon ends."""
        while True:
            await asyncio.sleep(_RETRY_S)
            if self._closing or await self._commit():
                return

    async def _until_due(self) -> None:
        """Events wait a quarter of a second for company, telemetry a second; no one who waits waits long."""
        await _wait(self._wake, _IDLE_S)
        if self._closing:
            return
        if not self._waiters:
            await _first_of((self._event, self._asap), self._options.telemetry_interval_s)
        if self._event.is_set() and not self._waiters:
            await _wait(self._asap, self._options.commit_interval_s)
        if self._waiters:
            await asyncio.sleep(_WAITED_FOR_S)
        for event in (self._wake, self._event, self._asap):
            event.clear()

    async def _commit(self) -> bool:
        """Store all that there is; False where the disk did not do it."""
        try:
            await self._call(self._mended, partial(self._core.attend, self._now()))
            await self._commit_all()
        except (StoreFailed, StoreFull) as error:
            self._failed(error)
            return False
        return True

    async def _commit_all(self) -> None:
        while self._puts or self._acks or self._lost or self._keeping or self._core.dirty:
            puts, self._puts = _chunk(self._puts)
            # Not before the last of the records that were put before it.
            keeping, self._keeping = ({}, self._keeping) if self._puts else (self._keeping, {})
            acks, self._acks = self._acks, []
            lost, self._lost = self._lost, []
            try:
                seen = await self._call(self._mended, partial(self._store, puts, acks, lost, keeping))
            except (StoreFailed, StoreFull):
                self._puts[:0] = puts
                self._lost[:0] = lost
                self._keeping = keeping | self._keeping
                raise
            self._see(seen)
            self._stored(puts)

    def _store(
        self, puts: list[Put], acks: list[Ack], lost: list[Lost], keeping: dict[str, bytes]
    ) -> OutboxStats:
        self._core.take(acks)
        acks.clear()
        try:
            self._core.commit(puts, (), lost, self._now(), keeping)
        except StoreFull:
            self._core.relieve(self._now())
            self._core.commit(puts, (), lost, self._now(), keeping)
        return self._look()

    def _look(self) -> OutboxStats:
        now = self._now()
        self._rate.update(self._core.bytes_in, now.mono_ns)
        used, done = self._core.bytes_used(), self._core.head - 1
        sinks, allowed = self._core.sink_stats(now), self._core.bytes_allowed()
        return OutboxStats(bytes_used=used, bytes_max=allowed, committed=done, sinks=sinks)

    def _see(self, seen: OutboxStats) -> None:
        self._stats = replace(
            self._stats,
            bytes_used=seen.bytes_used,
            bytes_max=seen.bytes_max,
            committed=seen.committed,
            sinks=seen.sinks,
        )

    def _stored(self, puts: Sequence[Put]) -> None:
        self._buffered -= sum(len(put.records) for put in puts)
        now = self._clock.monotonic_ns()
        self._stats = replace(self._stats, last_commit_mono_ns=now, last_error=None)
        oldest = self._puts[0].seq if self._puts else self._next_seq
        ready = [done for seq, done in self._waiters if seq <= oldest]
        self._waiters = [(seq, done) for seq, done in self._waiters if seq > oldest]
        for done in ready:
            if not done.done():
                done.set_result(None)
        if puts:
            for event in self._changed.values():
                event.set()

    async def _opened(self) -> Core:
        for _ in range(_OPENINGS):
            try:
                return await self._call(self._open)
            except (StoreFailed, StoreFull) as error:
                _log.error("%s; trying again to open it", error)
                await asyncio.sleep(_RETRY_S)
        return await self._call(self._open)

    # In the thread

    def _open(self) -> Core:
        self._files.lock()
        try:
            return Core(self._files, self._options, self._sinks, self._boot, self._now(), self._trusted)
        except BaseException:
            self._files.unlock()
            raise

    def _mended(self, work: Callable[[], T]) -> T:
        """Do it; where the file is damaged, set it aside and do it again; where the disk failed, reopen."""
        try:
            return work()
        except StoreDamaged:
            self._core.set_aside()
            return work()
        except StoreFailed:
            self._core.reopen()
            return work()

    async def _call(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    # Small things

    def _now(self) -> Now:
        return Now(self._clock.wall_ns(), self._clock.monotonic_ns())

    def _shed(self) -> None:
        """The disk does not keep up: what is worth least goes, and is counted."""
        self._puts, lost = shed(self._puts, self._buffered - self._options.max_buffered * 9 // 10)
        self._buffered -= sum(len(some.seqs) for some in lost)
        self._lost += lost

    def _failed(self, error: EdgeError) -> None:
        if self._stats.last_error is None:
            _log.error("%s; keeping records in memory and trying again", error)
        self._stats = replace(self._stats, failures=self._stats.failures + 1, last_error=str(error))

    def _pending_bytes(self) -> float:
        deepest = max((sink.depth for sink in self._stats.sinks.values()), default=0)
        return deepest * self._rate.bytes_per_record


def _chunk(puts: list[Put]) -> tuple[list[Put], list[Put]]:
    """So many puts as one transaction should hold, and the rest."""
    n = 0
    for index, put in enumerate(puts):
        n += len(put.records)
        if n >= _CHUNK:
            return puts[: index + 1], puts[index + 1 :]
    return puts, []


async def _wait(event: asyncio.Event, seconds: float) -> None:
    await _first_of((event,), seconds)


async def _first_of(events: Sequence[asyncio.Event], seconds: float) -> None:
    """Until one of them is set, or the time is over."""
    if any(event.is_set() for event in events):
        return
    tasks = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
