"""Ingest figures: bytes to columns, and `tag` readings over MQTT to presence per tag and second.

`python -m tests.bench.ingest_figures --json`
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiomqtt

from edge.bench import decode
from edge.bench.decode import IN_A_LIST, tag_json
from edge.bench.figure import Figure, of_seconds
from edge.clock import SystemClock
from edge.fusion.presence import Presence
from edge.pipeline import Pipeline
from edge.sensors.driver import Context
from edge.sensors.mqtt.config import Options
from edge.sensors.mqtt.driver import open_driver
from edge.supervise import supervise
from tests.real.mosquitto import Mosquitto, mosquitto_path

READS = 500_000


def figures() -> dict[str, dict[str, Any]]:
    """Figures by what was measured; those over MQTT where mosquitto is installed."""
    found = [*decode.run(), *(over_mqtt(in_a_list) for in_a_list in _lists())]
    return {figure.what: figure.as_dict() for figure in found}


def over_mqtt(in_a_list: int) -> Figure:
    """CPU time of this process from the socket to presence; the publisher is a process of its own."""
    n = READS if in_a_list > 1 else READS // 10
    with tempfile.TemporaryDirectory() as folder:
        broker = Mosquitto(Path(folder))
        broker.start()
        try:
            cpu_s = asyncio.run(_measured(broker.port, n, in_a_list))
        finally:
            broker.stop()
    return of_seconds("mqtt", f"MQTT QoS 1 to presence, {in_a_list} a message", "reads", n, cpu_s)


async def publish(port: int, n: int, in_a_list: int) -> None:
    """All readings, a window of messages at a time."""
    async with aiomqtt.Client("127.0.0.1", port, max_inflight_messages=1000) as client:
        client.pending_calls_threshold = 1000
        for start in range(0, n, 200 * in_a_list):
            stop = min(start + 200 * in_a_list, n)
            batch = [_payload(place, in_a_list) for place in range(start, stop, in_a_list)]
            await asyncio.gather(*(client.publish("lib/readings/cart-1", payload, 1) for payload in batch))


def _lists() -> list[int]:
    return [IN_A_LIST, 1] if mosquitto_path() else []


def _payload(place: int, n: int) -> bytes:
    return b"[" + b",".join(tag_json(place + k) for k in range(n)) + b"]" if n > 1 else tag_json(place)


async def _measured(port: int, n: int, in_a_list: int) -> float:
    clock = SystemClock()
    pipeline = Pipeline(["cart-1"], clock)
    options = Options.model_validate({"port": port, "topics": [{"filter": "lib/readings/#"}]})
    presence, used = Presence(), 0
    async with open_driver(Context("broker", clock), options):
        pass  # leaves a session, so that nothing is missed
    context = Context("broker", clock, pipeline.counters["cart-1"])
    source = asyncio.create_task(supervise("broker", lambda: open_driver(context, options), pipeline.put))
    program = (
        f"import asyncio, tests.bench.ingest_figures as f; asyncio.run(f.publish({port}, {n}, {in_a_list}))"
    )
    publisher = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    started = time.process_time()
    while used < n:
        await asyncio.sleep(0.5)
        window = pipeline.pop() or (pipeline.flush() if publisher.returncode is not None else None)
        if window is not None:
            used += len(window)
            presence.step(window)
    cpu_s = time.process_time() - started
    source.cancel()
    await asyncio.gather(source, return_exceptions=True)
    await publisher.wait()
    return cpu_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    as_json = parser.parse_args().json
    found = figures()
    if as_json:
        print(json.dumps(found))
        return
    for what, figure in found.items():
        print(f"{what:40} {figure['per_s']:>14,.0f} /s {figure['cpu_s_per_million']:>8.2f} CPU-s/million")


if __name__ == "__main__":
    main()
