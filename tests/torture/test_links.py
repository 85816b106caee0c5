"""Bad links and servers that come and go: every event at a real subscriber and in a real database.

Events are numbered. At the end each number must have reached the subscriber and the database, and, after the
repeats are taken out by id, once.
"""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt
import pytest

from cloud_sync.influx import InfluxSink
from cloud_sync.mqtt import MqttSink
from cloud_sync.options import InfluxOptions, MqttOptions, OutboxOptions, WorkerOptions
from cloud_sync.outbox import Outbox
from cloud_sync.worker import Worker
from edge.clock import SystemClock
from tests.cloud_sync.records import misplaced
from tests.real.influxd import BUCKET, ORG, TOKEN, Influxd
from tests.real.mosquitto import Mosquitto
from tests.real.toxiproxy import Toxiproxy
from tests.torture import rounds

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(1200)]
FAULTS = rounds(8, 120)
IN_TWO_SECONDS = WorkerOptions(first_retry_s=0.1, longest_retry_s=1.0, backlog_per_s=20_000)


@dataclass
class FarEnd:
    """A subscriber with a persistent session, behind no bad link."""

    port: int
    ids: Counter[str] = field(default_factory=Counter)
    numbers: dict[str, int] = field(default_factory=dict)
    replayed: int = 0

    async def listen(self) -> None:
        while True:
            with suppress(aiomqtt.MqttError):
                async with aiomqtt.Client(
                    "127.0.0.1", self.port, identifier="far-end", clean_session=False
                ) as client:
                    await client.subscribe("lib/v1/+/+/event/#", qos=1)
                    async for message in client.messages:
                        self._take(message)
            await asyncio.sleep(0.05)

    def _take(self, message: aiomqtt.Message) -> None:
        event = json.loads(message.payload)
        if "barcode" not in event["data"]:
            return
        self.ids[event["id"]] += 1
        self.numbers[event["id"]] = int(event["data"]["barcode"])
        self.replayed += event.get("replayed", False)


@asynccontextmanager
async def chain(folder: Path, mqtt_port: int, influx_url: str) -> AsyncIterator[Outbox]:
    """Outbox, workers and sinks as the daemon has them."""
    token = folder / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    clock = SystemClock()
    sinks = [
        MqttSink(
            MqttOptions(port=mqtt_port, ack_timeout_s=1.0, connect_timeout_s=2.0),
            clock, site="main", node="n1", version="0", boot_id="b",
        ),
        InfluxSink(
            InfluxOptions(url=influx_url, org=ORG, bucket=BUCKET, token_file=str(token), timeout_s=2.0),
            clock, site="main", node="n1",
        ),
    ]  # fmt: skip
    async with Outbox(folder / "o.db", OutboxOptions(), clock, [sink.name for sink in sinks]) as box:
        workers = [Worker(box, sink, clock, IN_TWO_SECONDS) for sink in sinks]
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        yield box
        for worker in workers:
            worker.stop()
        await asyncio.wait(tasks, timeout=20)
        for task in tasks:
            task.cancel()


@pytest.fixture
def influx(tmp_path: Path) -> Influxd:
    folder = tmp_path / "influx-server"
    folder.mkdir()
    server = Influxd(folder)
    server.start()
    server.set_up()
    return server


@pytest.fixture
def broker(tmp_path: Path) -> Mosquitto:
    """It keeps what it acknowledged: what it loses itself is not ours to answer for."""
    folder = tmp_path / "broker"
    folder.mkdir()
    keeps = ["persistence true", "autosave_on_changes true", "autosave_interval 1"]
    server = Mosquitto(folder, ["allow_anonymous true", *keeps])
    server.start()
    return server


async def test_no_fault_of_links_or_servers_loses_an_event(
    tmp_path: Path, toxiproxy: Toxiproxy, broker: Mosquitto, influx: Influxd
) -> None:
    mqtt_port = toxiproxy.link("mqtt", broker.port)
    influx_port = toxiproxy.link("influx", influx.port)
    far_end = FarEnd(broker.port)
    listener = asyncio.create_task(far_end.listen())
    await asyncio.sleep(0.5)
    put, luck = 0, random.Random(5)
    faults = _faults(toxiproxy, broker, influx)
    try:
        async with chain(tmp_path, mqtt_port, f"http://127.0.0.1:{influx_port}") as box:
            for n in range(FAULTS):
                do, undo = faults[n % len(faults)]
                await asyncio.to_thread(do)
                until = time.monotonic() + luck.uniform(0.5, 2.0)
                while time.monotonic() < until:
                    box.put([misplaced(put + k) for k in range(20)])
                    put += 20
                    await asyncio.sleep(0.02)
                await asyncio.to_thread(undo)
            await box.committed()
            await drained(box)
            for _ in range(100):
                if len(far_end.ids) >= put:
                    break
                await asyncio.sleep(0.1)
            stats = box.stats()
        stored = Counter(int(row["item"]) for row in influx.points("item"))
    finally:
        listener.cancel()
        broker.stop()
        influx.stop()
    everything = set(range(put))
    assert set(far_end.numbers.values()) == everything
    assert len(far_end.ids) == put, "the same event under two ids"
    assert set(stored) == everything
    assert max(stored.values()) == 1
    assert all(not sink.dropped and not sink.dead for sink in stats.sinks.values())
    repeats = sum(far_end.ids.values()) - put
    print(f"{FAULTS} faults, {put} events, 0 lost, {repeats} repeats, {far_end.replayed} replayed")


async def drained(box: Outbox) -> None:
    async with asyncio.timeout(rounds(120, 900)):
        while True:
            await box._commit()
            if not any(sink.depth for sink in box.stats().sinks.values()):
                return
            await asyncio.sleep(0.2)


Step = Callable[[], object]


def _faults(proxy: Toxiproxy, broker: Mosquitto, influx: Influxd) -> list[tuple[Step, Step]]:
    """What is done to the world, and how it is undone."""

    def toxic(kind: str, stream: str, **attributes: float) -> Step:
        return lambda: [proxy.poison(link, kind, stream, **attributes) for link in ("mqtt", "influx")]

    def cured() -> None:
        for link in ("mqtt", "influx"):
            proxy.cure(link)

    def cut() -> None:
        for link in ("mqtt", "influx"):
            proxy.cut(link)

    return [
        (cut, cured),
        (broker.kill, broker.start),
        (toxic("latency", "downstream", latency=200, jitter=100), cured),
        (influx.kill, influx.start),
        # Half-open: bytes vanish, nobody says goodbye.
        (toxic("timeout", "downstream", timeout=0), cured),
        (toxic("reset_peer", "downstream", timeout=100), cured),
        (toxic("slicer", "upstream", average_size=7, size_variation=3, delay=50), cured),
        (toxic("bandwidth", "upstream", rate=20), cured),
        (broker.freeze, broker.thaw),
        (toxic("limit_data", "upstream", bytes=3000), cured),
    ]
