"""A wall clock that is set by years while the daemon runs: nobody is lost, and nothing is of a wrong year."""

import asyncio
from pathlib import Path

import pytest

from edge.clock import ManualClock
from edge.columns import from_readings
from edge.compose import build
from edge.daemon import Daemon
from edge.daemon_config import DaemonConfig
from edge.events import DoorFlowed
from edge.types import DoorCount
from tests.edge.test_keeping import Broker, people, records, site

S = 1_000_000_000
YEAR = 365 * 86_400 * S
NOW = 1_790_000_040 * S
COUNTS = 300


def daemon_of(folder: Path, broker: Broker, clock: ManualClock) -> Daemon:
    table = {"state_dir": str(folder), "pipeline": {"window_s": 0.02}}
    return build(site(), DaemonConfig.model_validate(table), [broker], clock=clock)  # type: ignore[list-item]


async def counted(broker: Broker, clock: ManualClock) -> None:
    """Five minutes by that clock, a person a second, in two seconds of ours."""
    for _ in range(COUNTS // 10):
        batch: list[DoorCount] = []
        for _ in range(10):
            clock.advance(S)
            batch.append(DoorCount(clock.wall_ns(), "door-1", 1, 0))
        broker.waiting.append(from_readings(batch))
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "times",
    [(NOW, NOW + 3 * YEAR, NOW), (NOW, NOW - YEAR, NOW), (5 * S, NOW)],
    ids=["years ahead and back", "a year back and on", "no clock chip"],
)
async def test_nobody_is_lost_and_nothing_is_of_a_wrong_year(tmp_path: Path, times: tuple[int, ...]) -> None:
    broker, clock = Broker(), ManualClock(times[0])
    stop = asyncio.Event()
    running = asyncio.create_task(daemon_of(tmp_path, broker, clock).run(stop))
    for n, t_ns in enumerate(times):
        clock.jump(t_ns + n * 3600 * S)
        await counted(broker, clock)
    clock.advance(2 * S)
    await asyncio.sleep(0.2)
    stop.set()
    await running
    assert people(tmp_path) == COUNTS * len(times)
    for flow in records(tmp_path, DoorFlowed):
        assert min(abs(flow.t_ns - t_ns - n * 3600 * S) for n, t_ns in enumerate(times)) < 900 * S


async def test_state_of_a_later_time_holds_nothing_up_at_a_boot_without_a_clock(tmp_path: Path) -> None:
    for start_ns in (NOW, 5 * S):
        broker, clock, stop = Broker(), ManualClock(start_ns), asyncio.Event()
        running = asyncio.create_task(daemon_of(tmp_path, broker, clock).run(stop))
        await counted(broker, clock)
        stop.set()
        await running
    assert people(tmp_path) == 2 * COUNTS
