"""Prometheus text format 0.0.4 from the daemon's vitals. One table; the page of all metrics comes from it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from edge.vitals import SinkVitals, SourceVitals, Vitals

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Number = float | int | None
Labels = dict[str, str]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric family; `read` gives labels and value of each series, None for one that is not known."""

    name: str
    kind: Literal["gauge", "counter"]
    help: str
    read: Callable[[Vitals], Iterable[tuple[Labels, Number]]]


def exposition(vitals: Vitals) -> str:
    """All metrics of `vitals`; a value that is not known is left out, not shown as 0."""
    return "".join(line + "\n" for metric in METRICS for line in _family(metric, vitals))


def _family(metric: Metric, vitals: Vitals) -> Iterator[str]:
    yield f"# HELP {metric.name} {metric.help}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for labels, value in metric.read(vitals):
        if value is not None:
            pairs = ",".join(f'{name}="{_escape(text)}"' for name, text in labels.items())
            yield f"{metric.name}{{{pairs}}} {value!r}" if pairs else f"{metric.name} {value!r}"


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _one(read: Callable[[Vitals], Number]) -> Callable[[Vitals], Iterable[tuple[Labels, Number]]]:
    return lambda vitals: [({}, read(vitals))]


def _source(read: Callable[[SourceVitals], Number]) -> Callable[[Vitals], Iterable[tuple[Labels, Number]]]:
    return lambda vitals: [({"source": name}, read(source)) for name, source in vitals.sources.items()]


def _sink(read: Callable[[SinkVitals], Number]) -> Callable[[Vitals], Iterable[tuple[Labels, Number]]]:
    return lambda vitals: [({"sink": name}, read(sink)) for name, sink in vitals.sinks.items()]


METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "edge_info",
        "gauge",
        "Always 1; labels say which daemon this is.",
        lambda v: [({"site": v.site, "node": v.node, "version": v.version, "boot_id": v.boot_id}, 1)],
    ),
    Metric("edge_uptime_seconds", "gauge", "Since the daemon began.", _one(lambda v: v.uptime_s)),
    Metric("edge_resident_bytes", "gauge", "Memory in use.", _one(lambda v: v.rss_bytes)),
    Metric("edge_cpu_seconds_total", "counter", "CPU time, user and system.", _one(lambda v: v.cpu_s)),
    Metric("edge_windows_total", "counter", "Windows of event time fused.", _one(lambda v: v.windows)),
    Metric("edge_fusion_seconds_total", "counter", "Time spent in fusion.", _one(lambda v: v.fusion_s)),
    Metric(
        "edge_outage_seconds_left",
        "gauge",
        "How long an outage of all sinks can last before records are given up.",
        _one(lambda v: v.outage_seconds_left),
    ),
    Metric("edge_outbox_bytes", "gauge", "Size of the outbox on disk.", _one(lambda v: v.outbox_bytes)),
    Metric("edge_outbox_dropped_total", "counter", "Records given up.", _one(lambda v: v.outbox_drops)),
    Metric("edge_repeats_total", "counter", "Readings that came twice.", _one(lambda v: v.repeats)),
    Metric(
        "edge_states_set_aside_total", "counter", "Unreadable states.", _one(lambda v: v.states_set_aside)
    ),
    Metric("edge_degraded", "gauge", "Reasons why the daemon is degraded.", _one(lambda v: len(v.reasons()))),
    Metric("edge_source_received_total", "counter", "Readings received.", _source(lambda s: s.received)),
    Metric("edge_source_used_total", "counter", "Readings used, late ones too.", _source(lambda s: s.used)),
    Metric("edge_source_late_total", "counter", "Readings that came late.", _source(lambda s: s.late)),
    Metric(
        "edge_source_malformed_total",
        "counter",
        "Readings that were wrong.",
        _source(lambda s: s.malformed),
    ),
    Metric(
        "edge_source_dropped_total",
        "counter",
        "Readings for which no room was.",
        _source(lambda s: s.dropped),
    ),
    Metric("edge_source_age_seconds", "gauge", "Since the last reading.", _source(lambda s: s.age_s)),
    Metric("edge_sink_waiting", "gauge", "Records that wait for the sink.", _sink(lambda s: s.depth)),
    Metric(
        "edge_sink_oldest_seconds", "gauge", "Age of the oldest of them.", _sink(lambda s: s.oldest_age_s)
    ),
    Metric("edge_sink_ack_age_seconds", "gauge", "Since it took something.", _sink(lambda s: s.ack_age_s)),
    Metric(
        "edge_sink_names_taken_total",
        "counter",
        "Times that another client came under its name.",
        _sink(lambda s: s.names_taken),
    ),
    Metric("edge_sink_dead_letters", "gauge", "Records that it refused.", _sink(lambda s: s.dead_letters)),
)
