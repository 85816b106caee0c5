"""Takes the daemon's vitals: what its counters, its outbox and its workers say now."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_sync.outbox import SinkStats
from cloud_sync.outbox.epochs import boot_id
from cloud_sync.worker import Worker
from edge import __version__
from edge.counters import Counters
from edge.events import NodeMeasured, Record, SinkMeasured
from edge.pipeline import UNKNOWN
from edge.vitals import SinkVitals, SourceVitals, Vitals

if TYPE_CHECKING:
    from edge.daemon import Daemon

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def vitals(daemon: "Daemon") -> Vitals:
    """The daemon at this moment; costs a few microseconds, and never waits."""
    now_mono_ns = daemon.clock.monotonic_ns()
    stats = daemon.outbox.stats()
    return Vitals(
        site=daemon.site.site.id,
        node=daemon.config.node,
        version=__version__,
        boot_id=boot_id(),
        uptime_s=(now_mono_ns - daemon.progress.started_mono_ns) / 1e9,
        rss_bytes=_rss_bytes(),
        cpu_s=time.process_time(),
        windows=daemon.progress.windows,
        fusion_s=daemon.progress.fusion_s,
        outage_seconds_left=stats.outage_seconds_left,
        outbox_bytes=stats.bytes_used,
        outbox_drops=sum(sum(sink.dropped.values()) for sink in stats.sinks.values()),
        states_set_aside=daemon.keeper.set_aside,
        repeats=daemon.live.n_repeats,
        sources={
            name: _source(counters, now_mono_ns, name in daemon.progress.running)
            for name, counters in daemon.pipeline.counters.items()
            if name != UNKNOWN or counters.received
        },
        sinks={w.name: _sink(w, stats.sinks.get(w.name), now_mono_ns) for w in daemon.workers},
    )


class NodeMeter:
    """The daemon's own records: what its vitals say, and what has changed since the last time."""

    def __init__(self) -> None:
        self._before: Vitals | None = None

    def measure(self, daemon: "Daemon", t_ns: int) -> list[Record]:
        """One record about the node, and one about each sink."""
        now, was = vitals(daemon), self._before
        self._before = now
        sinks = [_measured(t_ns, name, sink) for name, sink in now.sinks.items()]
        return [_node(t_ns, now, was), *sinks]


def _node(t_ns: int, now: Vitals, was: Vitals | None) -> NodeMeasured:
    spent_s = max(now.uptime_s - (was.uptime_s if was else 0.0), 1e-3)
    windows = max(now.windows - (was.windows if was else 0), 1)
    return NodeMeasured(
        t_ns=t_ns,
        version=now.version,
        uptime_s=round(now.uptime_s, 3),
        rss_bytes=now.rss_bytes,
        cpu_share=round((now.cpu_s - (was.cpu_s if was else 0.0)) / spent_s, 4),
        window_s=round((now.fusion_s - (was.fusion_s if was else 0.0)) / windows, 6),
        outbox_bytes=now.outbox_bytes,
        outage_left_s=now.outage_seconds_left,
        dropped=now.outbox_drops,
        reasons=len(now.reasons()),
    )


def _measured(t_ns: int, name: str, sink: SinkVitals) -> SinkMeasured:
    ages = sink.oldest_age_s, sink.ack_age_s
    return SinkMeasured(t_ns, name, sink.depth, *ages, sink.dead_letters, sink.clock_skew_s)


def _source(counters: Counters, now_mono_ns: int, running: bool) -> SourceVitals:
    age_s = (now_mono_ns - counters.last_mono_ns) / 1e9 if counters.received else None
    return SourceVitals(
        received=counters.received,
        used=counters.used,
        late=counters.late,
        malformed=counters.malformed,
        dropped=counters.dropped,
        age_s=age_s,
        running=running,
    )


def _sink(worker: Worker, stats: SinkStats | None, now_mono_ns: int) -> SinkVitals:
    acked, taken = worker.progress.last_ack_mono_ns, worker.progress.name_taken_mono_ns
    return SinkVitals(
        depth=stats.depth if stats else 0,
        oldest_age_s=stats.oldest_age_s if stats else None,
        ack_age_s=None if acked is None else (now_mono_ns - acked) / 1e9,
        dead_letters=stats.dead if stats else 0,
        error=worker.progress.last_error,
        clock_skew_s=worker.progress.clock_skew_s,
        names_taken=worker.progress.names_taken,
        name_taken_age_s=None if taken is None else (now_mono_ns - taken) / 1e9,
    )


def _rss_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES
    except OSError:
        return 0
