"""Full disks and failing ones: the daemon goes on, counts what it gave up, and needs no one to come back."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.options import OutboxOptions
from cloud_sync.outbox import Outbox
from cloud_sync.outbox.reader import OutboxReader
from edge.clock import SystemClock
from tests.cloud_sync.outbox.test_outbox import drained
from tests.cloud_sync.records import measured, misplaced, number
from tests.conftest import ROOT, missing


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of eight megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        missing("the right to mount a tmpfs")
    yield place
    subprocess.run(["umount", str(place)], check=True)


async def test_a_disk_that_others_fill_costs_telemetry_first_and_heals(small_disk: Path) -> None:
    options = OutboxOptions(min_free_bytes=0, ballast_bytes=1 << 20, commit_interval_s=0.01)
    async with Outbox(small_disk / "o.db", options, SystemClock(), ("a",)) as box:
        box.put([measured(n) for n in range(3000)])
        box.put([misplaced(n) for n in range(100)])
        await box.committed()
        _fill(small_disk / "other")
        for start in range(3000, 9000, 500):
            box.put([measured(n) for n in range(start, start + 500)])
            box.put([misplaced(start)])
            await asyncio.wait_for(box.committed(), 20)
        (small_disk / "other").unlink()
        box.put([misplaced(99_999)])
        await asyncio.wait_for(box.committed(), 20)
        got = await drained(box, "a")
        box.put([misplaced(100_000)])
        await box.committed()
        stats = box.stats().sinks["a"]
    alarms = [number(r) for r in got if r.TYPE == "item.misplaced"]
    assert alarms == [*range(100), *range(3000, 9000, 500), 99_999]
    assert stats.dropped["telemetry", "full"] > 0
    assert len(got) + sum(stats.dropped.values()) == 9000 + len(alarms)


async def test_the_outage_that_can_be_borne_is_by_the_disk_where_that_is_smaller(small_disk: Path) -> None:
    options = OutboxOptions(min_free_bytes=0, ballast_bytes=0, commit_interval_s=0.01)
    async with Outbox(small_disk / "o.db", options, SystemClock(), ("a",)) as box:
        for _ in range(3):
            box.put([misplaced(n) for n in range(100)])
            await box.committed()
            await asyncio.sleep(1.1)
        stats = box.stats()
    assert stats.bytes_max <= 8 << 20
    assert stats.outage_seconds_left is not None
    assert 0 < stats.outage_seconds_left * stats.inflow_bytes_per_s < 8 << 20
    with OutboxReader(small_disk / "o.db") as reader:
        assert reader.bytes_allowed(options) <= 8 << 20


async def test_a_disk_without_one_free_byte_stops_and_goes_on_when_it_is_freed(small_disk: Path) -> None:
    options = OutboxOptions(min_free_bytes=0, ballast_bytes=0, commit_interval_s=0.01)
    async with Outbox(small_disk / "o.db", options, SystemClock(), ("a",)) as box:
        _fill(small_disk / "other")
        box.put([misplaced(n) for n in range(1000)])
        await asyncio.sleep(1.5)
        assert "full" in (box.stats().last_error or "")
        (small_disk / "other").unlink()
        await asyncio.wait_for(box.committed(), 20)
        assert [number(r) for r in await drained(box, "a")] == list(range(1000))


def _fill(path: Path) -> None:
    """Write until there is no room."""
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "fault",
    [
        "fdatasync:error=EIO:when=5..9",
        "pwrite64:error=EIO:when=40..60",
        "pwrite64:error=ENOSPC:when=40..60",
        "fdatasync:error=EIO:when=3+7",
    ],
)
def test_a_failing_disk_is_reopened_and_nothing_acknowledged_is_lost(tmp_path: Path, fault: str) -> None:
    if shutil.which("strace") is None:
        missing("strace")
    script = f"""
import asyncio
from pathlib import Path
from cloud_sync.outbox import Outbox
from cloud_sync.outbox.reader import OutboxReader
from edge.clock import SystemClock
from tests.torture.child import FAST
from tests.cloud_sync.records import misplaced
async def main():
    async with Outbox(Path({str(tmp_path / "o.db")!r}), FAST, SystemClock(), ("a",)) as box:
        for n in range(60):
            box.put([misplaced(n)])
            await asyncio.wait_for(box.committed(), 30)
            print(n, flush=True)
asyncio.run(main())
"""
    command = [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        f"inject={fault}",
        sys.executable,
        "-c",
        script,
    ]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, timeout=100, check=False, env=dict(os.environ)
    )
    acknowledged = [int(line) for line in done.stdout.split()]
    assert acknowledged == list(range(60)), done.stderr.decode()[-2000:]
    assert asyncio.run(_kept(tmp_path / "o.db")) == list(range(60))


async def _kept(path: Path) -> list[int]:
    async with Outbox(path, OutboxOptions(), SystemClock(), ("a",)) as box:
        return [number(r) for r in await drained(box, "a")]
