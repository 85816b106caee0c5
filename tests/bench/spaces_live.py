"""The daemon on a building of 200 spaces: the share of one core that it takes, from MQTT to MQTT.

    python -m tests.bench.spaces_live

Every door tells each ten seconds what it counted, every space its CO2 and presence each minute. With outbox,
MQTT, history and board; the broker's own work is not in it.
"""

import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import aiomqtt

from edge.broker import own_broker
from tests.bench.daemon_figures import share
from tests.bench.spaces_many import SPACES, building
from tests.bench.spaces_whole import site

WARM_S: Final = 20.0
MEASURED_S: Final = 60.0
_DOOR_S, _AIR_S = 10.0, 60.0
_BUS: Final = """[[source]]
id = "bus"
driver = "mqtt"
[source.options]
port = {port}
topics = [{{ filter = "bench/readings" }}]
"""


def site_of(port: int) -> str:
    """The site file of the building, which is always open."""
    where = building(hours="mon-sun 00:00-24:00")
    return site(where, 'options = { part_of = "bus" }\n') + _BUS.format(port=port)


async def percent_of_a_core() -> float:
    """While the readings of the whole building come in."""
    async with own_broker() as broker:
        with tempfile.TemporaryDirectory() as name:
            daemon = _started(Path(name), broker.port)
            publishing = asyncio.create_task(_publish(broker.port))
            try:
                await asyncio.sleep(WARM_S)
                return await share(daemon.pid, MEASURED_S)
            finally:
                publishing.cancel()
                daemon.terminate()
                daemon.wait(20)


def _started(folder: Path, port: int) -> subprocess.Popen[bytes]:
    (folder / "site.toml").write_text(site_of(port))
    config = f'state_dir = "{folder}/state"\n[mqtt]\nport = {port}\n[board]\nport = 0\n'
    (folder / "daemon.toml").write_text(config)
    files = ["--site", str(folder / "site.toml"), "--config", str(folder / "daemon.toml")]
    return subprocess.Popen([sys.executable, "-m", "edge", "run", *files], stderr=subprocess.DEVNULL)


async def _publish(port: int) -> None:
    """Every sensor at its own moment."""
    rng = random.Random(0)
    due = [(rng.uniform(0, every_s), every_s, text) for every_s, text in _messages(rng)]
    started = time.monotonic()
    async with aiomqtt.Client("127.0.0.1", port) as client:
        while True:
            now_s = time.monotonic() - started
            for n, (at_s, every_s, text) in enumerate(due):
                if at_s <= now_s:
                    due[n] = (at_s + every_s, every_s, text)
                    await client.publish("bench/readings", text.replace("T_NS", str(time.time_ns())))
            await asyncio.sleep(0.1)


def _messages(rng: random.Random) -> Iterator[tuple[float, str]]:
    for i in range(SPACES):
        n = rng.randrange(2)
        yield _DOOR_S, f'{{"kind":"door","t_ns":T_NS,"source":"d{i}","in":{n},"out":{n}}}'
        for source, quantity, value in (("c", "co2_ppm", 500 + i), ("p", "presence", 1)):
            yield (
                _AIR_S,
                f'{{"kind":"room","t_ns":T_NS,"source":"{source}{i}","quantity":"{quantity}","value":{value}}}',
            )


def line() -> str:
    """The figure."""
    percent = asyncio.run(percent_of_a_core())
    return f"live: {percent:.1f} % of a core for {SPACES} spaces, from MQTT to MQTT (wanted 5)"


def main() -> None:
    print(line())


if __name__ == "__main__":
    main()
