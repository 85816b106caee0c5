"""An MQTT broker of our own on loopback, for the demo and for nothing else.

mosquitto where it is on PATH, else amqtt: MQTT 3.1.1 only and not for production, but enough on loopback.
"""

import asyncio
import logging
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from edge.errors import EdgeError

_log = logging.getLogger(__name__)

_HOST: Final = "127.0.0.1"
_START_S: Final = 5.0
_STOP_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that listens."""

    kind: Literal["mosquitto", "amqtt"]
    host: str
    port: int


@asynccontextmanager
async def own_broker() -> AsyncIterator[Broker]:
    """A broker on a free port of loopback while the context lasts. Raises EdgeError where there is none."""
    # Debian has mosquitto in sbin, which is not on every user's PATH.
    path = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if path is not None:
        async with _mosquitto(path) as broker:
            yield broker
    else:
        async with _amqtt() as broker:
            yield broker


@asynccontextmanager
async def _mosquitto(path: str) -> AsyncIterator[Broker]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="edge-broker-") as folder:
        config = Path(folder) / "mosquitto.conf"
        config.write_text(
            f"listener {port} {_HOST}\nallow_anonymous true\npersistence false\nlog_type error\n"
        )
        process = await asyncio.create_subprocess_exec(
            path,
            "-c",
            str(config),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the daemon, which still has records to deliver
        )
        try:
            await _listens(port, process)
            yield Broker("mosquitto", _HOST, port)
        finally:
            await _end(process)


@asynccontextmanager
async def _amqtt() -> AsyncIterator[Broker]:
    try:
        from amqtt.broker import Broker as Amqtt
    except ImportError:
        raise EdgeError("no MQTT broker: install mosquitto, or the extra 'demo' (amqtt)") from None
    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    port = free_port()
    broker = Amqtt(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{_HOST}:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    await broker.start()
    try:
        yield Broker("amqtt", _HOST, port)
    finally:
        await broker.shutdown()


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.create_server((_HOST, 0)) as found:
        port: int = found.getsockname()[1]
        return port


async def _listens(port: int, process: asyncio.subprocess.Process) -> None:
    deadline = asyncio.get_running_loop().time() + _START_S
    while process.returncode is None and asyncio.get_running_loop().time() < deadline:
        try:
            _, writer = await asyncio.open_connection(_HOST, port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        await writer.wait_closed()
        return
    raise EdgeError(f"mosquitto did not start on {_HOST}:{port}")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        _log.warning("the demo's broker had ended already, with code %s", process.returncode)
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()
