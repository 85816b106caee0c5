"""The driver: the simulated library at the pace of the clock, in batches of a fifth of a second or more."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Final, Self

from edge.columns import Readings
from edge.sensors.driver import Context
from edge.sensors.simulate.config import Options
from edge.sensors.simulate.world import TICKS_PER_S, World

BATCH_S: Final = 0.2
_HEAD_START_TICKS: Final = 25
# After a pause (a laptop that slept) the library goes on from now; it does not make up for the night.
_LONGEST_CATCH_UP_S: Final = 5.0


class SimulateDriver:
    """One simulated library, or one source of another's, which is silent itself."""

    def __init__(self, context: Context, options: Options) -> None:
        self._options = options
        self._clock = context.clock
        self._counters = context.counters
        self._world: World | None = None

    async def __aenter__(self) -> Self:
        if self._options.part_of is None:
            head_start_ns = round(self._options.head_start_s * 1e9)
            self._world = World(self._options, self._clock.wall_ns() - head_start_ns)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._world = None

    async def __aiter__(self) -> AsyncIterator[Readings]:
        async for readings in self._head_start():
            yield readings
        done, skipped_ns, start_ns = 0, 0, self._clock.monotonic_ns()
        longest = round(_LONGEST_CATCH_UP_S * self._options.speed * TICKS_PER_S) + 1
        while self._world is not None:
            elapsed_s = (self._clock.monotonic_ns() - start_ns - skipped_ns) / 1e9
            due = int(elapsed_s * self._options.speed * TICKS_PER_S) - done
            if due > longest:
                skipped_ns += round((due - longest) / TICKS_PER_S / self._options.speed * 1e9)
                due = longest
            if due > 0:
                done += due
                yield self._counted(self._world.run(due))
            await asyncio.sleep(BATCH_S)

    def _counted(self, readings: Readings) -> Readings:
        """The readings count at the sources that they name; here it counts that the library goes on."""
        self._counters.received += len(readings)
        self._counters.used += len(readings)
        self._counters.last_mono_ns = self._clock.monotonic_ns()
        return readings

    async def _head_start(self) -> AsyncIterator[Readings]:
        """What was before the daemon began, at once, so that there is something to see from the start."""
        left = round(self._options.head_start_s * TICKS_PER_S)
        while left > 0 and self._world is not None:
            ticks = min(left, _HEAD_START_TICKS)
            left -= ticks
            yield self._counted(self._world.run(ticks))
            await asyncio.sleep(0)


def open_driver(context: Context, options: Options) -> SimulateDriver:
    """The driver of one source."""
    return SimulateDriver(context, options)
