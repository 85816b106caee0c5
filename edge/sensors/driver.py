"""The protocol of all drivers: an async context that connects, an async iterator of readings.

Construction checks options and touches nothing; entering connects. A driver raises DeviceUnavailable when its
device goes; the daemon then closes it, waits (longer each time) and opens a new one. A driver counts every
malformed reading in its context's counters, and never raises on what a device sent.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from edge.clock import Clock
from edge.columns import Readings
from edge.counters import Counters
from edge.sensors.settlement import Settlement


@dataclass(frozen=True, slots=True)
class Context:
    """What a driver is given besides its options."""

    source: str
    clock: Clock
    counters: Counters = field(default_factory=Counters)
    settlement: Settlement | None = None
    """Where a driver learns that what follows from its batches is safe; None where nobody tells."""
    memory: dict[str, float] = field(default_factory=dict)
    """What outlives a driver's connection; and the process, where it goes with the batches to be settled."""


class Driver(Protocol):
    """One source of readings."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def __aiter__(self) -> AsyncIterator[Readings]: ...
