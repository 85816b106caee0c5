"""The MQTT sink against a real broker."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from cloud_sync.mqtt import MqttSink
from cloud_sync.options import MqttOptions
from cloud_sync.sink import Batch
from edge.clock import SystemClock
from edge.errors import ConfigError, NameTaken, SinkUnavailable
from edge.events import SpaceOccupied
from tests.cloud_sync.records import measured, misplaced, occupied, seen
from tests.contracts.sink import SinkContract, batch_of
from tests.real.mosquitto import Mosquitto

pytestmark = pytest.mark.real
V5 = aiomqtt.ProtocolVersion.V5


def sink_to(port: int, **options: object) -> MqttSink:
    all_options = MqttOptions.model_validate({"port": port, **options})
    return MqttSink(all_options, SystemClock(), site="main", node="n1", version="0", boot_id="b")


class Inbox:
    """What a subscriber has got."""

    def __init__(self) -> None:
        self.messages: list[aiomqtt.Message] = []

    def events(self) -> list[dict]:
        found = [json.loads(m.payload) for m in self.messages if "/event/" in str(m.topic)]
        return list({event["id"]: event for event in found}.values())

    async def wait_for(self, n: int, topic: str = "/event/", timeout_s: float = 5.0) -> None:
        async with asyncio.timeout(timeout_s):
            while sum(topic in str(m.topic) for m in self.messages) < n:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def subscriber(port: int, topic: str = "#") -> AsyncIterator[Inbox]:
    """Everything that is published while this lasts, the retained first."""
    inbox = Inbox()
    async with aiomqtt.Client("127.0.0.1", port, protocol=V5) as client:
        await client.subscribe(topic, qos=1)

        async def listen() -> None:
            async for message in client.messages:
                inbox.messages.append(message)

        task = asyncio.create_task(listen())
        yield inbox
        task.cancel()


async def retained(port: int, topic: str = "#") -> dict[str, bytes]:
    async with subscriber(port, topic) as inbox:
        await asyncio.sleep(0.2)
    return {str(m.topic): bytes(m.payload) for m in inbox.messages if m.retain}


class TestContract(SinkContract):
    """A subscriber with a persistent session is the far end."""

    @pytest.fixture(autouse=True)
    def _broker(self, mosquitto: Mosquitto) -> None:
        self.port = mosquitto.port
        asyncio.run(self._session())

    async def _session(self) -> None:
        async with self._client() as client:
            await client.subscribe("lib/v1/main/n1/event/#", qos=1)

    def _client(self) -> aiomqtt.Client:
        return aiomqtt.Client("127.0.0.1", self.port, identifier="far-end", clean_session=False)

    def new_sink(self) -> MqttSink:
        return sink_to(self.port)

    async def arrived(self) -> set[str]:
        found = {}
        async with self._client() as client:
            while True:
                try:
                    async with asyncio.timeout(0.3):
                        event = json.loads((await anext(client.messages)).payload)
                except TimeoutError:
                    return set(found.values())
                found[event["id"]] = event["data"]["barcode"]


async def test_acknowledged_events_are_at_the_subscriber(mosquitto: Mosquitto) -> None:
    async with subscriber(mosquitto.port) as inbox, sink_to(mosquitto.port) as sink:
        result = await sink.write(batch_of([seen(n) for n in range(1000)]))
        await inbox.wait_for(1000)
    assert len(result.accepted) == 1000
    assert {event["data"]["barcode"] for event in inbox.events()} == {f"{n:08d}" for n in range(1000)}


async def test_telemetry_is_accepted_and_not_sent(mosquitto: Mosquitto) -> None:
    async with sink_to(mosquitto.port) as sink:
        result = await sink.write(batch_of([measured(1), seen(1)]))
    assert sorted(result.accepted) == [0, 1]


async def test_status_is_retained_and_the_will_is_offline(mosquitto: Mosquitto) -> None:
    topic = "lib/v1/main/n1/status"
    sink = await sink_to(mosquitto.port).__aenter__()
    assert json.loads((await retained(mosquitto.port))[topic])["state"] == "online"
    await sink.say("degraded", ["co2-1 is silent"])
    assert json.loads((await retained(mosquitto.port))[topic])["reasons"] == ["co2-1 is silent"]
    async with subscriber(mosquitto.port, topic) as inbox:
        sink._link.cut()  # type: ignore[union-attr]
        await inbox.wait_for(2, topic)
    assert json.loads(inbox.messages[-1].payload)["state"] == "offline"


async def test_leaving_says_offline(mosquitto: Mosquitto) -> None:
    async with sink_to(mosquitto.port):
        pass
    assert b'"offline"' in (await retained(mosquitto.port))["lib/v1/main/n1/status"]


async def test_states_are_said_again_to_a_broker_that_lost_them(mosquitto: Mosquitto) -> None:
    sink = sink_to(mosquitto.port)
    now = SpaceOccupied(time.time_ns(), "reading", 7.0, 0.5, 1.0, "good")
    async with sink:
        await sink.write(batch_of([now]))
    mosquitto.kill()
    mosquitto.start()
    assert await retained(mosquitto.port) == {}
    async with sink:
        found = await retained(mosquitto.port)
    assert json.loads(found["lib/v1/main/n1/state/space/reading"])["people"] == 7.0


async def test_state_expires(mosquitto: Mosquitto) -> None:
    async with subscriber(mosquitto.port) as inbox, sink_to(mosquitto.port, space_state_expiry_s=77) as sink:
        await sink.write(batch_of([occupied(1)]))
        await inbox.wait_for(1, "/state/")
    (state,) = (m for m in inbox.messages if "/state/" in str(m.topic))
    assert state.properties is not None
    assert 76 <= state.properties.MessageExpiryInterval <= 77  # type: ignore[attr-defined]


async def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(SinkUnavailable):
        await sink_to(1).__aenter__()


async def test_a_killed_broker_is_noticed_in_two_seconds(mosquitto: Mosquitto) -> None:
    async with sink_to(mosquitto.port) as sink:
        mosquitto.kill()
        started = time.monotonic()
        with pytest.raises(SinkUnavailable):
            await sink.write(batch_of([seen(1)]))
        assert time.monotonic() - started < 2.0
        await asyncio.wait_for(sink.lost(), 1.0)


async def thrown_out(sink: MqttSink, port: int) -> SinkUnavailable:
    """What is told when another client comes under the same name."""
    try:
        async with sink, sink_to(port):
            await asyncio.wait_for(sink.lost(), 5)
            await sink.write(batch_of([seen(1)]))
    except SinkUnavailable as error:
        return error
    raise AssertionError("it was written")


async def test_a_second_daemon_of_our_name_is_told_as_such_and_not_fought(mosquitto: Mosquitto) -> None:
    sink = sink_to(mosquitto.port)
    told = [await thrown_out(sink, mosquitto.port) for _ in range(6)]
    assert [isinstance(error, NameTaken) for error in told] == [False] * 5 + [True]
    assert "edge-main-n1" in str(told[-1])
    assert told[-1].retry_after_s == 60.0


async def test_a_frozen_broker_is_noticed_in_three_seconds(mosquitto: Mosquitto) -> None:
    async with sink_to(mosquitto.port, ack_timeout_s=1.0) as sink:
        mosquitto.freeze()
        started = time.monotonic()
        with pytest.raises(SinkUnavailable, match="no acknowledgement"):
            await sink.write(batch_of([seen(1)]))
        assert time.monotonic() - started < 3.0
        mosquitto.thaw()


async def test_what_was_acknowledged_before_the_cut_counts(mosquitto: Mosquitto) -> None:
    batch = batch_of([seen(n) for n in range(20_000)])
    async with sink_to(mosquitto.port, window=10) as sink:
        asyncio.get_running_loop().call_later(0.2, mosquitto.kill)
        result = await sink.write(batch)
        assert 0 < len(result.accepted) < 20_000
        assert not result.rejected
        with pytest.raises(SinkUnavailable):
            await sink.write(batch_of([seen(1)]))


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that lets everything in but alarms about misplaced books."""
    (tmp_path / "acl").write_text("topic readwrite #\ntopic deny lib/v1/main/n1/event/item.misplaced\n")
    server = Mosquitto(tmp_path, ["allow_anonymous true", f"acl_file {tmp_path / 'acl'}"])
    server.start()
    yield server
    server.stop()


