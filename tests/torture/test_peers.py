"""Three faults that other agents lose thousands of readings by: killed, output down, both.

Door counts of one person each come over MQTT at QoS 1, 500 a second, and every one is acknowledged to whoever
sent it. At the end the people in the door flows at the subscriber are as many as were sent.
"""

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import aiomqtt
import pytest

from tests.conftest import ROOT
from tests.real.mosquitto import Mosquitto
from tests.sites import COUNTED_HALL
from tests.torture import is_full, rounds

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(600)]
PER_S = 500
SECONDS = rounds(20, 60)
DOWN_S = rounds(8, 30)
KEEPS = ("allow_anonymous true", "persistence true", "autosave_on_changes true", "autosave_interval 1")

SITE = (
    COUNTED_HALL
    + """[[source]]
id = "door-main"
driver = "mqtt"
space = "hall"
[source.options]
port = {port}
[[source.options.topics]]
filter = "lib/v1/main/+/reading/#"
"""
)
CONFIG = """node = "n1"
state_dir = "{state}"
[mqtt]
port = {port}
[board]
enabled = false
"""


class Edge:
    """`edge run` as a person starts it."""

    def __init__(self, folder: Path, inner: Mosquitto, outer: Mosquitto) -> None:
        self.folder = folder
        (folder / "site.toml").write_text(SITE.format(port=inner.port))
        (folder / "daemon.toml").write_text(CONFIG.format(state=folder / "state", port=outer.port))

    def start(self) -> None:
        words = ["run", "--site", "site.toml", "--config", "daemon.toml"]
        with (self.folder / "daemon.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "edge", *words],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(self.folder)},
            )

    def stop(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(60)


async def send(port: int) -> int:
    """Door counts at a steady rate, each acknowledged by the broker; how many."""
    n, started = 0, time.monotonic()
    async with aiomqtt.Client("127.0.0.1", port, timeout=60, max_inflight_messages=200) as client:
        client.pending_calls_threshold = 100_000
        while time.monotonic() - started < SECONDS:
            due = int((time.monotonic() - started) * PER_S)
            lines = [
                {"kind": "door", "t_ns": time.time_ns(), "source": "door-main", "in": 1, "out": 0}
                for _ in range(due - n)
            ]
            await asyncio.gather(
                *(client.publish("lib/v1/main/door/reading/x", json.dumps(line), qos=1) for line in lines)
            )
            n += len(lines)
            await asyncio.sleep(0.02)
    return n


async def people(port: int, settled_s: float = 5.0) -> int:
    """The people in all door flows that the subscriber's session has, each event once."""
    flows: dict[str, int] = {}
    async with aiomqtt.Client("127.0.0.1", port, identifier="far-end", clean_session=False) as client:
        await client.subscribe("lib/v1/+/+/event/door.flow", qos=1)
        while True:
            try:
                async with asyncio.timeout(settled_s):
                    event = json.loads((await anext(client.messages)).payload)
            except TimeoutError:
                return sum(flows.values())
            flows[event["id"]] = event["data"]["n_in"]


IN_A_NIGHT = pytest.mark.skipif(not is_full(), reason="takes minutes: make torture")


@pytest.mark.parametrize(
    "fault",
    [
        "output down",
        "killed",
        pytest.param("both", marks=IN_A_NIGHT),
    ],
)
async def test_no_acknowledged_reading_is_lost(tmp_path: Path, fault: str) -> None:
    brokers = []
    for name in ("inner", "outer"):
        (tmp_path / name).mkdir()
        # The inner one lives through it all; the outer one is killed, and must keep what it acknowledged.
        brokers.append(Mosquitto(tmp_path / name, KEEPS if name == "outer" else KEEPS[:1]))
        brokers[-1].start()
    inner, outer = brokers
    await people(outer.port, 0.2)
    edge = Edge(tmp_path, inner, outer)
    edge.start()
    await asyncio.sleep(6)
    sending = asyncio.create_task(send(inner.port))
    try:
        await asyncio.sleep(SECONDS / 4)
        if fault != "killed":
            await asyncio.to_thread(outer.kill)
            await asyncio.sleep(DOWN_S / 2)
        if fault != "output down":
            await asyncio.to_thread(edge.stop, signal.SIGKILL)
            await asyncio.sleep(3)
            edge.start()
        if fault != "killed":
            await asyncio.sleep(DOWN_S / 2)
            await asyncio.to_thread(outer.start)
        sent = await sending
        await asyncio.sleep(10)
        await asyncio.to_thread(edge.stop, signal.SIGTERM)
        # What was still on its way at the end goes out at the next start.
        edge.start()
        await asyncio.sleep(10)
        await asyncio.to_thread(edge.stop, signal.SIGTERM)
        arrived = await people(outer.port)
    finally:
        sending.cancel()
        for broker in brokers:
            broker.stop()
    print(f"{fault}: {sent} sent, {arrived} arrived")
    assert arrived == sent
