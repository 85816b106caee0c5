"""How the daemon is, judged by its progress: what `/healthz`, `/metrics` and `edge status` tell."""

from dataclasses import dataclass, field
from typing import Final

_TAKEN_LATELY_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class SourceVitals:
    """One source: what became of its readings, and how long ago the last one came (None: never)."""

    received: int
    used: int
    late: int
    malformed: int
    dropped: int
    age_s: float | None
    running: bool


@dataclass(frozen=True, slots=True)
class SinkVitals:
    """One sink: how much waits for it, and how long ago it took something (None: never)."""

    depth: int
    oldest_age_s: float | None
    ack_age_s: float | None
    dead_letters: int
    error: str | None
    clock_skew_s: float | None = None
    names_taken: int = 0
    """How often another client came to the broker under our name."""
    name_taken_age_s: float | None = None


@dataclass(frozen=True, slots=True)
class Vitals:
    """The whole daemon at one moment."""

    site: str
    node: str
    version: str
    boot_id: str
    uptime_s: float
    rss_bytes: int
    cpu_s: float
    windows: int
    fusion_s: float
    outage_seconds_left: float | None
    outbox_bytes: int
    outbox_drops: int
    sources: dict[str, SourceVitals] = field(default_factory=dict)
    sinks: dict[str, SinkVitals] = field(default_factory=dict)
    states_set_aside: int = 0
    repeats: int = 0

    def reasons(self, silent_after_s: float = 120.0) -> list[str]:
        """Why the daemon is degraded: one line each; empty when all is well."""
        found = [
            f"source {name}: {_silence(source.age_s)}"
            for name, source in self.sources.items()
            if source.running and (source.age_s or self.uptime_s) > silent_after_s
        ]
        found.extend(
            f"sink {name}: {sink.error or 'takes nothing'} ({sink.depth} records wait)"
            for name, sink in self.sinks.items()
            if sink.depth and (sink.oldest_age_s or 0.0) > silent_after_s
        )
        found.extend(
            f"sink {name}: another client has our name: is there a second daemon of this site and node?"
            for name, sink in self.sinks.items()
            if sink.name_taken_age_s is not None and sink.name_taken_age_s < _TAKEN_LATELY_S
        )
        return found


def _silence(age_s: float | None) -> str:
    return "no reading yet" if age_s is None else f"silent for {age_s:.0f} s"