async def test_a_refused_topic_is_not_delivered(guarded: Mosquitto) -> None:
    async with sink_to(guarded.port) as sink:
        result = await sink.write(batch_of([seen(1), misplaced(2), seen(3)]))
    assert sorted(result.accepted) == [0, 2]
    assert list(result.denied) == [1]


async def test_a_message_too_large_for_the_broker_is_rejected_here(tmp_path: Path) -> None:
    server = Mosquitto(tmp_path, ["allow_anonymous true", "max_packet_size 2000"])
    server.start()
    try:
        async with sink_to(server.port) as sink:
            result = await sink.write(batch_of([seen(1), seen(2, "x" * 3000), seen(3)]))
        assert sorted(result.accepted) == [0, 2]
        assert dict(result.rejected) == {1: "packet too large"}
    finally:
        server.stop()


async def test_wrong_password_is_unavailable_and_patient(tmp_path: Path) -> None:
    server = Mosquitto(tmp_path, ["allow_anonymous false"])
    server.start()
    try:
        with pytest.raises(SinkUnavailable) as told:
            await sink_to(server.port, protocol="5").__aenter__()
        assert told.value.retry_after_s == 30.0
    finally:
        server.stop()


async def test_a_secret_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("secret\n")
    secret.chmod(0o644)
    with pytest.raises(ConfigError, match="others may read"):
        await sink_to(1, username="u", password_file=str(secret)).__aenter__()


