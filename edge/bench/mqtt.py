"""End to end over a broker on loopback, as the peers were measured: W1 filter, W2 presence.

The CPU time is this process's, from the socket on; the publisher is a process of its own. All at QoS 1, each
message acknowledged by hand once it is taken.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

import aiomqtt

from cloud_sync.mqtt import MqttSink
from cloud_sync.options import MqttOptions
from cloud_sync.sink import Batch, Entry
from edge.bench.decode import IN_A_LIST, tag_json
from edge.bench.figure import Figure, of_seconds
from edge.broker import own_broker
from edge.clock import SystemClock
from edge.events import Record, SpaceNoiseChanged
from edge.fusion.presence import Presence
from edge.fusion.window import Window
from edge.pipeline import Pipeline
from edge.sensors.driver import Context
from edge.sensors.mqtt.config import Options
from edge.sensors.mqtt.driver import open_driver
from edge.supervise import supervise

TAG_READS: Final = 500_000
MESSAGES: Final = 40_000
THRESHOLD_DBA: Final = 50.0

PassOn = Callable[[Window], Awaitable[object]]


def run() -> Iterator[Figure]:
    for in_a_list, n in ((IN_A_LIST, TAG_READS), (1, MESSAGES)):
        cpu_s = asyncio.run(_measured("tags", n, in_a_list))
        yield of_seconds("mqtt", f"W2: tags to presence, {in_a_list} a message", "reads", n, cpu_s)
    cpu_s = asyncio.run(_measured("rooms", MESSAGES, 1))
    yield of_seconds("mqtt", "W1: rooms, half pass, out again", "messages", MESSAGES, cpu_s)


async def publish(port: int, kind: str, n: int, in_a_list: int) -> None:
    """All readings, two hundred messages at a time."""
    payload = _tags if kind == "tags" else _room
    async with aiomqtt.Client("127.0.0.1", port, max_inflight_messages=1000) as client:
        client.pending_calls_threshold = 1000
        for start in range(0, n, 200 * in_a_list):
            stop = min(start + 200 * in_a_list, n)
            batch = [payload(place, in_a_list) for place in range(start, stop, in_a_list)]
            await asyncio.gather(*(client.publish("bench/readings", each, 1) for each in batch))


def _tags(place: int, n: int) -> bytes:
    return b"[" + b",".join(tag_json(place + k) for k in range(n)) + b"]" if n > 1 else tag_json(place)


def _room(place: int, n: int) -> bytes:
    t_ns, value = time.time_ns(), 40.0 + 20.0 * (place % 2)
    return b'{"kind":"room","t_ns":%d,"source":"sound-1","quantity":"sound_dba","value":%.1f}' % (t_ns, value)


async def _measured(kind: str, n: int, in_a_list: int) -> float:
    """CPU seconds from the first byte to the last window, and in W1 to the last acknowledgement."""
    async with own_broker() as broker:
        options = MqttOptions(host=broker.host, port=broker.port)
        sink = MqttSink(options, SystemClock(), site="bench", node="bench", version="0", boot_id="0")
        presence = Presence()

        async def pass_on(window: Window) -> None:
            presence.step(window)
            await _tell_loud(sink, window)

        async with sink:
            return await cpu_seconds(broker.port, kind, n, in_a_list, pass_on)


async def cpu_seconds(port: int, kind: str, n: int, in_a_list: int, pass_on: PassOn) -> float:
    """For `n` readings of a kind ("tags" or "rooms"), so many to a message, from the broker to `pass_on`."""
    clock = SystemClock()
    pipeline = Pipeline(["cart-1", "sound-1"], clock)
    options = Options.model_validate({"port": port, "topics": [{"filter": "bench/readings"}]})
    context = Context("broker", clock, pipeline.counters["cart-1"])
    async with open_driver(context, options):
        pass  # leaves a session, so that nothing is missed
    source = asyncio.create_task(supervise("broker", lambda: open_driver(context, options), pipeline.put))
    call = f"publish({port}, {kind!r}, {n}, {in_a_list})"
    program = f"import asyncio; from edge.bench.mqtt import publish; asyncio.run({call})"
    publisher = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    started, used = time.process_time(), 0
    while used < n:
        await asyncio.sleep(0.5)
        window = pipeline.pop() or (pipeline.flush() if publisher.returncode is not None else None)
        if window is not None:
            used += len(window)
            await pass_on(window)
    cpu_s = time.process_time() - started
    source.cancel()
    await asyncio.gather(source, return_exceptions=True)
    await publisher.wait()
    return cpu_s


async def _tell_loud(sink: MqttSink, window: Window) -> None:
    """What is over the threshold goes out as an event each."""
    loud = window.rooms.value > THRESHOLD_DBA
    rows = zip(window.rooms.t_ns[loud].tolist(), window.rooms.value[loud].tolist(), strict=True)
    records = [SpaceNoiseChanged(t_ns, "hall", "loud", value, THRESHOLD_DBA) for t_ns, value in rows]
    for batch in batches_of(records, sink.limit):
        await sink.write(batch)


def batches_of(records: Sequence[Record], limit: int) -> Iterator[Batch]:
    for start in range(0, len(records), limit):
        part = records[start : start + limit]
        yield Batch(tuple(Entry(start + n, record) for n, record in enumerate(part)))
