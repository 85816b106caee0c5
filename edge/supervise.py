"""Keeps one driver going: opens it, passes its readings on, opens it again, later each time, when it goes.

The only place that catches what nobody foresaw: a fault in one driver, service or sink must not stop the
others.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from cloud_sync.sink import Batch, Sink, WriteResult
from edge.columns import Readings
from edge.errors import EdgeError, SinkUnavailable
from edge.sensors.driver import Driver

_log = logging.getLogger(__name__)

Take = Callable[[Readings], Awaitable[None]]
Open = Callable[[], Driver]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class BackOff:
    """Seconds to wait before the next try: doubled each time, half of it at random, so that boards spread."""

    first_s: float = 1.0
    longest_s: float = 60.0

    def delay_s(self, failures: int) -> float:
        full: float = min(self.longest_s, self.first_s * 2.0 ** min(failures, 16))
        return full * random.uniform(0.5, 1.0)


DEFAULT: Final = BackOff()


async def supervise(
    source: str, open_driver: Open, take: Take, *, back_off: BackOff = DEFAULT, sleep: Sleep = asyncio.sleep
) -> None:
    """Run the driver of `source` until it has no more readings; return then. Cancelling closes it."""
    failures = 0
    while True:
        try:
            async with open_driver() as driver:
                async for readings in driver:
                    if failures:
                        _log.info("source %s is back", source)
                        failures = 0
                    await take(readings)
                return
        except EdgeError as error:
            reason = str(error)
        except Exception as error:
            if not failures:
                _log.exception("source %s: a fault in its driver", source)
            reason = f"{type(error).__name__}: {error}"
        if not failures:
            _log.warning("source %s is gone: %s", source, reason)
        await sleep(back_off.delay_s(failures))
        failures += 1


async def keep(
    name: str,
    run: Callable[[], Awaitable[None]],
    *,
    back_off: BackOff = DEFAULT,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Run a service until it returns; again, later each time, when it fails."""
    failures = 0
    while True:
        try:
            return await run()
        except Exception as error:
            if not failures:
                _log.exception("%s: failed, and begins again", name)
            else:
                _log.warning("%s: failed again: %s: %s", name, type(error).__name__, error)
        await sleep(back_off.delay_s(failures))
        failures += 1


class Foreseen:
    """A sink that tells a fault in writing that nobody foresaw as SinkUnavailable.

    Most often it is one record's: its worker then finds that, as one that the far end dies of, and sets it
    aside.
    """

    def __init__(self, sink: Sink) -> None:
        self.name, self.limit, self.linger_s = sink.name, sink.limit, sink.linger_s
        self._sink = sink
        self._is_told = False

    async def __aenter__(self) -> Self:
        await self._sink.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._sink.__aexit__(kind, error, trace)

    async def write(self, batch: Batch) -> WriteResult:
        """As the sink does."""
        try:
            result = await self._sink.write(batch)
        except SinkUnavailable:
            raise
        except Exception as error:
            if not self._is_told:
                _log.exception("%s: a fault in writing", self.name)
            self._is_told = True
            raise SinkUnavailable(f"{self.name}: {type(error).__name__}: {error}") from error
        self._is_told = False
        return result

    async def lost(self) -> None:
        """As the sink does."""
        await self._sink.lost()
