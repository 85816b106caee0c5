"""The daemon as a process: memory and CPU idle, and under door counts over MQTT, with every sink at work.

Outbox, MQTT, InfluxDB (a real one), history and board: `python -m tests.bench.daemon_figures`
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import aiomqtt

from edge.broker import own_broker
from tests.real.influxd import BUCKET, ORG, TOKEN, Influxd
from tests.sites import COUNTED_HALL

IDLE_S: Final = 20.0
STEADY_S: Final = 30.0
READINGS_PER_S: Final = 500
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")

SITE: Final = (
    COUNTED_HALL
    + """[[source]]
id = "door-main"
driver = "mqtt"
[source.options]
port = {port}
topics = [{{ filter = "bench/readings" }}]
"""
)

CONFIG: Final = """state_dir = "{folder}/state"
[mqtt]
port = {port}
[influx]
url = "{url}"
org = "{org}"
bucket = "{bucket}"
token_file = "{folder}/token"
[board]
port = 0
"""


def figures() -> dict[str, float]:
    """Megabytes, and percent of one core."""
    return asyncio.run(_measured())


async def _measured() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Influxd(folder)
        database.start()
        try:
            database.set_up()
            async with own_broker() as broker:
                return await _watched(_started(folder, broker.port, database.url), broker.port)
        finally:
            database.stop()


async def _watched(daemon: subprocess.Popen[bytes], port: int) -> dict[str, float]:
    try:
        await asyncio.sleep(5)
        idle = await share(daemon.pid, IDLE_S)
        idle_mb = _mb(daemon.pid)
        publishing = asyncio.create_task(_publish(port))
        steady = await share(daemon.pid, STEADY_S)
        publishing.cancel()
        steady_mb = _mb(daemon.pid)
    finally:
        daemon.terminate()
        daemon.wait(20)
    return {
        "idle_percent_of_a_core": idle,
        "idle_rss_mb": idle_mb["Rss"],
        f"percent_of_a_core_at_{READINGS_PER_S}_readings_per_s": steady,
        "steady_rss_mb": steady_mb["Rss"],
        "steady_rss_mb_less_files_of_programs": steady_mb["Anonymous"],
    }


def _started(folder: Path, port: int, database: str) -> subprocess.Popen[bytes]:
    (folder / "token").write_text(TOKEN)
    (folder / "token").chmod(0o600)
    (folder / "site.toml").write_text(SITE.format(port=port))
    (folder / "daemon.toml").write_text(
        CONFIG.format(folder=folder, port=port, url=database, org=ORG, bucket=BUCKET)
    )
    files = ["--site", str(folder / "site.toml"), "--config", str(folder / "daemon.toml")]
    # As installed: with the bytecode of every module, which a checkout has after the first start.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "edge", "run", *files]
    subprocess.run([*command, "--for", "1"], stderr=subprocess.DEVNULL, env=environment, check=True)
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment)


async def _publish(port: int) -> None:
    async with aiomqtt.Client("127.0.0.1", port) as client:
        while True:
            for _ in range(READINGS_PER_S // 10):
                text = f'{{"kind":"door","t_ns":{time.time_ns()},"source":"door-main","in":1,"out":1}}'
                await client.publish("bench/readings", text)
            await asyncio.sleep(0.1)


async def share(pid: int, seconds: float) -> float:
    """Percent of one core that the process uses in the next seconds."""
    before = _ticks(pid)
    await asyncio.sleep(seconds)
    return round(100.0 * (_ticks(pid) - before) / _TICKS_PER_S / seconds, 2)


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _mb(pid: int) -> dict[str, float]:
    """Megabytes in memory, by what they are (proc(5), smaps_rollup)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    fields = (line.split() for line in lines)
    return {name.rstrip(":"): round(int(kib) * 1024 / 1e6, 1) for name, kib, *_ in fields}


def main() -> None:
    for what, value in figures().items():
        print(f"{what:45} {value:8.2f}")


if __name__ == "__main__":
    main()
