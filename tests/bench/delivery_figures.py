"""Figures of delivery: outbox, MQTT and InfluxDB, and what the outbox costs a memory card.

Run as a module: `python -m tests.bench.delivery_figures [--json]`. What has no server here is left out.
"""

import asyncio
import gzip
import json
import resource
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from _pytest.outcomes import Skipped

from cloud_sync.influx import InfluxSink
from cloud_sync.line_protocol import Lines
from cloud_sync.mqtt import MqttSink
from cloud_sync.options import InfluxOptions, MqttOptions, OutboxOptions
from cloud_sync.outbox import Outbox
from cloud_sync.sink import WriteResult
from edge.clock import SystemClock
from edge.events import Record
from tests.cloud_sync.records import measured, occupied, seen
from tests.contracts.sink import batch_of
from tests.real.influxd import BUCKET, ORG, TOKEN, Influxd
from tests.real.mosquitto import Mosquitto
from tests.real.toxiproxy import Toxiproxy

N_OUTBOX: Final = 100_000
N_MQTT: Final = 20_000
N_SLOW: Final = 8_000
N_LINES: Final = 100_000
N_BACKLOG: Final = 300_000


def figures() -> dict[str, float]:
    """Name with unit → value, measured now on this machine."""
    found: dict[str, float] = {}
    for part in (outbox, wear, backlog, encode, mqtt, influx):
        with tempfile.TemporaryDirectory() as folder:
            try:
                found |= part(Path(folder))
            except Skipped as reason:
                print(f"left out: {reason}", file=sys.stderr)
    return found


def outbox(folder: Path) -> dict[str, float]:
    """Put, commit with FULL, read and accept, in groups of a thousand."""
    return asyncio.run(_outbox(folder))


async def _outbox(folder: Path) -> dict[str, float]:
    records = [seen(n) for n in range(N_OUTBOX)]
    async with Outbox(
        folder / "o.db", OutboxOptions(max_buffered=N_OUTBOX + 1), SystemClock(), ("a",)
    ) as box:
        clock = _Stopwatch()
        for start in range(0, N_OUTBOX, 1000):
            box.put(records[start : start + 1000])
            if start % 10_000 == 9_000:
                await box.committed()
        await box.committed()
        stored = clock.lap()
        for late in (False, True):
            while (batch := await box.batch("a", 1000, late=late)).entries:
                box.accept("a", batch, WriteResult(range(len(batch))))
        await box._commit()
        delivered = clock.lap()
    return {
        "outbox: events/s put and committed": N_OUTBOX / stored[0],
        "outbox: CPU us per event put and committed": stored[1] / N_OUTBOX * 1e6,
        "outbox: events/s read and accepted": N_OUTBOX / delivered[0],
    }


def wear(folder: Path) -> dict[str, float]:
    """Bytes that reach the disk for each event, at five events a second and in groups of fifty."""
    return {
        "outbox: KiB written per event, one to a commit": asyncio.run(_written(folder / "1", 60, 1)),
        "outbox: KiB written per event, fifty to a commit": asyncio.run(_written(folder / "50", 60, 50)),
    }


async def _written(folder: Path, n_commits: int, per_commit: int) -> float:
    async with Outbox(folder / "o.db", OutboxOptions(), SystemClock(), ("a", "b", "c")) as box:
        box.put([seen(0)])
        await box.committed()
        before = _disk_bytes()
        for n in range(n_commits):
            box.put([seen(n * per_commit + k) for k in range(per_commit)])
            await box.committed()
        return (_disk_bytes() - before) / (n_commits * per_commit) / 1024


def backlog(folder: Path) -> dict[str, float]:
    """Memory while a backlog of 100 MB goes out, against memory when it began."""
    return asyncio.run(_backlog(folder))


