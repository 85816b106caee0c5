"""The demo's own broker: it listens on loopback, takes a client, and is gone afterwards."""

import asyncio
import shutil

import aiomqtt
import pytest

from edge import broker
from edge.broker import own_broker
from tests.conftest import missing


async def answers(host: str, port: int) -> bool:
    """Whether a retained message comes back."""
    async with aiomqtt.Client(host, port, timeout=5) as client:
        await client.publish("demo/hello", b"1", qos=1, retain=True)
        await client.subscribe("demo/#", qos=1)
        async with asyncio.timeout(5):
            async for message in client.messages:
                return bool(message.payload == b"1")
    return False


async def test_mosquitto_serves_where_it_is_installed() -> None:
    if shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin") is None:
        missing("mosquitto")
    async with own_broker() as found:
        assert found.kind == "mosquitto"
        assert await answers(found.host, found.port)
    with pytest.raises(OSError, match=r"."):
        await asyncio.open_connection(found.host, found.port)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_amqtt_serves_where_mosquitto_is_not() -> None:
    pytest.importorskip("amqtt")
    async with broker._amqtt() as found:
        assert found.kind == "amqtt"
        assert await answers(found.host, found.port)
