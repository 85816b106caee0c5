"""The MQTT driver against a real mosquitto."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiomqtt
import pytest

from edge.clock import SystemClock
from edge.columns import Readings, concat_readings
from edge.counters import Counters
from edge.errors import DeviceUnavailable
from edge.sensors.driver import Context, Driver
from edge.sensors.mqtt.config import Options
from edge.sensors.mqtt.driver import open_driver
from edge.sensors.mqtt.link import NoAnswer
from edge.sensors.settlement import Settlement
from edge.supervise import BackOff, supervise
from tests.contracts.driver import DriverContract
from tests.readings import tag_line
from tests.real.mosquitto import Mosquitto

pytestmark = pytest.mark.real

OURS = [{"filter": "lib/readings/#"}]


def options(port: int, **more: object) -> Options:
    return Options.model_validate({"port": port, "topics": OURS, "connect_s": 2.0, "batch_s": 0.01} | more)


def opened(
    broker: Mosquitto, counters: Counters | None = None, settlement: Settlement | None = None, **more: object
) -> Driver:
    context = Context("broker", SystemClock(), counters or Counters(), settlement)
    return open_driver(context, options(broker.port, **more))


@asynccontextmanager
async def publisher(broker: Mosquitto) -> AsyncIterator[Callable[..., Awaitable[None]]]:
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:

        async def publish(
            payload: bytes, topic: str = "lib/readings/a", qos: int = 1, retain: bool = False
        ) -> None:
            await client.publish(topic, payload, qos, retain)

        yield publish


async def some_of(driver: Driver, n: int) -> Readings:
    """At least n readings of a driver that is open already."""
    parts: list[Readings] = []
    async with asyncio.timeout(10):
        async for readings in driver:
            parts.append(readings)
            if sum(map(len, parts)) >= n:
                break
    return concat_readings(parts)


async def session(broker: Mosquitto) -> None:
    """Leave a session behind, as an earlier run does."""
    async with opened(broker):
        pass


class TestMqtt(DriverContract):
    name = "mqtt"

    @pytest.fixture
    async def driver(self, mosquitto: Mosquitto) -> Driver:
        await session(mosquitto)
        async with publisher(mosquitto) as publish:
            for n in range(10):
                await publish(tag_line(n))
        return opened(mosquitto)


@pytest.mark.parametrize("protocol", ["auto", "5", "3.1.1"])
async def test_readings_come_one_or_a_list_to_a_message(mosquitto: Mosquitto, protocol: str) -> None:
    async with opened(mosquitto, protocol=protocol) as driver, publisher(mosquitto) as publish:
        await publish(tag_line(0))
        await publish(b"[" + tag_line(1) + b"," + tag_line(2) + b"]", "lib/readings/b/c", qos=0)
        readings = await some_of(driver, 3)
    assert len(readings.tags) == 3


async def test_malformed_messages_are_counted_and_harm_nothing_beside_them(mosquitto: Mosquitto) -> None:
    counters = Counters()
    async with opened(mosquitto, counters, max_payload_bytes=1000) as driver, publisher(mosquitto) as publish:
        for payload in (b"", b"nonsense", b"\xff", b"[1, 2]", b" " * 1001, tag_line()):
            await publish(payload)
        readings = await some_of(driver, 1)
    assert len(readings) == 1
    assert (counters.received, counters.malformed) == (6, 6)


async def test_foreign_payload_is_mapped_and_a_retained_one_passed_over(mosquitto: Mosquitto) -> None:
    topics = [{"filter": "zigbee2mqtt/+", "values": [{"path": "co2", "quantity": "co2_ppm"}]}]
    async with publisher(mosquitto) as publish:
        await publish(b'{"co2": 999}', "zigbee2mqtt/old", retain=True)
        async with opened(mosquitto, topics=topics) as driver:
            await publish(b'{"co2": 417}', "zigbee2mqtt/Room 1")
            rooms = (await some_of(driver, 1)).rooms
    assert (rooms.sources, rooms.quantities, rooms.value.tolist()) == (("room-1",), ("co2_ppm",), [417.0])


async def test_what_comes_while_we_are_away_is_kept(mosquitto: Mosquitto) -> None:
    await session(mosquitto)
    async with publisher(mosquitto) as publish:
        for n in range(2000):
            await publish(tag_line(n))
    async with opened(mosquitto) as driver:
        readings = await some_of(driver, 2000)
    assert len(set(readings.tags.t_ns.tolist())) == 2000


async def test_only_what_is_safe_is_acknowledged(mosquitto: Mosquitto) -> None:
    settlement = Settlement()
    async with opened(mosquitto, settlement=settlement) as driver, publisher(mosquitto) as publish:
        taken: list[Readings] = []
        task = asyncio.create_task(take_all(driver, taken))
        for n in range(300):
            await publish(tag_line(n))
        await until(lambda: sum(map(len, taken)) == 300 and len(settlement) == len(taken) > 2)
        newest_ns = [int(readings.tags.t_ns.max()) for readings in taken]
        settlement.settle(settlement.mark(), newest_ns[1] + 1)
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with opened(mosquitto) as driver:
        again = await some_of(driver, 300 - sum(map(len, taken[:2])))
    assert again.tags.t_ns.min() > newest_ns[1]
    assert again.tags.t_ns.max() == newest_ns[-1]


async def test_many_unacknowledged_messages_do_not_stop_the_flow(mosquitto: Mosquitto) -> None:
    async with opened(mosquitto, settlement=Settlement()) as driver, publisher(mosquitto) as publish:
        for n in range(1500):
            await publish(tag_line(n))
        assert len(await some_of(driver, 1500)) == 1500


async def test_overload_at_qos_0_is_counted(mosquitto: Mosquitto) -> None:
    counters = Counters()
    async with opened(mosquitto, counters, waiting=100) as driver, publisher(mosquitto) as publish:
        for n in range(1000):
            await publish(tag_line(n), qos=0)
        await asyncio.sleep(0.5)
        readings = await some_of(driver, 100)
    assert len(readings) + counters.dropped == 1000
    assert counters.received == counters.dropped


async def test_killed_broker_is_found_again(mosquitto: Mosquitto) -> None:
    taken: list[Readings] = []

    async def take(readings: Readings) -> None:
        taken.append(readings)

    back_off = BackOff(first_s=0.05, longest_s=0.2)
    task = asyncio.create_task(supervise("broker", lambda: opened(mosquitto), take, back_off=back_off))
    async with asyncio.timeout(20):
        for n in range(2):
            while len(taken) <= n:
                async with publisher(mosquitto) as publish:
                    await publish(tag_line(n))
                await asyncio.sleep(0.05)
            mosquitto.kill()
            await asyncio.sleep(0.1)
            mosquitto.start()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_broker_that_is_not_there_is_unavailable(mosquitto: Mosquitto) -> None:
    mosquitto.stop()
    with pytest.raises(DeviceUnavailable, match="mqtt: "):
        async with opened(mosquitto):
            pass


async def take_all(driver: Driver, taken: list[Readings]) -> None:
    """As the daemon does it: every batch is taken, and the next one asked for."""
    async for readings in driver:
        taken.append(readings)  # noqa: PERF401 - seen by the test while it goes on


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def answering(connack: bytes) -> AsyncIterator[tuple[int, list[int]]]:
    """A broker that says one thing to every CONNECT: its port, and the protocol levels it was asked for."""
    levels: list[int] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connect = await reader.read(1024)
        levels.append(connect[connect.index(b"MQTT") + 4])
        writer.write(connack)
        try:
            await reader.read()
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], levels
    await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("connack", "asked"),
    [
        (b"\x20\x02\x00\x01", [5, 4]),
        (b"\x20\x03\x00\x84\x00", [5, 4]),
        (b"", [5, 4]),
        (b"\x20\x03\x00\x86\x00", [5]),
        (b"\x20\x03\x00\x88\x00", [5]),
    ],
    ids=["version", "version, in MQTT 5", "silence", "password", "busy"],
)
async def test_only_who_knows_no_mqtt_5_is_asked_for_the_old_one(connack: bytes, asked: list[int]) -> None:
    async with answering(connack) as (port, levels):
        context = Context("broker", SystemClock())
        with pytest.raises(DeviceUnavailable):
            await open_driver(context, options(port, connect_s=0.3)).__aenter__()
        assert levels == asked


async def test_nobody_there_is_asked_once() -> None:
    context = Context("broker", SystemClock())
    with pytest.raises(DeviceUnavailable) as failed:
        await open_driver(context, options(1)).__aenter__()
    assert not isinstance(failed.value, NoAnswer)
