"""What the outbox does with damaged rows, damaged files and clocks that jump."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud_sync.options import OutboxOptions
from cloud_sync.outbox import Outbox
from edge.clock import ManualClock, SystemClock
from edge.errors import ConfigError
from tests.cloud_sync.outbox.test_outbox import drained, outbox
from tests.cloud_sync.records import T0_NS, number, seen

YEAR_NS = 365 * 86_400 * 10**9


async def filled(folder: Path, n: int = 100) -> Path:
    async with outbox(folder) as box:
        box.put([seen(k) for k in range(n)])
    return folder / "outbox.db"


async def test_a_damaged_row_is_left_out_and_counted(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE event SET body = replace(body, 'a03-2', 'a03-9') WHERE seq = 50")
    db.close()
    async with outbox(tmp_path) as box:
        for sink in ("a", "b"):
            assert [number(r) for r in await drained(box, sink)] == [n for n in range(100) if n != 49]
        box.put([seen(200)])
        await box.committed()
        stats = box.stats().sinks
    assert [stats[sink].corrupt for sink in ("a", "b")] == [1, 1]
    assert [stats[sink].delivered for sink in ("a", "b")] == [99, 99]
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT sink, seq, reason FROM dead").fetchall() == [("*", 50, "damaged row")]
    db.close()


@pytest.mark.parametrize(
    "ruin",
    [
        lambda path: path.write_bytes(b"no database" * 500),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 4096 * 20),
    ],
    ids=["garbage", "cut short", "pages overwritten"],
)
async def test_a_damaged_file_is_set_aside_and_the_daemon_goes_on(
    tmp_path: Path, ruin: Callable[[Path], object]
) -> None:
    path = await filled(tmp_path)
    ruin(path)
    async with outbox(tmp_path) as box:
        box.put([seen(500)])
        await box.committed()
        got = await drained(box, "a")
        box.put([seen(501)])
        await box.committed()
        aside = box.stats().set_aside
    assert number(got[-1]) == 500
    assert len(aside) == 1
    assert Path(aside[0]).exists()


async def test_a_file_that_is_ruined_while_it_is_open_is_set_aside(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        box.put([seen(n) for n in range(5000)])
        await box.committed()
        await box._call(box._core._store.checkpoint)
        with open(tmp_path / "outbox.db", "r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 4096 * 100)
        await box._call(box._core.reopen)
        await drained(box, "a")
        box.put([seen(9999)])
        await box.committed()
        got = await drained(box, "a")
        stats = box.stats()
    assert [number(r) for r in got] == [9999]
    assert len(stats.set_aside) == 1
    assert stats.sinks["b"].dropped["event", "damaged"] == 5000


async def test_an_empty_file_is_a_new_outbox(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").write_bytes(b"")
    async with outbox(tmp_path) as box:
        box.put([seen(1)])
        await box.committed()
        assert len(await drained(box, "a")) == 1


async def test_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(ConfigError, match="version 999"):
        await outbox(tmp_path).__aenter__()
    assert path.exists()


class JumpingClock(SystemClock):
    """The machine's clock with an offset that the test sets."""

    def __init__(self) -> None:
        self.offset_ns = 0

    def wall_ns(self) -> int:
        return super().wall_ns() + self.offset_ns


@pytest.mark.parametrize("jump_ns", [10 * YEAR_NS, -10 * YEAR_NS])
async def test_a_clock_that_jumps_years_loses_and_reorders_nothing(tmp_path: Path, jump_ns: int) -> None:
    clock = JumpingClock()
    options = OutboxOptions(max_age_s=86_400.0, replay_window_s=3600.0)
    async with Outbox(tmp_path / "o.db", options, clock, ("a",), trusted=lambda: False) as box:
        for n, offset_ns in enumerate((0, jump_ns, 0)):
            clock.offset_ns = offset_ns
            box.put([seen(10 * n + k) for k in range(10)])
            await box.committed()
        got = await drained(box, "a")
    assert [number(r) for r in got] == list(range(30))


async def test_what_was_seen_in_1970_goes_out_with_its_right_time(tmp_path: Path) -> None:
    clock = ManualClock(wall_ns=5_000_000_000)
    async with Outbox(tmp_path / "o.db", OutboxOptions(), clock, ("a",)) as box:
        record = seen(0)
        record = type(record)(clock.wall_ns(), *_rest(record))
        box.put([record])
        await box.committed()
        assert not (await box.batch("a", 10)).entries
        clock.advance(60 * 10**9)
        clock.jump(T0_NS)
        got = await drained(box, "a")
    assert [r.t_ns for r in got] == [T0_NS - 60 * 10**9]


def _rest(record: object) -> tuple[object, ...]:
    from dataclasses import astuple

    return astuple(record)[1:]  # type: ignore[call-overload, no-any-return]
