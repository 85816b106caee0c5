"""Broker and database come back with nothing of what they kept: states are there again, and so is history.

What the broker had acknowledged and not yet passed on is the broker's loss; what we have not had acknowledged
goes out when it is back, states are published anew, and the outbox sends the database again what it lost.
"""

import asyncio
import shutil
import time
from dataclasses import replace
from pathlib import Path

import aiomqtt
import pytest

from cloud_sync.outbox.reader import OutboxReader
from cloud_sync.outbox.requests import Request
from cloud_sync.schema import space_topic, status_topic
from tests.cloud_sync.records import misplaced, occupied
from tests.real.influxd import Influxd
from tests.real.mosquitto import Mosquitto
from tests.real.toxiproxy import Toxiproxy
from tests.torture import rounds
from tests.torture.test_links import FarEnd, chain, drained
from tests.torture.test_links import broker as broker
from tests.torture.test_links import influx as influx

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(600)]
TIMES = rounds(1, 10)
EVENTS = 300


async def test_broker_and_database_lose_all_they_kept(
    tmp_path: Path, toxiproxy: Toxiproxy, broker: Mosquitto, influx: Influxd
) -> None:
    far_end = FarEnd(broker.port)
    listener = asyncio.create_task(far_end.listen())
    put = EVENTS
    try:
        await asyncio.sleep(0.5)
        async with chain(tmp_path, toxiproxy.link("mqtt", broker.port), influx.url) as box:
            box.put([replace(occupied(0), t_ns=time.time_ns()), *(misplaced(n) for n in range(put))])
            for _ in range(TIMES):
                await box.committed()
                await drained(box)
                await came(far_end, put)
                toxiproxy.cut("mqtt")
                await asyncio.to_thread(forget, broker, influx)
                box.put([misplaced(put + n) for n in range(EVENTS)])
                put += EVENTS
                await asyncio.to_thread(begin_anew, broker, influx)
                await asyncio.sleep(1)  # the subscriber's session was lost as well
                toxiproxy.cut("mqtt", up=True)
            await drained(box)
            await came(far_end, put)
            retained = await kept(broker.port)
            since = {int(row["item"]) for row in influx.points("item")}
            with OutboxReader(tmp_path / "o.db") as reader:
                reader.ask(Request("replay", "influx"))
            await drained(box)
            everything = {int(row["item"]) for row in influx.points("item")}
    finally:
        listener.cancel()
        broker.stop()
        influx.stop()
    assert set(far_end.numbers.values()) == set(range(put))
    assert {space_topic("main", "n1", "reading"), status_topic("main", "n1")} <= retained
    assert since >= set(range(put - EVENTS, put))
    assert everything == set(range(put))
    print(f"{TIMES} times, {put} events, 0 lost, states kept anew, {put - len(since)} points sent again")


def forget(broker: Mosquitto, influx: Influxd) -> None:
    broker.kill()
    influx.kill()
    (broker.folder / "mosquitto.db").unlink(missing_ok=True)
    shutil.rmtree(influx.folder / "influx")


def begin_anew(broker: Mosquitto, influx: Influxd) -> None:
    influx.start()
    influx.set_up()
    broker.start()


async def came(far_end: FarEnd, n: int) -> None:
    async with asyncio.timeout(30):
        while len(far_end.numbers) < n:
            await asyncio.sleep(0.05)


async def kept(port: int) -> set[str]:
    """The topics that have a retained message."""
    found = set()
    async with aiomqtt.Client("127.0.0.1", port) as client:
        await client.subscribe("lib/v1/#")
        while True:
            try:
                async with asyncio.timeout(1):
                    message = await anext(client.messages)
            except TimeoutError:
                return found
            found |= {str(message.topic)} if message.retain else set()
