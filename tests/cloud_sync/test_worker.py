"""The worker between an outbox and a sink that has its moods."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from cloud_sync.options import OutboxOptions, WorkerOptions
from cloud_sync.outbox import Outbox
from cloud_sync.sink import Batch, Sink, WriteResult
from cloud_sync.worker import Worker
from edge.clock import SystemClock
from edge.errors import NameTaken, SinkUnavailable
from edge.supervise import Foreseen
from tests.cloud_sync.records import number, seen

FAST = WorkerOptions(first_retry_s=0.01, longest_retry_s=0.05, backlog_per_s=1e6)


class Moody:
    """A far end in memory: the third implementation of a sink, for tests."""

    name = "moody"
    limit = 10
    linger_s = 0.0

    def __init__(self) -> None:
        self.got: list[tuple[int, bool]] = []
        self.up = True
        self.answer: Callable[[Batch], WriteResult] = lambda batch: WriteResult(range(len(batch)))
        self.entered = 0
        self.leave: Callable[[], Awaitable[None]] | None = None

    async def __aenter__(self) -> Self:
        if not self.up:
            raise SinkUnavailable("moody: down")
        self.entered += 1
        self.gone = asyncio.Event()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.leave is not None:
            await self.leave()

    async def write(self, batch: Batch) -> WriteResult:
        if not self.up:
            raise SinkUnavailable("moody: down")
        result = self.answer(batch)
        self.got += [(number(batch.entries[n].record), batch.entries[n].replayed) for n in result.accepted]
        return result

    async def lost(self) -> None:
        await self.gone.wait()

    async def wait_for(self, n: int) -> None:
        async with asyncio.timeout(5):
            while len(self.got) < n:
                await asyncio.sleep(0.005)


@asynccontextmanager
async def working(folder: Path, sink: Sink) -> AsyncIterator[tuple[Outbox, Worker]]:
    options = OutboxOptions(commit_interval_s=0.01, telemetry_interval_s=0.01)
    async with Outbox(folder / "outbox.db", options, SystemClock(), ("moody",)) as box:
        worker = Worker(box, sink, SystemClock(), FAST)
        task = asyncio.create_task(worker.run())
        try:
            yield box, worker
        finally:
            worker.stop()
            await asyncio.wait_for(task, 5)


async def test_everything_arrives_in_order(tmp_path: Path) -> None:
    sink = Moody()
    async with working(tmp_path, sink) as (box, worker):
        box.put([seen(n) for n in range(95)])
        await sink.wait_for(95)
        assert worker.progress.last_ack_mono_ns is not None
    assert sink.got == [(n, False) for n in range(95)]


async def test_nothing_is_lost_or_sent_twice_while_the_sink_is_away(tmp_path: Path) -> None:
    sink = Moody()
    sink.up = False
    async with working(tmp_path, sink) as (box, worker):
        box.put([seen(n) for n in range(50)])
        await asyncio.sleep(0.1)
        assert worker.progress.last_error == "moody: down"
        sink.up = True
        await sink.wait_for(50)
        assert worker.progress.last_error is None
    assert [n for n, _ in sink.got] == list(range(50))


async def test_after_a_restart_live_goes_first_and_the_backlog_follows_marked(tmp_path: Path) -> None:
    away, sink = Moody(), Moody()
    away.up = False
    async with working(tmp_path, away) as (box, _):
        box.put([seen(n) for n in range(30)])
        await box.committed()
    sink.up = False
    async with working(tmp_path, sink) as (box, _):
        box.put([seen(100)])
        await box.committed()
        sink.up = True
        await sink.wait_for(31)
    assert sink.got == [(100, False), *((n, True) for n in range(30))]


async def test_poison_goes_to_the_dead_letters_and_the_rest_on(tmp_path: Path) -> None:
    sink = Moody()
    sink.answer = lambda batch: WriteResult(
        [n for n, e in enumerate(batch.entries) if number(e.record) != 3],
        {n: "poison" for n, e in enumerate(batch.entries) if number(e.record) == 3},
    )
    async with working(tmp_path, sink) as (box, worker):
        box.put([seen(n) for n in range(20)])
        await sink.wait_for(19)
        assert worker.progress.rejected == 1


def refusing(bad: int) -> Callable[[Batch], WriteResult]:
    return lambda batch: WriteResult(
        [n for n, e in enumerate(batch.entries) if number(e.record) != bad],
        denied={n: "no" for n, e in enumerate(batch.entries) if number(e.record) == bad},
    )


async def test_a_denied_record_holds_nobody(tmp_path: Path) -> None:
    sink = Moody()
    sink.answer = refusing(3)
    async with working(tmp_path, sink) as (box, _):
        for n in range(20):
            box.put([seen(n)])
            await asyncio.sleep(0.02)
        await sink.wait_for(19)


async def test_when_everything_is_denied_nothing_is_given_up(tmp_path: Path) -> None:
    sink = Moody()
    sink.answer = lambda batch: WriteResult((), denied=dict.fromkeys(range(len(batch)), "no"))
    async with working(tmp_path, sink) as (box, worker):
        box.put([seen(n) for n in range(50)])
        await asyncio.sleep(0.2)
        assert worker.progress.rejected == 0
        assert "everything is refused" in (worker.progress.last_error or "")


def choking_on(bad: int) -> Callable[[Batch], WriteResult]:
    def answer(batch: Batch) -> WriteResult:
        if any(number(entry.record) == bad for entry in batch.entries):
            raise ZeroDivisionError("nobody thought of it")
        return WriteResult(range(len(batch)))

    return answer


async def test_a_record_that_our_own_code_fails_on_is_found_and_the_others_go_on(tmp_path: Path) -> None:
    sink = Moody()
    sink.answer = choking_on(3)
    async with working(tmp_path, Foreseen(sink)) as (box, worker):
        box.put([seen(n) for n in range(20)])
        await sink.wait_for(19)
        assert worker.progress.errors > 0
    assert sorted(n for n, _ in sink.got) == [n for n in range(20) if n != 3]


async def test_a_connection_lost_in_silence_is_made_again(tmp_path: Path) -> None:
    sink = Moody()
    async with working(tmp_path, sink) as (box, _):
        box.put([seen(1)])
        await sink.wait_for(1)
        sink.gone.set()
        await asyncio.sleep(0.2)
        assert sink.entered == 2


async def test_a_name_that_is_taken_is_counted_and_the_reason_of_a_degraded_daemon(tmp_path: Path) -> None:
    sink = Moody()

    async def left() -> None:
        raise NameTaken("moody: somebody else is there", retry_after_s=60)

    sink.leave = left
    async with working(tmp_path, sink) as (box, worker):
        box.put([seen(1)])
        await sink.wait_for(1)
        sink.gone.set()
        await asyncio.sleep(0.1)
        assert worker.progress.names_taken == 1
        assert sink.entered == 1  # it does not fight for the name
        sink.leave = None
    age_s = (SystemClock().monotonic_ns() - (worker.progress.name_taken_mono_ns or 0)) / 1e9
    assert 0 <= age_s < 5
