"""The broker configuration that we ship, in a real broker: what a node may write, and what it may not."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.mqtt import MqttSink
from cloud_sync.mqtt_inbox import Letter, MqttInbox
from cloud_sync.options import MqttOptions
from edge.clock import SystemClock
from edge.errors import SinkUnavailable
from edge.tls import TlsFiles
from tests.cloud_sync.records import occupied, seen
from tests.conftest import ROOT, missing
from tests.contracts.sink import batch_of
from tests.real.mosquitto import Mosquitto

pytestmark = pytest.mark.real
SHIPPED = ROOT / "firmware_configs/mosquitto"


def certificate(folder: Path, name: str, common_name: str, ca: str | None) -> None:
    """A key and a certificate, signed by `ca` or by itself."""
    key, cert = folder / f"{name}.key", folder / f"{name}.pem"
    subject = ["-subj", f"/CN={common_name}", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    signed = ["-CA", str(folder / f"{ca}.pem"), "-CAkey", str(folder / f"{ca}.key")] if ca else []
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-keyout", str(key), "-out", str(cert), *subject, *signed],
        check=True, capture_output=True,
    )  # fmt: skip


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker with the settings that we ship, but for paths and the port."""
    if shutil.which("openssl") is None:
        missing("openssl")
    certificate(tmp_path, "ca", "test authority", None)
    for name, common_name in (("server", "127.0.0.1"), ("node", "n1"), ("stranger", "n2"), ("desk", "desk")):
        certificate(tmp_path, name, common_name, "ca")
    lines = (SHIPPED / "mosquitto.conf").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith(("listener", "persistence_location")))
    text = text.replace("/etc/mosquitto/certs", str(tmp_path))
    text = re.sub(r"acl_file .*", f"acl_file {SHIPPED / 'library.acl'}", text)
    server = Mosquitto(tmp_path, text.splitlines())
    server.start()
    yield server
    server.stop()


def options_of(name: str, server: Mosquitto, ca: str = "ca") -> MqttOptions:
    folder = server.folder
    tls = TlsFiles(
        ca_file=str(folder / f"{ca}.pem"),
        cert_file=str(folder / f"{name}.pem"),
        key_file=str(folder / f"{name}.key"),
    )
    return MqttOptions(port=server.port, tls=tls, protocol="5", ack_timeout_s=5.0)


def sink_as(name: str, server: Mosquitto, ca: str = "ca") -> MqttSink:
    options = options_of(name, server, ca)
    return MqttSink(options, SystemClock(), site="main", node="n1", version="0", boot_id="b")


def inbox_as(name: str, server: Mosquitto, *filters: str) -> MqttInbox:
    wanted = dict.fromkeys(filters, 1)
    return MqttInbox(options_of(name, server), name, wanted, session_s=0, max_bytes=1 << 20)


async def test_a_desk_asks_and_hears_the_answer_and_nobody_else_does(shipped: Mosquitto) -> None:
    asked, answers = "lib/v1/main/n1/request/locate", "lib/v1/main/answer/n1/desk"
    async with (
        inbox_as("node", shipped, "lib/v1/main/n1/request/+", "lib/v1/main/lsp/#") as node,
        inbox_as("desk", shipped, answers) as desk,
        inbox_as("stranger", shipped, asked, answers) as stranger,
    ):
        question = Letter(asked, b"", False, asked, b"7", 0, 1)
        await desk.answer(question, b'{"barcode":"1"}')  # a publish like any other
        heard = await asyncio.wait_for(anext(node), 5)
        assert heard.payload == b'{"barcode":"1"}'
        await node.answer(heard._replace(answer_to=answers), b"here")
        assert (await asyncio.wait_for(anext(desk), 5)).payload == b"here"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(stranger), 0.3)


async def test_a_node_writes_under_its_own_name(shipped: Mosquitto) -> None:
    async with sink_as("node", shipped) as sink:
        result = await sink.write(batch_of([seen(1), occupied(2)]))
    assert sorted(result.accepted) == [0, 1]


async def test_a_node_cannot_write_under_another_name(shipped: Mosquitto) -> None:
    async with sink_as("stranger", shipped) as sink:
        result = await sink.write(batch_of([seen(1)]))
    assert not result.accepted
    assert list(result.denied) == [0]


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore:.*SSLSocket:pytest.PytestUnraisableExceptionWarning")
async def test_a_broker_that_our_authority_did_not_sign_is_not_talked_to(shipped: Mosquitto) -> None:
    with pytest.raises(SinkUnavailable):
        await sink_as("node", shipped, ca="stranger").__aenter__()
