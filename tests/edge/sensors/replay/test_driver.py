"""The replay driver: pace, order, times, loops."""

import gzip
import time
from pathlib import Path

import pytest

from edge.clock import SystemClock
from edge.columns import Readings, concat_readings
from edge.counters import Counters
from edge.errors import DeviceUnavailable
from edge.sensors.driver import Context, Driver
from edge.sensors.replay.config import Options
from edge.sensors.replay.driver import open_driver
from tests.contracts.driver import DriverContract
from tests.readings import line, tag_line

STEP_NS = 10_000_000


def recording(path: Path, numbers: range, epc: str = "E2801160") -> str:
    path.write_bytes(b"".join(tag_line(n, epc=epc) for n in numbers))
    return str(path)


async def all_of(options: Options, counters: Counters | None = None, at_most: int = 1 << 30) -> Readings:
    parts: list[Readings] = []
    async with open_driver(Context("replay", SystemClock(), counters or Counters()), options) as driver:
        async for readings in driver:
            parts.append(readings)
            if sum(map(len, parts)) >= at_most:
                break
    return concat_readings(parts)


class TestReplay(DriverContract):
    name = "replay"

    @pytest.fixture
    def driver(self, tmp_path: Path) -> Driver:
        path = recording(tmp_path / "a.jsonl", range(1000))
        return open_driver(Context("replay", SystemClock()), Options(recordings=[path]))


async def test_full_speed_gives_everything_in_order(tmp_path: Path) -> None:
    paths = [
        recording(tmp_path / "a.jsonl", range(0, 50_000, 2)),
        recording(tmp_path / "b.jsonl", range(1, 60_000, 2)),
    ]
    readings = await all_of(Options(recordings=paths, speed=0))
    first = readings.tags.t_ns[0]
    wanted = sorted([*range(0, 50_000, 2), *range(1, 60_000, 2)])
    assert ((readings.tags.t_ns - first) // STEP_NS).tolist() == wanted


async def test_pace_is_that_of_the_recording_times_speed(tmp_path: Path) -> None:
    path = recording(tmp_path / "a.jsonl", range(301))
    before = time.monotonic()
    readings = await all_of(Options(recordings=[path], speed=5.0))
    assert len(readings) == 301
    assert 0.6 <= time.monotonic() - before < 2


async def test_times_are_kept_unless_they_are_moved_to_now(tmp_path: Path) -> None:
    path = recording(tmp_path / "a.jsonl", range(3))
    kept = await all_of(Options(recordings=[path], speed=0))
    now_ns = time.time_ns()
    moved = await all_of(Options(recordings=[path], speed=0, rebase=True))
    assert kept.tags.t_ns[0] == 1_763_712_000_000_000_000
    assert 0 <= moved.tags.t_ns[0] - now_ns < 5_000_000_000
    assert (moved.tags.t_ns - moved.tags.t_ns[0]).tolist() == (kept.tags.t_ns - kept.tags.t_ns[0]).tolist()


async def test_loop_goes_on_in_time(tmp_path: Path) -> None:
    path = recording(tmp_path / "a.jsonl", range(10))
    readings = await all_of(Options(recordings=[path], speed=0, loop=True), at_most=35)
    assert len(readings) >= 35
    assert (readings.tags.t_ns[1:] > readings.tags.t_ns[:-1]).all()


async def test_malformed_lines_and_damaged_ends_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(tag_line(0) + b"nonsense\n" + line(kind="door") + tag_line(1))[:-6])
    counters = Counters()
    readings = await all_of(Options(recordings=[str(path)], speed=0), counters)
    assert len(readings) == 2
    assert (counters.received, counters.malformed) == (2, 2)


async def test_late_lines_are_given_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(tag_line(5) + tag_line(900) + tag_line(1))
    assert len(await all_of(Options(recordings=[str(path)], speed=0))) == 3


async def test_missing_recording_is_a_device_that_is_not_there() -> None:
    with pytest.raises(DeviceUnavailable, match=r"no-such\.jsonl: no such file"):
        await all_of(Options(recordings=["no-such.jsonl"]))


async def test_source_without_recordings_is_silent() -> None:
    assert len(await all_of(Options())) == 0
