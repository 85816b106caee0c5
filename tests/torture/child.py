"""Puts numbered records into an outbox, delivers them into a pipe, and can be killed at any moment.

Lines that it writes: `A n` record n is acknowledged (committed), `D n` it was delivered, `Q` all is done.
"""

import asyncio
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from cloud_sync.options import OutboxOptions, WorkerOptions
from cloud_sync.outbox import Outbox
from cloud_sync.sink import Batch, WriteResult
from cloud_sync.worker import Worker
from edge.clock import SystemClock
from tests.cloud_sync.records import misplaced, number

FAST = OutboxOptions(commit_interval_s=0.005, telemetry_interval_s=0.005, min_free_bytes=0)
SINK = "pipe"


class PipeSink:
    """Delivers to whoever reads the pipe."""

    name = SINK
    limit = 50
    linger_s = 0.0

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    async def write(self, batch: Batch) -> WriteResult:
        say(self._pipe, *(f"D {number(entry.record)}" for entry in batch.entries))
        return WriteResult(range(len(batch)))

    async def lost(self) -> None:
        await asyncio.get_running_loop().create_future()


def say(pipe: int, *lines: str) -> None:
    """One write: a kill cannot split it."""
    os.write(pipe, ("\n".join(lines) + "\n").encode())


async def live(path: Path, pipe: int, first: int, group: int = 7) -> None:
    """Put groups of records from number `first` on, for ever; with `group` 0 only deliver what is there."""
    async with Outbox(path, FAST, SystemClock(), (SINK,)) as box:
        worker = Worker(box, PipeSink(pipe), SystemClock(), WorkerOptions(backlog_per_s=1e6))
        task = asyncio.create_task(worker.run())
        while group:
            box.put([misplaced(n) for n in range(first, first + group)])
            await box.committed()
            say(pipe, *(f"A {n}" for n in range(first, first + group)))
            first += group
        async with asyncio.timeout(60):
            while worker.progress.accepted == 0 or box.stats().sinks[SINK].depth:
                await asyncio.sleep(0.02)
                if (
                    not (await box.batch(SINK, 1)).entries
                    and not (await box.batch(SINK, 1, late=True)).entries
                ):
                    break
        say(pipe, "Q")
        worker.stop()
        await task


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), 1, int(sys.argv[2]), int(sys.argv[3])))
