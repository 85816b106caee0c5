"""Fills an outbox, and delivers all of it when the broker is there.

`python -m tests.torture.backlog FOLDER PORT BYTES`; it says `full` when it is, goes on at the next line of
its input, and says at the end one line of JSON. Settings as shipped, but for the outbox's bound.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Final

from cloud_sync.mqtt import MqttSink
from cloud_sync.options import MqttOptions, OutboxOptions
from cloud_sync.outbox import Outbox
from cloud_sync.worker import Worker
from edge.clock import SystemClock
from edge.events import InventoryFinished, ItemMissing
from edge.heap import keep_small

SHELVES: Final = tuple(f"wing-{n % 3}-case-{n:03d}-board-{n % 7}" for n in range(160))
GROUP: Final = 1_000
LOOK_S: Final = 0.2


def large(n: int) -> InventoryFinished:
    """The n-th event; about four kilobytes in the outbox, and as much on the wire."""
    return InventoryFinished(time.time_ns(), f"{n:08d}", SHELVES, 90_000, 80_000, 12, 34)


def rss_mb() -> float:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    return next(int(line.split()[1]) for line in lines if line.startswith("Rss")) * 1024 / 1e6


async def fill(box: Outbox, wanted_bytes: int) -> tuple[int, list[float]]:
    """How many it took, and the memory meanwhile."""
    n, memory = 0, []
    while box.stats().bytes_used < wanted_bytes:
        box.put([large(n + k) for k in range(GROUP)])
        n += GROUP
        await box.committed()
        memory.append(rss_mb())
    return n, memory


async def drain(box: Outbox) -> tuple[int, list[float]]:
    """How many live records went between, and the memory meanwhile."""
    n, memory = 0, []
    while box.stats().sinks["mqtt"].depth > 10:
        box.put([ItemMissing(time.time_ns(), f"live-{n}", "a1", 0.9)])
        n += 1
        await asyncio.sleep(LOOK_S)
        memory.append(rss_mb())
    return n, memory


def growth(memory: list[float]) -> float:
    """The most over what it was when a quarter was done."""
    settled = memory[len(memory) // 4 :]
    return max(settled) / settled[0]


async def main(folder: Path, port: int, wanted_bytes: int) -> dict[str, float]:
    clock = SystemClock()
    sink = MqttSink(MqttOptions(port=port), clock, site="main", node="n1", version="0", boot_id="b")
    options = OutboxOptions(max_bytes=2 * wanted_bytes + (1 << 30))
    async with Outbox(folder / "o.db", options, clock, [sink.name]) as box:
        n, filling = await fill(box, wanted_bytes)
        size = box.stats().bytes_used
        await asyncio.sleep(options.late_after_s)  # all of it is backlog then
        print("full", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        worker, started = Worker(box, sink, clock), time.monotonic()
        task = asyncio.create_task(worker.run())
        n_live, draining = await drain(box)
        seconds = time.monotonic() - started
        worker.stop()
        await task
    return {
        "records": n,
        "bytes": size,
        "live": n_live,
        "drain_s": seconds,
        "fill_growth": growth(filling),
        "drain_growth": growth(draining),
        "most_mb": max(filling + draining),
    }


if __name__ == "__main__":
    keep_small()
    print(json.dumps(asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))), flush=True)