async def _backlog(folder: Path) -> dict[str, float]:
    async with Outbox(folder / "o.db", OutboxOptions(), SystemClock(), ("a",)) as box:
        for start in range(0, N_BACKLOG, 5000):
            box.put([seen(n) for n in range(start, start + 5000)])
            await box.committed()
    async with Outbox(folder / "o.db", OutboxOptions(), SystemClock(), ("a",)) as box:
        sizes, n = [], 0
        while (batch := await box.batch("a", 1000, late=True)).entries:
            box.accept("a", batch, WriteResult(range(len(batch))))
            n += len(batch)
            sizes.append(_rss_mb())
        size_mb = box.stats().bytes_used / 1e6
    settled = sizes[len(sizes) // 10 :]
    return {
        "backlog: MB on disk": size_mb,
        "backlog: records delivered": float(n),
        "backlog: RSS at its end over its beginning": settled[-1] / settled[0],
    }


def encode(_: Path) -> dict[str, float]:
    """Records to line protocol."""
    lines, found = Lines("main", "n1"), {}
    kinds: dict[str, Callable[[int], Record]] = {"room": measured, "space": occupied, "item": seen}
    for name, make in kinds.items():
        records = [make(n) for n in range(N_LINES)]
        best = min(_timed(lambda r=records: [lines.line(record) for record in r]) for _ in range(3))
        found[f"influx: {name} points/s encoded"] = N_LINES / best
    return found


def mqtt(folder: Path) -> dict[str, float]:
    """Acknowledged events a second, on loopback and at 20 ms round trip."""
    broker = Mosquitto(folder)
    broker.start()
    try:
        found = {
            "mqtt: events/s acknowledged, loopback": asyncio.run(
                _published(broker.port, N_MQTT, found_cpu := [])
            )
        }
        found["mqtt: CPU us per event"] = found_cpu[0]
        proxy = Toxiproxy(folder)
        proxy.start()
        try:
            port = proxy.link("slow", broker.port)
            for stream in ("upstream", "downstream"):
                proxy.poison("slow", "latency", stream, latency=10)
            found["mqtt: events/s acknowledged, 20 ms round trip"] = asyncio.run(_published(port, N_SLOW, []))
        finally:
            proxy.stop()
        return found
    finally:
        broker.stop()


async def _published(port: int, n: int, cpu: list[float]) -> float:
    sink = MqttSink(MqttOptions(port=port), SystemClock(), site="main", node="n1", version="0", boot_id="b")
    batches = [batch_of([seen(k) for k in range(s, min(s + sink.limit, n))]) for s in range(0, n, sink.limit)]
    async with sink:
        await sink.write(batches[0])
        clock = _Stopwatch()
        for batch in batches:
            result = await sink.write(batch)
            assert len(result.accepted) == len(batch)
        wall_s, cpu_s = clock.lap()
    cpu.append(cpu_s / n * 1e6)
    return n / wall_s


def influx(folder: Path) -> dict[str, float]:
    """Points a second through the sink, and the same lines by a bare HTTP client."""
    server = Influxd(folder)
    server.start()
    server.set_up()
    try:
        return asyncio.run(_written_points(server, folder))
    finally:
        server.stop()


async def _written_points(server: Influxd, folder: Path) -> dict[str, float]:
    token = folder / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    options = InfluxOptions(url=server.url, org=ORG, bucket=BUCKET, token_file=str(token))
    batches = [batch_of([measured(n) for n in range(s, s + 5000)]) for s in range(0, N_LINES, 5000)]
    lines = Lines("other", "n1")
    bodies = ["\n".join(lines.line(e.record) for e in batch.entries).encode() for batch in batches]
    async with InfluxSink(options, SystemClock(), site="main", node="n1") as sink:
        await sink.write(batches[0])
        clock = _Stopwatch()
        for batch in batches:
            result = await sink.write(batch)
            assert len(result.accepted) == len(batch)
        ours = clock.lap()[0]
    bare = _timed(lambda: _bare(server, bodies))
    return {
        "influx: points/s stored through the sink": N_LINES / ours,
        "influx: points/s stored by a bare HTTP client": N_LINES / bare,
        "influx: share of the bare client": bare / ours,
    }


def _bare(server: Influxd, bodies: Sequence[bytes]) -> None:
    path = f"{server.url}/api/v2/write?org={ORG}&bucket={BUCKET}&precision=ns"
    headers = {"Authorization": f"Token {TOKEN}", "Content-Encoding": "gzip"}
    for body in bodies:
        urllib.request.urlopen(urllib.request.Request(path, gzip.compress(body, 1), headers)).close()


class _Stopwatch:
    """Wall and CPU seconds since the last lap."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def lap(self) -> tuple[float, float]:
        before = self._wall, self._cpu
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self._wall - before[0], self._cpu - before[1]


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def _disk_bytes() -> int:
    """What this process has caused to be written to disk (proc(5), io)."""
    for line in Path("/proc/self/io").read_text().splitlines():
        if line.startswith("write_bytes"):
            return int(line.split()[1])
    return 0


if __name__ == "__main__":
    measured_now = figures()
    if "--json" in sys.argv:
        print(json.dumps(measured_now))
    else:
        for name, value in measured_now.items():
            print(f"{name:55} {value:>14,.2f}")
