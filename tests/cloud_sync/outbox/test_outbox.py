"""The outbox as the daemon uses it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from cloud_sync.options import OutboxOptions
from cloud_sync.outbox import Outbox
from cloud_sync.sink import Batch, WriteResult
from edge.clock import SystemClock
from edge.errors import ConfigError
from edge.events import Record
from tests.cloud_sync.records import measured, misplaced, number, seen


def outbox(folder: Path, sinks: Sequence[str] = ("a", "b"), **options: float) -> Outbox:
    return Outbox(folder / "outbox.db", OutboxOptions.model_validate(options), SystemClock(), sinks)


def everything(batch: Batch) -> WriteResult:
    return WriteResult(range(len(batch)))


async def drained(box: Outbox, sink: str) -> list[Record]:
    """All that a sink gets, live and late."""
    got: list[Record] = []
    for late in (True, False, True):
        while (batch := await box.batch(sink, 7, late=late)).spans:
            got += [entry.record for entry in batch.entries]
            box.accept(sink, batch, everything(batch))
    return got


async def test_every_sink_gets_everything_in_order(tmp_path: Path) -> None:
    records = [seen(n) for n in range(50)]
    async with outbox(tmp_path) as box:
        box.put(records)
        await box.committed()
        assert await drained(box, "a") == records
        assert await drained(box, "b") == records
        assert await drained(box, "a") == []


async def test_committed_means_on_disk(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        box.put([seen(1)])
        await box.committed()
        assert box.stats().last_commit_mono_ns is not None
        assert len(await box.batch("a", 10)) == 1


async def test_what_was_not_accepted_comes_again_after_a_restart(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        box.put([seen(n) for n in range(10)])
        await box.committed()
        batch = await box.batch("a", 10)
        box.accept("a", batch, WriteResult([0, 1, 2, 5]))
    async with outbox(tmp_path) as box:
        again = await box.batch("a", 10, late=True)
        assert [number(entry.record) for entry in again.entries] == [3, 4, 6, 7, 8, 9]
        assert all(entry.replayed for entry in again.entries)


async def test_live_comes_before_backlog(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        box.put([seen(1)])
    async with outbox(tmp_path) as box:
        box.put([seen(2)])
        await box.committed()
        live = await box.batch("a", 10)
        assert [(number(e.record), e.replayed) for e in live.entries] == [(2, False)]


async def test_rejected_goes_to_the_dead_letters_and_blocks_nothing(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        box.put([seen(1), seen(2)])
        await box.committed()
        batch = await box.batch("a", 10)
        box.accept("a", batch, WriteResult([1], {0: "poison"}))
        assert not (await box.batch("a", 10)).entries
    async with outbox(tmp_path) as box:
        stats = box.stats().sinks["a"]
        assert (stats.depth, stats.delivered, stats.dead) == (0, 1, 1)


async def test_one_sink_does_not_hold_another(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        box.put([seen(n) for n in range(20)])
        await box.committed()
        assert len(await drained(box, "a")) == 20
        box.put([seen(99)])
        await box.committed()
        assert box.stats().sinks["b"].depth == 21


async def test_second_process_is_told_that_it_is_in_use(tmp_path: Path) -> None:
    async with outbox(tmp_path):
        with pytest.raises(ConfigError, match="another process"):
            await outbox(tmp_path).__aenter__()


async def test_when_full_the_least_worthy_goes_first_and_is_counted(tmp_path: Path) -> None:
    async with outbox(tmp_path, max_bytes=1 << 19, min_free_bytes=0) as box:
        for start in range(0, 8000, 500):
            box.put([measured(n) for n in range(start, start + 500)])
            box.put([misplaced(start)])
            await box.committed()
        got = await drained(box, "a")
        alarms = [number(r) for r in got if r.TYPE == "item.misplaced"]
        stats = box.stats()
    assert alarms == list(range(0, 8000, 500))
    assert stats.bytes_used <= 1 << 19
    dropped = stats.sinks["a"].dropped["telemetry", "full"]
    assert dropped > 0
    assert len(got) + dropped == 8000 + len(alarms)


async def test_a_stalled_disk_costs_the_least_worthy_and_counts_them(tmp_path: Path) -> None:
    async with outbox(tmp_path, max_buffered=100) as box:
        box.put([misplaced(n) for n in range(50)])
        box.put([measured(n) for n in range(100)])
        assert box.stats().buffered <= 100
        await box.committed()
        got = await drained(box, "a")
        await asyncio.sleep(0)
    async with outbox(tmp_path) as box:
        lost = box.stats().sinks["a"].dropped["telemetry", "stalled"]
    assert sum(r.TYPE == "item.misplaced" for r in got) == 50
    assert len(got) + lost == 150


async def test_outage_seconds_left_is_none_while_nothing_comes(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        assert box.stats().outage_seconds_left is None


async def test_a_kept_state_survives_and_the_last_one_counts(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        assert await box.kept("fusion") is None
        box.keep("fusion", b"one")
        box.put([seen(1)])
        box.keep("fusion", b"two")
        await box.committed()
        assert await box.kept("fusion") == b"two"
    async with outbox(tmp_path) as box:
        assert await box.kept("fusion") == b"two"


async def test_a_kept_state_never_runs_ahead_of_the_records_before_it(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        for start in range(0, 10_000, 1000):
            box.put([seen(n) for n in range(start, start + 1000)])
        box.keep("fusion", b"10000")
        while await box._call(box._core.kept, "fusion") is None:
            await asyncio.sleep(0.001)
        assert box._core.head == 10_001
