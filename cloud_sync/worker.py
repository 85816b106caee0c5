"""Takes batches from the outbox to one sink: live first, the backlog behind it, patience while it is away."""

import asyncio
import logging
import random
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from cloud_sync.doubts import Doubts
from cloud_sync.options import WorkerOptions
from cloud_sync.outbox import Outbox
from cloud_sync.sink import Batch, Sink, WriteResult
from edge.clock import Clock
from edge.errors import NameTaken, SinkUnavailable

_log: Final = logging.getLogger(__name__)
_LOOK_AGAIN_S: Final = 1.0
_DENIED_S: Final = 30.0
_BARREN: Final = 3


@dataclass(slots=True)
class Progress:
    """How it goes, for health and metrics. Times are monotonic; None is never."""

    connected: bool = False
    last_ack_mono_ns: int | None = None
    last_error: str | None = None
    errors: int = 0
    accepted: int = 0
    rejected: int = 0
    replayed: int = 0
    clock_skew_s: float | None = None
    names_taken: int = 0
    name_taken_mono_ns: int | None = None


class Worker:
    """`run` until cancelled, or until `stop`; one worker a sink."""

    def __init__(
        self, outbox: Outbox, sink: Sink, clock: Clock, options: WorkerOptions | None = None
    ) -> None:
        self._outbox = outbox
        self._sink = sink
        self._clock = clock
        self._options = options or WorkerOptions()
        self._doubts = Doubts(self._options.tries_before_dead)
        self._stopping = asyncio.Event()
        self._backlog_due_ns = 0
        self._retry_s = self._options.first_retry_s
        self.progress = Progress()

    @property
    def name(self) -> str:
        return self._sink.name

    def stop(self) -> None:
        """End `run` when there is nothing left to send, or at once where the sink is away."""
        self._stopping.set()

    async def run(self) -> None:
        """Deliver for ever. What the sink raises but SinkUnavailable is a fault of ours, and goes up."""
        while not self._stopping.is_set():
            try:
                async with self._sink:
                    self.progress.connected = True
                    await self._deliver()
            except SinkUnavailable as error:
                self._note(error)
                await self._rest(error.retry_after_s)
            finally:
                self.progress.connected = False

    async def _deliver(self) -> None:
        while True:
            limit = self._limit()
            n_live = await self._send(late=False)
            n_late = await self._send(late=True) if self._backlog_is_due() else 0
            if self._stopping.is_set() and not (n_live or n_late):
                return
            if not n_late and n_live < limit:
                await self._wait(self._sink.linger_s if n_live else 0.0)

    async def _send(self, *, late: bool) -> int:
        """One batch; how many records it had."""
        name, limit = self._sink.name, self._limit()
        aside = self._doubts.aside(self._clock.monotonic_ns())
        batch = await self._outbox.batch(name, limit, late=late, skip=aside)
        if not batch.entries:
            if batch.spans:
                self._outbox.accept(name, batch, WriteResult(()))
            return 0
        result = await self._write(batch)
        self._outbox.accept(name, batch, result)
        self._count(result, late)
        if late:
            pause_ns = int(len(batch) / self._options.backlog_per_s * 1e9)
            self._backlog_due_ns = self._clock.monotonic_ns() + pause_ns
        if self._doubts.barren >= _BARREN:
            # Everything is refused: that is a setting, not a record.
            raise SinkUnavailable(f"{name}: everything is refused", retry_after_s=_DENIED_S)
        return len(batch)

    async def _write(self, batch: Batch) -> WriteResult:
        try:
            result = await self._sink.write(batch)
        except SinkUnavailable as error:
            if self._doubts.failed(batch, self._clock.monotonic_ns()):
                self._outbox.accept(self.name, batch, WriteResult((), {0: f"the sink dies of it: {error}"}))
                self.progress.rejected += 1
            raise
        return self._doubts.judge(batch, result, self._clock.monotonic_ns())

    def _limit(self) -> int:
        """One by one after some failures: perhaps the sink dies of one record."""
        return self._sink.limit if self._doubts.barren < _BARREN else 1

    async def _wait(self, linger_s: float) -> None:
        """Until there is more to send; SinkUnavailable where the connection goes meanwhile."""
        if linger_s:
            await self._first(asyncio.sleep(linger_s))
        until_backlog_s = max(self._backlog_due_ns - self._clock.monotonic_ns(), 0) / 1e9
        await self._first(self._outbox.changed(self._sink.name), timeout_s=until_backlog_s or _LOOK_AGAIN_S)

    async def _first(self, wanted: Awaitable[None], timeout_s: float | None = None) -> None:
        what, lost, stop = (
            asyncio.ensure_future(wanted),
            asyncio.ensure_future(self._sink.lost()),
            asyncio.ensure_future(self._stopping.wait()),
        )
        try:
            await asyncio.wait((what, lost, stop), timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if lost.done():
                raise SinkUnavailable(f"{self._sink.name}: the connection is gone")
        finally:
            for task in (what, lost, stop):
                task.cancel()

    async def _rest(self, asked_s: float | None) -> None:
        """Longer each time, never all at the same moment; what the sink asked for is the least."""
        wait_s = self._retry_s * random.uniform(0.5, 1.0)
        self._retry_s = min(self._retry_s * 2, self._options.longest_retry_s)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(wait_s, asked_s or 0.0)):
                await self._stopping.wait()

    def _backlog_is_due(self) -> bool:
        return self._clock.monotonic_ns() >= self._backlog_due_ns

    def _count(self, result: WriteResult, late: bool) -> None:
        progress = self.progress
        progress.accepted += len(result.accepted)
        progress.rejected += len(result.rejected)
        progress.replayed += len(result.accepted) if late else 0
        progress.clock_skew_s = result.clock_skew_s
        if result.rejected:
            _log.error("%s: %d records to the dead letters", self.name, len(result.rejected))
        if result.accepted:
            self._retry_s = self._options.first_retry_s
            progress.last_ack_mono_ns = self._clock.monotonic_ns()
            if progress.last_error is not None:
                _log.info("%s: delivers again", self.name)
                progress.last_error = None

    def _note(self, error: SinkUnavailable) -> None:
        if isinstance(error, NameTaken):
            self.progress.names_taken += 1
            self.progress.name_taken_mono_ns = self._clock.monotonic_ns()
        if self.progress.last_error is None:
            _log.warning("%s; keeping records until it is back", error)
        self.progress.last_error = str(error)
        self.progress.errors += 1
