"""Reader, broker, database and daemon, each killed once: what was stored arrives, all of it."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest
from llrpkit.emulator.core import EmulatedTag
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from cloud_sync import schema
from edge.columns import from_readings
from edge.events import RECORD_TYPES, record_id
from edge.recording import lines_of
from edge.types import DoorCount, RoomSample
from tests.conftest import ROOT
from tests.edge.sensors.llrp.emulator import reader
from tests.real.influxd import ORG, TOKEN, Influxd
from tests.real.mosquitto import Mosquitto
from tests.real.process import free_port
from tests.sites import COUNTED_HALL

S = 1_000_000_000
MINUTES = 40
SPEED = 60
TAGS = ("E28011606000020D5F3A1B2C", "E28011606000020D5F3A1B2D")

SITE = (
    COUNTED_HALL
    + """[[source]]
id = "gate-1"
driver = "llrp"
space = "hall"
[source.options]
host = "127.0.0.1"
port = {reader_port}
[[source]]
id = "door-main"
driver = "replay"
[source.options]
recordings = ["{recording}"]
speed = {speed}
rebase = true
[[source]]
id = "co2-hall"
driver = "replay"
space = "hall"
"""
)

CONFIG = """node = "board-1"
state_dir = "{state}"
[mqtt]
port = {mqtt_port}
[influx]
url = "{influx_url}"
org = "{org}"
bucket = "{bucket}"
token_file = "{token_file}"
[board]
enabled = false
"""


class Subscriber:
    """Counts events by id, in a session that outlives its connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.ids: list[str] = []

    async def run(self) -> None:
        while True:
            with contextlib.suppress(aiomqtt.MqttError):
                await self._listen()
            await asyncio.sleep(0.2)

    async def _listen(self) -> None:
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 3600
        client = aiomqtt.Client(
            "127.0.0.1",
            self.port,
            identifier="lsp",
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=False,
            properties=properties,
        )
        async with client:
            await client.subscribe("lib/v1/main/+/event/#", qos=1)
            async for message in client.messages:
                self.ids.append(json.loads(bytes(message.payload))["id"])  # type: ignore[arg-type]


class DaemonProcess:
    """`edge run` as a person starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        arguments = ["--site", str(self.folder / "site.toml"), "--config", str(self.folder / "daemon.toml")]
        with (self.folder / "daemon.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "edge", "run", *arguments], stdout=log, stderr=log, cwd=ROOT
            )

    def stop(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(30)


@pytest.fixture
async def subscriber(broker: Mosquitto) -> AsyncIterator[Subscriber]:
    found = Subscriber(broker.port)
    task = asyncio.create_task(found.run())
    yield found
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.fixture
def broker(tmp_path: Path) -> Mosquitto:
    settings = ("allow_anonymous true", "persistence true", "autosave_on_changes true", "autosave_interval 1")
    (tmp_path / "broker").mkdir()
    found = Mosquitto(tmp_path / "broker", settings)
    found.start()
    return found


@pytest.fixture
def database(tmp_path: Path) -> Influxd:
    """A server of its own: this test kills it."""
    found = Influxd(tmp_path)
    found.start()
    found.set_up()
    found.new_bucket("killed")
    return found


def write_files(folder: Path, reader_port: int, broker: Mosquitto, database: Influxd) -> None:
    readings = [DoorCount(60 * m * S, "door-main", 3, 2) for m in range(MINUTES)]
    samples = [RoomSample(60 * m * S + 1, "co2-hall", "co2_ppm", 500.0 + m) for m in range(MINUTES)]
    recording = folder / "day.jsonl"
    recording.write_bytes(b"".join(lines_of(from_readings([*readings, *samples]))))
    (folder / "site.toml").write_text(SITE.format(reader_port=reader_port, recording=recording, speed=SPEED))
    (folder / "token").write_text(TOKEN)
    (folder / "token").chmod(0o600)
    where = {"state": folder, "mqtt_port": broker.port, "influx_url": database.url}
    account = {"org": ORG, "bucket": "killed", "token_file": folder / "token"}
    (folder / "daemon.toml").write_text(CONFIG.format(**where, **account))


async def run_with_everything_killed_once(
    folder: Path, reader_port: int, daemon: DaemonProcess, broker: Mosquitto, database: Influxd
) -> None:
    tags = [EmulatedTag(epc=bytes.fromhex(epc)) for epc in TAGS]
    async with reader(reader_port, tags=tags):
        daemon.start()
        await asyncio.sleep(8)
    await asyncio.to_thread(broker.kill)
    await asyncio.sleep(3)
    await asyncio.to_thread(broker.start)
    async with reader(reader_port, tags=tags):
        await asyncio.to_thread(database.kill)
        await asyncio.sleep(4)
        await asyncio.to_thread(database.start)
        await asyncio.to_thread(daemon.stop, signal.SIGKILL)
        daemon.start()
        await asyncio.sleep(12)
        await asyncio.to_thread(daemon.stop, signal.SIGTERM)
    # Whatever waited for a sink that was away has its time at the next start.
    daemon.start()
    await asyncio.sleep(6)
    await asyncio.to_thread(daemon.stop, signal.SIGTERM)


def stored(folder: Path) -> list[dict[str, object]]:
    """Every record that the daemon committed: what it promised to deliver."""
    command = [sys.executable, "-m", "edge", "outbox", "export", "--path", str(folder / "outbox.db")]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
    return [json.loads(line) for line in done.stdout.splitlines()]


def event_id(line: dict[str, object]) -> str:
    fields = {key: value for key, value in line.items() if key not in ("seq", "type")}
    return record_id("main", "board-1", RECORD_TYPES[str(line["type"])](**fields))


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.timeout(180)
async def test_what_was_stored_arrives_whoever_was_killed(
    tmp_path: Path, broker: Mosquitto, database: Influxd, subscriber: Subscriber
) -> None:
    daemon, reader_port = DaemonProcess(tmp_path), free_port()
    write_files(tmp_path, reader_port, broker, database)
    try:
        await run_with_everything_killed_once(tmp_path, reader_port, daemon, broker, database)
        records = stored(tmp_path)
        points = {kind: len(database.points(kind, "killed")) for kind in ("door", "room", "space")}
    finally:
        broker.stop()
        database.stop()

    kinds = set(schema.EVENT_TYPES) - {"space.occupancy"}
    promised = {event_id(line) for line in records if line["type"] in kinds}
    by_type = {kind: sum(line["type"] == kind for line in records) for kind in RECORD_TYPES}
    assert promised <= set(subscriber.ids), (tmp_path / "daemon.log").read_text()[-2000:]
    assert by_type["item.returned"] >= len(TAGS)
    assert by_type["door.flow"] >= 10
    assert points["room"] >= by_type["room.measured"] > 10
