"""The system itself: sensors, sources, boards, sinks and library systems."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from edge.events.record import Record, Worth


@dataclass(frozen=True, slots=True)
class SensorHealthChanged(Record):
    """A sensor went, came back, or says what can't be."""

    TYPE: ClassVar[str] = "sensor.health"
    WORTH: ClassVar[Worth] = Worth.ALARM

    source: str
    state: Literal["ok", "silent", "stuck", "reversed", "implausible", "down"]
    reason: str


@dataclass(frozen=True, slots=True)
class SourceCounted(Record):
    """Readings of one source since the record before: what became of each."""

    TYPE: ClassVar[str] = "source.counted"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    source: str
    received: int
    used: int
    late: int
    malformed: int
    dropped: int
    age_s: float | None = None
    """How long ago the last reading came; None: never yet."""
    up: bool = True
    """False while it says nothing though by its habit it should."""


@dataclass(frozen=True, slots=True)
class NodeMeasured(Record):
    """How the daemon was since the record before: a state of the machine, not of the library."""

    TYPE: ClassVar[str] = "node.measured"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    version: str
    uptime_s: float
    rss_bytes: int
    cpu_share: float
    window_s: float
    outbox_bytes: int
    outage_left_s: float | None
    dropped: int
    reasons: int


@dataclass(frozen=True, slots=True)
class SinkMeasured(Record):
    """How much waits for one sink, and for how long."""

    TYPE: ClassVar[str] = "sink.measured"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    sink: str
    depth: int
    oldest_age_s: float | None
    ack_age_s: float | None
    dead_letters: int
    clock_skew_s: float | None = None
    """By how much the far end's clock is ahead of the board's; None where it says no time."""


@dataclass(frozen=True, slots=True)
class LspMeasured(Record):
    """Calls to a library system since the record before."""

    TYPE: ClassVar[str] = "lsp.measured"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    system: str
    calls: int
    failed: int
    mean_s: float
