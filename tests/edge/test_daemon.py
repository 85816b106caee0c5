"""The daemon as a whole: what comes in goes out, and stopping loses nothing."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from cloud_sync.history_reader import HistoryReader
from cloud_sync.options import WorkerOptions
from cloud_sync.sink import Batch, WriteResult
from edge.columns import Readings, from_readings
from edge.compose import build
from edge.config import Site
from edge.daemon import Daemon
from edge.daemon_config import DaemonConfig
from edge.events import Record, RoomMeasured
from edge.observe import vitals
from edge.types import RoomSample
from tests.edge.scripted import ScriptedSource

S = 1_000_000_000
T0 = 1_790_000_040 * S


def site() -> Site:
    hall = {
        "id": "hall",
        "kind": "cultural",
        "zone": "voiced",
        "capacity": 150,
        "open": ["mon-sun 08:00-22:00"],
    }
    return Site.model_validate(
        {
            "schema": 1,
            "site": {"id": "main", "timezone": "Asia/Shanghai"},
            "space": [{**hall, "open": ["mon-sun 08:00-22:00"]}],
            "source": [{"id": "co2-hall", "driver": "mqtt", "space": "hall"}],
        }
    )


def co2(minutes: int) -> list[Readings]:
    """Three samples a minute, a batch a minute."""

    def sample(minute: int, second: int) -> RoomSample:
        return RoomSample(T0 + (60 * minute + second) * S, "co2-hall", "co2_ppm", 400.0 + minute)

    return [from_readings(sample(minute, second) for second in (0, 20, 40)) for minute in range(minutes)]


def daemon_of(tmp_path: Path, source: ScriptedSource) -> tuple[Daemon, list[Record]]:
    config = DaemonConfig.model_validate({"state_dir": str(tmp_path), "pipeline": {"window_s": 0.05}})
    daemon = build(site(), config, [source])  # type: ignore[list-item]
    seen: list[Record] = []

    def listen(records: Sequence[Record]) -> None:
        seen.extend(records)

    daemon.listeners.append(listen)
    return daemon, seen


async def test_readings_become_records_in_the_history(tmp_path: Path) -> None:
    daemon, seen = daemon_of(tmp_path, ScriptedSource("co2-hall", co2(5)))
    await daemon.run(asyncio.Event(), until_done=True)
    means = [record for record in seen if isinstance(record, RoomMeasured)]
    assert [mean.value for mean in means] == [400.0, 401.0, 402.0, 403.0, 404.0]
    (latest,) = HistoryReader(tmp_path / "history.db").latest(RoomMeasured).values()
    assert latest == means[-1]


class Stumbling:
    """A sink whose code fails in a way that nobody foresaw, once."""

    name, limit, linger_s = "stumbling", 100, 0.0

    def __init__(self) -> None:
        self.writes = 0
        self.got: list[Record] = []
        self.arrived = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def write(self, batch: Batch) -> WriteResult:
        self.writes += 1
        if self.writes == 1:
            raise ZeroDivisionError("nobody thought of it")
        self.got.extend(entry.record for entry in batch.entries)
        self.arrived.set()
        return WriteResult(range(len(batch)))

    async def lost(self) -> None:
        await asyncio.Event().wait()


async def test_a_sink_whose_code_fails_gets_its_records_after_all(tmp_path: Path) -> None:
    built, _ = daemon_of(tmp_path, ScriptedSource("co2-hall", co2(2), stays=True))
    config = built.config.model_copy(update={"worker": WorkerOptions(first_retry_s=0.05)})
    sink = Stumbling()
    daemon = Daemon(built.site, config, built.setups, built.live, [sink])
    stop = asyncio.Event()
    running = asyncio.create_task(daemon.run(stop))
    async with asyncio.timeout(5):
        await sink.arrived.wait()
    stop.set()
    await running
    assert any(isinstance(record, RoomMeasured) for record in sink.got)
    assert daemon.workers[0].progress.errors == 1


async def test_every_reading_is_counted(tmp_path: Path) -> None:
    daemon, _ = daemon_of(tmp_path, ScriptedSource("co2-hall", co2(4)))
    await daemon.run(asyncio.Event(), until_done=True)
    counters = daemon.pipeline.counters["co2-hall"]
    assert (counters.received, counters.used, counters.dropped) == (12, 12, 0)


async def test_stopping_closes_the_source_and_keeps_the_last_window(tmp_path: Path) -> None:
    source = ScriptedSource("co2-hall", co2(3), stays=True)
    daemon, seen = daemon_of(tmp_path, source)
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.3, stop.set)
    await asyncio.wait_for(daemon.run(stop), 5)
    assert source.closed == 1
    assert sum(isinstance(record, RoomMeasured) for record in seen) == 3


async def test_vitals_tell_progress(tmp_path: Path) -> None:
    daemon, _ = daemon_of(tmp_path, ScriptedSource("co2-hall", co2(2)))
    await daemon.run(asyncio.Event(), until_done=True)
    found = vitals(daemon)
    assert found.sources["co2-hall"].used == 6
    assert found.windows > 0
    assert found.sinks["history"].ack_age_s is not None
    assert not found.reasons()