async def test_an_old_broker_gets_the_old_protocol(caplog: pytest.LogCaptureFixture) -> None:
    amqtt_broker = pytest.importorskip("amqtt.broker")
    caplog.set_level(logging.CRITICAL)
    from tests.real.process import free_port

    port = free_port()
    config = {"listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}}, "plugins": {
        "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}}  # fmt: skip
    broker = amqtt_broker.Broker(config)
    await broker.start()
    try:
        async with sink_to(port) as sink:
            result = await sink.write(batch_of([seen(n) for n in range(50)]))
        assert len(result.accepted) == 50
    finally:
        await broker.shutdown()


async def test_a_broker_that_is_only_slow_is_not_taken_for_an_old_one(mosquitto: Mosquitto) -> None:
    sink = sink_to(mosquitto.port, connect_timeout_s=0.5)
    async with sink:
        pass
    mosquitto.freeze()
    with pytest.raises(SinkUnavailable):
        await sink.__aenter__()
    mosquitto.thaw()
    async with sink:
        assert not sink._old_protocol


async def test_discovery_is_one_retained_document(mosquitto: Mosquitto) -> None:
    from cloud_sync.schema import SpaceInfo

    sink = MqttSink(
        MqttOptions(port=mosquitto.port, discovery=True),
        SystemClock(),
        site="main",
        node="n1",
        version="0",
        boot_id="b",
        spaces={"reading": SpaceInfo(capacity=10)},
    )
    async with sink:
        found = await retained(mosquitto.port, "homeassistant/#")
    document = json.loads(found["homeassistant/device/library-edge-main-n1/config"])
    assert set(document["cmps"]) == {"reading-people", "reading-occupied"}
    assert all(part["unique_id"] and part["p"] for part in document["cmps"].values())


async def test_a_write_without_a_connection_is_unavailable() -> None:
    with pytest.raises(SinkUnavailable):
        await sink_to(1).write(Batch())
