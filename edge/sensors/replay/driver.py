"""The driver: recordings at their own pace, n times as fast, or as fast as they are taken."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from edge.columns import Readings
from edge.errors import DeviceUnavailable
from edge.recording import Report, chunks
from edge.sensors.driver import Context
from edge.sensors.replay.config import Options
from edge.sensors.replay.merge import after, before, first_ns, last_ns, merged, shifted

BATCH_S: Final = 0.1
_BETWEEN_ROUNDS_NS: Final = 1_000_000_000


class ReplayDriver:
    """The recordings of one source's options, merged by time."""

    def __init__(self, context: Context, options: Options) -> None:
        self._options = options
        self._clock = context.clock
        self._counters = context.counters

    async def __aenter__(self) -> Self:
        self._check()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    async def __aiter__(self) -> AsyncIterator[Readings]:
        start_mono_ns, zero_ns = self._clock.monotonic_ns(), None
        for batch in self._rounds():
            if zero_ns is None:
                zero_ns = first_ns(batch)
            rest = batch
            while len(rest):
                due_ns = self._due_ns(zero_ns, start_mono_ns)
                part = rest if due_ns is None else before(rest, due_ns)
                rest = Readings() if due_ns is None else after(rest, due_ns)
                if len(part):
                    yield part
                # Even at full speed the others get their turn.
                await asyncio.sleep(BATCH_S if len(rest) else 0)

    def _check(self) -> None:
        for path in self._options.recordings:
            if not Path(path).is_file():
                raise DeviceUnavailable(f"{path}: no such file")

    def _due_ns(self, zero_ns: int, start_mono_ns: int) -> int | None:
        """Readings of before this time are due; None means all are."""
        if self._options.speed == 0:
            return None
        elapsed_ns = self._clock.monotonic_ns() - start_mono_ns
        return zero_ns + 1 + int(elapsed_ns * self._options.speed)

    def _rounds(self) -> Iterator[Readings]:
        """The readings with the times that they get; a loop goes on in time."""
        by_ns: int | None = None
        while True:
            first: int | None = None
            last = 0
            for batch in merged([self._stream(path) for path in self._options.recordings]):
                if by_ns is None:
                    by_ns = self._clock.wall_ns() - first_ns(batch) if self._options.rebase else 0
                first = first_ns(batch) if first is None else first
                last = max(last, last_ns(batch))
                yield shifted(batch, by_ns) if by_ns else batch
            if first is None or not self._options.loop:
                return
            by_ns = (by_ns or 0) + last - first + _BETWEEN_ROUNDS_NS

    def _stream(self, path: str) -> Iterator[Readings]:
        report = Report(path)
        n_counted = 0
        for batch in chunks(path, report):
            self._counters.received += report.n_skipped - n_counted
            self._counters.malformed += report.n_skipped - n_counted
            n_counted = report.n_skipped
            yield batch


def open_driver(context: Context, options: Options) -> ReplayDriver:
    """The driver of one source."""
    return ReplayDriver(context, options)
