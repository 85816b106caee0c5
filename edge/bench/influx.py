"""W3, end to end as the peers were measured: readings over MQTT at QoS 1, each a point in an InfluxDB v2.

The database is `influxd`, where it is on the PATH; without it the case has no figure.
"""

import asyncio
import json
import shutil
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from cloud_sync.influx import InfluxSink
from cloud_sync.options import InfluxOptions
from edge.bench.figure import Figure, of_seconds
from edge.bench.mqtt import batches_of, cpu_seconds
from edge.broker import free_port, own_broker
from edge.clock import SystemClock
from edge.errors import EdgeError
from edge.events import RoomMeasured
from edge.fusion.window import Window

POINTS: Final = 40_000
_NAME: Final = "bench"
_PASSWORD: Final = "of-this-bench-alone"
_START_S: Final = 30.0


def run() -> Iterator[Figure]:
    path = shutil.which("influxd")
    if path is not None:
        yield of_seconds("influx", "W3: rooms, each a point", "points", POINTS, asyncio.run(_measured(path)))


async def _measured(path: str) -> float:
    """CPU seconds from the first byte to the last point that the database has."""
    async with (
        own_broker() as broker,
        _own_influxd(path) as options,
        InfluxSink(options, SystemClock(), site=_NAME, node=_NAME) as sink,
    ):
        return await cpu_seconds(broker.port, "rooms", POINTS, 1, partial(_store, sink))


async def _store(sink: InfluxSink, window: Window) -> None:
    rows = zip(window.rooms.t_ns.tolist(), window.rooms.value.tolist(), strict=True)
    points = [RoomMeasured(t_ns, "sound-1", "hall", "sound_dba", value) for t_ns, value in rows]
    for batch in batches_of(points, sink.limit):
        result = await sink.write(batch)
        assert len(result.accepted) == len(batch)


@asynccontextmanager
async def _own_influxd(path: str) -> AsyncIterator[InfluxOptions]:
    with tempfile.TemporaryDirectory(prefix="edge-bench-") as name:
        folder, url = Path(name), f"http://127.0.0.1:{free_port()}"
        process = await asyncio.create_subprocess_exec(
            path,
            f"--http-bind-address={url.removeprefix('http://')}",
            *(f"--{part}-path={folder / part}" for part in ("bolt", "sqlite", "engine")),
            "--reporting-disabled",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await _set_up(url, process)
            token = folder / "token"
            token.touch(0o600)
            token.write_text(_PASSWORD)
            yield InfluxOptions(url=url, org=_NAME, bucket=_NAME, token_file=str(token))
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()


async def _set_up(url: str, process: asyncio.subprocess.Process) -> None:
    said = dict.fromkeys(("username", "org", "bucket"), _NAME) | {"password": _PASSWORD, "token": _PASSWORD}
    request = urllib.request.Request(
        f"{url}/api/v2/setup", json.dumps(said).encode(), {"Content-Type": "application/json"}
    )
    until_s = asyncio.get_running_loop().time() + _START_S
    while True:
        try:
            await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=5).close())
            return
        except OSError as error:
            if process.returncode is not None or asyncio.get_running_loop().time() > until_s:
                raise EdgeError(f"influxd, of which version 2 is wanted, did not start: {error}") from None
            await asyncio.sleep(0.1)
