"""The outbox: records put, committed in groups with a full sync, taken by a sink and acknowledged."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from cloud_sync.options import OutboxOptions
from cloud_sync.outbox import Outbox
from cloud_sync.sink import WriteResult
from edge.bench.figure import Figure, of_seconds
from edge.clock import SystemClock
from edge.events import DoorFlowed

RECORDS = 100_000
IN_A_GROUP = 1_000


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        put_s, taken_s = asyncio.run(_measured(Path(folder) / "outbox.db"))
    yield of_seconds("outbox", f"put and committed, groups of {IN_A_GROUP}", "records", RECORDS, put_s)
    yield of_seconds("outbox", "taken and acknowledged", "records", RECORDS, taken_s)


async def _measured(path: Path) -> tuple[float, float]:
    """CPU seconds to store all records, and to hand them to a sink."""
    async with Outbox(path, OutboxOptions(), SystemClock(), ["sink"]) as outbox:
        started = time.process_time()
        for first in range(0, RECORDS, IN_A_GROUP):
            outbox.put([_record(first + n) for n in range(IN_A_GROUP)])
            await outbox.committed()
        stored = time.process_time()
        taken = 0
        while taken < RECORDS:
            # On a slow machine what was put first is backlog by now.
            live = await outbox.batch("sink", IN_A_GROUP)
            batch = live or await outbox.batch("sink", IN_A_GROUP, late=True)
            outbox.accept("sink", batch, WriteResult(range(len(batch))))
            taken += len(batch)
        return stored - started, time.process_time() - stored


def _record(n: int) -> DoorFlowed:
    t_ns = time.time_ns() + n
    return DoorFlowed(t_ns, t_ns - 60_000_000_000, "door-main", n % 7, n % 5, n % 7 * 1.01, n % 5 * 1.02)
