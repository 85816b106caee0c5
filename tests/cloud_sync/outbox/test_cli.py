"""`edge outbox` beside a daemon, and without one."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cloud_sync.sink import WriteResult
from edge.cli.outbox import command
from tests.cloud_sync.outbox.test_outbox import drained, outbox
from tests.cloud_sync.records import measured, seen


async def filled(folder: Path) -> str:
    """Ten records, of which sink a has five and a dead letter."""
    async with outbox(folder) as box:
        box.put([*(seen(n) for n in range(8)), measured(8), measured(9)])
        await box.committed()
        batch = await box.batch("a", 6)
        box.accept("a", batch, WriteResult(range(5), {5: "poison"}))
    return str(folder / "outbox.db")


def run(*words: str) -> Result:
    return CliRunner().invoke(command, words, catch_exceptions=False)


async def test_status_tells_each_sink(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    said = json.loads(run("status", "--path", path, "--json").stdout)
    assert said["records"] == 10
    assert said["sinks"]["a"]["depth"] == 4
    assert said["sinks"]["a"]["depth_by_class"]["telemetry"] == 2
    assert said["sinks"]["a"]["dead_letters"] == 1
    assert said["sinks"]["b"]["pending"] == [[1, 11]]
    assert "waits for" in run("status", "--path", path).stdout


async def test_peek_shows_what_a_sink_waits_for(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    said = json.loads(run("peek", "--path", path, "--sink", "a", "-n", "2", "--json").stdout)
    assert [line["seq"] for line in said] == [7, 8]
    dead = json.loads(run("peek", "--path", path, "--dead", "--json").stdout)
    assert (dead[0]["reason"], dead[0]["record"]["barcode"]) == ("poison", "00000005")


async def test_export_writes_every_record(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    lines = [json.loads(line) for line in run("export", "--path", path).stdout.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, 11))
    assert lines[0]["type"] == "item.seen"


async def test_replay_sends_again_what_is_kept(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    assert run("replay", "--path", path, "--sink", "a", "--from", "2", "--to", "4").exit_code == 0
    async with outbox(tmp_path) as box:
        await box._commit()
        assert box._core.sink_stats(box._now())["a"].depth == 6
        got = await drained(box, "a")
    assert [r.t_ns % 100 for r in got] == [1, 2, 6, 7, 8, 9]


async def test_dead_letters_are_sent_again_when_their_reason_is_gone(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    assert run("replay", "--path", path, "--sink", "a", "--dead").exit_code == 0
    async with outbox(tmp_path) as box:
        await box._commit()
        assert box._core.sink_stats(box._now())["a"].depth == 5
        got = await drained(box, "a")
        assert box._core.sink_stats(box._now())["a"].depth == 0
    assert [r.t_ns % 100 for r in got] == [5, 6, 7, 8, 9]
    assert json.loads(run("peek", "--path", path, "--dead", "--json").stdout) == []


async def test_dead_letters_of_records_that_are_gone_stay(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM event WHERE seq = 6")
    database.close()
    assert run("replay", "--path", path, "--sink", "a", "--dead").exit_code == 0
    async with outbox(tmp_path) as box:
        await box._commit()
        assert len(await drained(box, "a")) == 4
    assert len(json.loads(run("peek", "--path", path, "--dead", "--json").stdout)) == 1


async def test_status_tells_how_long_an_outage_can_last(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        for n in range(3):
            box.put([seen(k) for k in range(100 * n, 100 * n + 100)])
            await box.committed()
            await asyncio.sleep(0.02)
    said = json.loads(run("status", "--path", str(tmp_path / "outbox.db"), "--json").stdout)
    assert said["outage_seconds_left"] > 0


async def test_purge_gives_up_and_counts(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    assert run("purge", "--path", path, "--sink", "b", "--yes").exit_code == 0
    async with outbox(tmp_path) as box:
        await box._commit()
        assert await drained(box, "b") == []
        dropped = box._core.sink_stats(box._now())["b"].dropped
    assert dropped == {("event", "purged"): 8, ("telemetry", "purged"): 2}


@pytest.mark.parametrize(
    "words", [("status",), ("status", "--path", "/no/such/file"), ("replay", "--path", "X", "--sink", "z")]
)
async def test_what_is_not_there_is_told_in_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    path = await filled(tmp_path)
    found = CliRunner().invoke(command, [path if word == "X" else word for word in words])
    assert found.exception is not None
    assert "\n" not in str(found.exception)
