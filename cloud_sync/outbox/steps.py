"""What the outbox is told, one at a time: records that came, answers of sinks, records that were given up."""

from collections.abc import Sequence
from dataclasses import dataclass

from cloud_sync.sink import Batch, WriteResult
from edge.events import Record, Worth


@dataclass(frozen=True, slots=True)
class Now:
    """One moment on both clocks."""

    wall_ns: int
    mono_ns: int


@dataclass(frozen=True, slots=True)
class Put:
    """Records that came together; the first has the number `seq`, the others follow."""

    seq: int
    records: Sequence[Record]
    at: Now


@dataclass(frozen=True, slots=True)
class Ack:
    """A sink's answer to a batch."""

    sink: str
    batch: Batch
    result: WriteResult


@dataclass(frozen=True, slots=True)
class Lost:
    """Records that were given up before they could be stored."""

    worth: Worth
    seqs: Sequence[int]
