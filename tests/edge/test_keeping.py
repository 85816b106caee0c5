"""A daemon that is killed at any moment: what its source was told is safe is counted, and once."""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self, TypeVar

import pytest

from cloud_sync.options import OutboxOptions
from cloud_sync.outbox import Outbox
from cloud_sync.outbox.reader import OutboxReader
from edge.clock import SystemClock
from edge.columns import Readings, from_readings
from edge.compose import build
from edge.config import Site
from edge.daemon import Daemon
from edge.daemon_config import DaemonConfig
from edge.events import DoorFlowed, Record, SpaceUsed
from edge.fusion.journal import NAME
from edge.keeping import ASIDE
from edge.sensors.driver import Context
from edge.types import DoorCount, RoomSample
from tests.edge.scripted import ScriptedSource

S = 1_000_000_000
R = TypeVar("R", bound=Record)


@dataclass
class Broker:
    """Stands where a SourceSetup stands: keeps every batch until it is acknowledged, and gives it again."""

    source: str = "door-1"
    driver: str = "mqtt"
    waiting: deque[Readings] = field(default_factory=deque)
    given: dict[int, Readings] = field(default_factory=dict)
    urgent: bool = True
    _context: Context | None = None

    def open(self, context: Context) -> Self:
        self._context = context
        self.waiting.extendleft(reversed(self.given.values()))
        self.given.clear()
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._context = None

    async def __aiter__(self) -> AsyncIterator[Readings]:
        while (context := self._context) is not None:
            for _ in range(min(4, len(self.waiting))):
                batch = self.waiting.popleft()
                self.given[id(batch)] = batch
                yield batch
                self._settle_later(context, batch)
            await asyncio.sleep(0.005)

    def _settle_later(self, context: Context, batch: Readings) -> None:
        assert context.settlement is not None
        newest_ns = max(int(c.t_ns.max()) for c in batch.kinds() if len(c))
        context.settlement.add(newest_ns, lambda: self._acknowledged(context, batch), urgent=self.urgent)

    def _acknowledged(self, context: Context, batch: Readings) -> None:
        if self._context is context:
            del self.given[id(batch)]


HALL = {"id": "hall", "kind": "cultural", "zone": "voiced", "capacity": 9000, "open": ["mon-sun 00:00-24:00"]}


def site() -> Site:
    return Site.model_validate(
        {
            "schema": 1,
            "site": {"id": "main", "timezone": "Asia/Shanghai"},
            "space": [
                {
                    "id": "hall",
                    "kind": "cultural",
                    "zone": "voiced",
                    "capacity": 9000,
                    "open": ["mon-sun 00:00-24:00"],
                }
            ],
            "door": [{"id": "door-1", "from": "outside", "to": "hall", "source": "door-1"}],
            "source": [{"id": "door-1", "driver": "mqtt", "space": "hall"}],
        }
    )


def daemon_of(folder: Path, broker: Broker | ScriptedSource) -> Daemon:
    folder.mkdir(exist_ok=True)
    table = {"state_dir": str(folder), "pipeline": {"window_s": 0.02, "tolerance_s": 0.01}}
    return build(site(), DaemonConfig.model_validate(table), [broker])  # type: ignore[list-item]


async def until_stopped(daemon: Daemon, seconds: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, stop.set)
    await asyncio.wait_for(daemon.run(stop), seconds + 8)


async def until_all_is_taken(daemon: Daemon, broker: Broker) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(daemon.run(stop))
    async with asyncio.timeout(20):
        while broker.waiting:
            await asyncio.sleep(0.01)
    stop.set()
    await running


async def until_killed(daemon: Daemon, broker: Broker, seconds: float, into: Path) -> Broker:
    """The outbox as a SIGKILL leaves it goes to `into`; what the broker will give again comes back."""
    running = asyncio.create_task(daemon.run(asyncio.Event()))
    await asyncio.sleep(seconds)
    again = Broker(waiting=deque([*broker.given.values(), *broker.waiting]), urgent=broker.urgent)
    into.mkdir()
    path = daemon.config.state_path("main") / "outbox.db"
    with closing(sqlite3.connect(path)) as now, closing(sqlite3.connect(into / "outbox.db")) as copy:
        now.backup(copy)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return again


