"""The daemon on a broker: a stop and a start count every reading once, a crash loses none."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import aiomqtt
import pytest

from edge.compose import build
from edge.config import Site
from edge.daemon import Daemon
from edge.daemon_config import DaemonConfig
from edge.drivers import SourceSetup
from edge.sensors.mqtt.config import Options
from tests.readings import line
from tests.real.mosquitto import Mosquitto

pytestmark = pytest.mark.real

COUNTS = 100
OURS = ({"filter": "doors"},)
S = 1_000_000_000
T0 = 1_790_000_040 * S


def daemon_of(folder: Path, port: int, topics: Sequence[object] = OURS) -> Daemon:
    site = Site.model_validate(
        {
            "schema": 1,
            "site": {"id": "main", "timezone": "Asia/Shanghai"},
            "source": [{"id": "broker", "driver": "mqtt"}, {"id": "door-1", "driver": "mqtt"}],
        }
    )
    options = Options.model_validate({"port": port, "topics": list(topics), "batch_s": 0.01})
    config = DaemonConfig.model_validate({"state_dir": str(folder), "pipeline": {"window_s": 0.05}})
    return build(site, config, [SourceSetup("broker", "mqtt", options)])


async def publish(port: int, numbers: range) -> None:
    async with aiomqtt.Client("127.0.0.1", port) as client:
        for n in numbers:
            count = line(kind="door", t_ns=T0 + n * S, source="door-1", **{"in": 1, "out": 0})
            await client.publish("doors", count, 1)


async def until_received(daemon: Daemon, n: int) -> None:
    async with asyncio.timeout(10):
        while daemon.pipeline.counters["door-1"].received < n:
            await asyncio.sleep(0.01)


async def test_stop_and_start_count_every_reading_once(mosquitto: Mosquitto, tmp_path: Path) -> None:
    used = 0
    for part in (range(0), range(COUNTS), range(COUNTS, 2 * COUNTS), range(0)):
        daemon, stop = daemon_of(tmp_path / "state", mosquitto.port), asyncio.Event()
        running = asyncio.create_task(daemon.run(stop))
        await asyncio.sleep(0.3)
        await publish(mosquitto.port, part)
        await until_received(daemon, len(part))
        stop.set()
        await running
        used += daemon.pipeline.counters["door-1"].used
    assert used == 2 * COUNTS


async def test_crash_gives_back_what_was_not_on_disk(mosquitto: Mosquitto, tmp_path: Path) -> None:
    first = daemon_of(tmp_path / "state", mosquitto.port)
    crashed = asyncio.create_task(first.run(asyncio.Event()))
    await asyncio.sleep(0.3)
    await publish(mosquitto.port, range(COUNTS))
    await until_received(first, 1)
    crashed.cancel()
    await asyncio.gather(crashed, return_exceptions=True)
    second, stop = daemon_of(tmp_path / "state", mosquitto.port), asyncio.Event()
    running = asyncio.create_task(second.run(stop))
    async with asyncio.timeout(10):
        while first.pipeline.counters["door-1"].used + second.pipeline.counters["door-1"].received < COUNTS:
            await asyncio.sleep(0.01)
    stop.set()
    await running


async def test_running_totals_go_on_over_a_restart(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """Who came while the daemon was down is counted by the next total."""
    values = [{"path": "total", "quantity": "in_total", "source": "door-1"}]
    topics = [{"filter": "doors", "values": values}]
    found: list[int] = []
    for total in (1000, 1007, 1020):
        daemon, stop = daemon_of(tmp_path / "state", mosquitto.port, topics=topics), asyncio.Event()
        daemon.taps.append(lambda readings: found.extend(readings.doors.n_in.tolist()))
        running = asyncio.create_task(daemon.run(stop))
        await asyncio.sleep(0.4)
        async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
            for more in (0, 3):
                await client.publish("doors", f'{{"total": {total + more}}}', 1)
                await asyncio.sleep(0.2)
        stop.set()
        await running
    assert found == [3, 4, 3, 10, 3]
