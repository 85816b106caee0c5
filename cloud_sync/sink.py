"""What a sink is: an async context that takes batches and says what became of each record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from edge.events import Record

Span = tuple[int, int]
"""Sequence numbers from the first up to, without, the second."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record on its way out. `replayed`: it comes late, from the backlog."""

    seq: int
    record: Record
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Records in the order in which they were put, and the sequence numbers that were looked at for them.

    A number in `spans` without an entry is a record that is gone: dropped for room, or damaged.
    """

    entries: tuple[Entry, ...] = ()
    spans: tuple[Span, ...] = ()

    def __len__(self) -> int:
        return len(self.entries)


@dataclass(frozen=True, slots=True)
class WriteResult:
    """Indices into the batch. What is in neither is kept, and comes again."""

    accepted: Sequence[int]
    rejected: Mapping[int, str] = field(default_factory=dict)
    """Index → why the sink will never take it: to the dead letters."""
    denied: Mapping[int, str] = field(default_factory=dict)
    """Index → why the sink did not take it this time: kept, and tried a few times more."""
    clock_skew_s: float | None = None
    """By how much the far end's clock is ahead of ours, where it says what time it is."""


class Sink(Protocol):
    """Where records go. Construction checks options; entering connects, and may be done again and again."""

    name: str
    limit: int
    """The most records that one `write` should get."""
    linger_s: float
    """How long a batch that is not full may wait for more."""

    async def __aenter__(self) -> Self:
        """Raise SinkUnavailable where there is nobody to connect to."""
        ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """May raise SinkUnavailable in place of the one that ended it, where it knows more."""
        ...

    async def write(self, batch: Batch) -> WriteResult:
        """Deliver what can be. Raise SinkUnavailable only where nothing of the batch was delivered."""
        ...

    async def lost(self) -> None:
        """Return when the connection is gone; a sink without one never returns."""
        ...
