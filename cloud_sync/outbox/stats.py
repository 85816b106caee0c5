"""What the outbox says about itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SinkStats:
    """One sink. Totals are over the life of the file."""

    name: str
    depth: int
    """Records that it has still to get."""
    backlog: int
    """Those of them that are late."""
    oldest_age_s: float | None
    delivered: int
    dead: int
    corrupt: int
    dropped: Mapping[tuple[str, str], int]
    """(class, reason) → records given up."""


@dataclass(frozen=True, slots=True)
class OutboxStats:
    """The whole outbox. `outage_seconds_left` is None while nothing comes in."""

    bytes_used: int = 0
    bytes_max: int = 0
    """The bound that is set, or less where the disk has less."""
    buffered: int = 0
    rows: int = 0
    put: int = 0
    committed: int = 0
    inflow_bytes_per_s: float = 0.0
    outage_seconds_left: float | None = None
    last_commit_mono_ns: int | None = None
    commit_seconds: float = 0.0
    failures: int = 0
    last_error: str | None = None
    set_aside: tuple[str, ...] = ()
    """Damaged files that were renamed since the start."""
    unclean_start: bool = False
    sinks: Mapping[str, SinkStats] = field(default_factory=dict)