def batches(n: int, start_ns: int) -> Iterator[Readings]:
    """So many people, five hundred a second, ten in a batch with a sample."""
    for first in range(0, n, 10):
        times = [start_ns + k * S // 500 for k in range(first, first + 10)]
        counts = [DoorCount(t_ns, "door-1", 1, 0) for t_ns in times]
        yield from_readings([*counts, RoomSample(times[0], "t", "people", float(first % 7))])


def records(folder: Path, kind: type[R]) -> list[R]:
    """Each record that ever went into the outbox, once."""
    with OutboxReader(folder / "outbox.db") as reader:
        found = {record for _, record in reader.rows() if isinstance(record, kind)}
    return sorted(found, key=lambda record: record.t_ns)


def people(folder: Path) -> int:
    return sum(flow.n_in for flow in records(folder, DoorFlowed))


@pytest.mark.parametrize("urgent", [True, False], ids=["at once", "every few seconds"])
async def test_kills_at_any_moment_lose_and_repeat_nobody(tmp_path: Path, urgent: bool) -> None:
    chance = Random(7)
    broker = Broker(urgent=urgent)
    start_ns = time.time_ns() - 70 * S  # one minute ends within
    broker.waiting.extend(batches(30_000, start_ns))
    folder = tmp_path / "0"
    for life in range(8):
        again = tmp_path / f"{life + 1}"
        broker = await until_killed(daemon_of(folder, broker), broker, chance.uniform(0.1, 0.5), again)
        folder = again
    await until_all_is_taken(daemon_of(folder, broker), broker)
    assert people(folder) == 30_000


async def test_stop_and_start_tell_everyone_once(tmp_path: Path) -> None:
    broker, start_ns = Broker(), time.time_ns() - 30 * S
    waiting = deque(batches(3_000, start_ns))
    for _ in range(3):
        broker.waiting.extend(waiting.popleft() for _ in range(100))
        await until_all_is_taken(daemon_of(tmp_path, broker), broker)
    assert people(tmp_path) == 3_000


async def test_what_is_given_again_though_it_was_used_is_not_counted_twice(tmp_path: Path) -> None:
    given = list(batches(500, time.time_ns() - 5 * S))
    for _ in range(2):
        broker = Broker(waiting=deque(given))
        await until_all_is_taken(daemon_of(tmp_path, broker), broker)
    assert people(tmp_path) == 500


async def test_hours_are_told_once(tmp_path: Path) -> None:
    """A stop does not cut them: what has begun goes on."""
    broker, start_ns = Broker(), time.time_ns() - 120 * S
    for _ in range(2):
        broker.waiting.extend(batches(10, start_ns))
        await until_stopped(daemon_of(tmp_path, broker), 0.3)
        start_ns += 60 * S
    assert len(records(tmp_path, SpaceUsed)) <= 1


@pytest.mark.parametrize("body", [b"no state", b"\x01 cut", b""], ids=["other form", "damaged", "none"])
async def test_state_that_cannot_be_read_is_put_aside(
    tmp_path: Path, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with Outbox(tmp_path / "outbox.db", OutboxOptions(), SystemClock()) as outbox:
        outbox.keep(NAME, body)
    broker = Broker(waiting=deque(batches(100, time.time_ns() - 5 * S)))
    daemon = daemon_of(tmp_path, broker)
    await until_stopped(daemon, 0.4)
    assert people(tmp_path) == 100
    assert daemon.keeper.set_aside == bool(body)
    assert sum("put aside" in line for line in caplog.messages) == bool(body)
    async with Outbox(tmp_path / "outbox.db", OutboxOptions(), SystemClock()) as outbox:
        assert await outbox.kept(ASIDE) == (body or None)


async def test_recordings_leave_no_state(tmp_path: Path) -> None:
    source = ScriptedSource("door-1", list(batches(100, time.time_ns() - 5 * S)))
    for _ in range(2):
        await daemon_of(tmp_path, source).run(asyncio.Event(), until_done=True)
    assert sum(flow.n_in for flow in records(tmp_path, DoorFlowed)) == 100
    async with Outbox(tmp_path / "outbox.db", OutboxOptions(), SystemClock()) as outbox:
        assert await outbox.kept(NAME) is None
