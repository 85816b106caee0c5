"""A source whose readings a test writes down: the far end of a wire that is not there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from edge.columns import Readings
from edge.sensors.driver import Context


@dataclass
class ScriptedSource:
    """Stands where a SourceSetup stands: gives each batch, then ends (or stays, silent)."""

    source: str
    batches: Sequence[Readings]
    stays: bool = False
    driver: str = "scripted"
    closed: int = field(default=0)

    def open(self, context: Context) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closed += 1

    async def __aiter__(self) -> AsyncIterator[Readings]:
        for batch in self.batches:
            yield batch
        if self.stays:
            await asyncio.Event().wait()
