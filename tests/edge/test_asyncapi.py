"""The AsyncAPI document is valid by AsyncAPI's own schema, and what is really on the wire is valid by it."""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from hypothesis import given, settings
from jsonschema import Draft7Validator
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from cloud_sync import schema
from cloud_sync.messages import Messages
from edge.asyncapi import document
from edge.compose import build
from edge.daemon_config import DaemonConfig
from edge.demo.system import demo_books, demo_site
from edge.events import RECORD_TYPES, Record, ShelfState
from edge.lsp.wire import REQUESTS, RESULTS
from tests.cloud_sync.records import any_record
from tests.edge.lsp.lists import parts, row
from tests.real.built import built
from tests.real.mosquitto import Mosquitto
from tests.real.mosquitto import mosquitto as mosquitto

DOCUMENT = document()
SENDS = {name for name, one in DOCUMENT["operations"].items() if one["action"] == "send"}
RARE = {
    "event-item.moved": "a book that changes its board while the test looks",
    "event-item.taken": "the demo has no fixed antenna",
    "event-item.returned": "the demo has no fixed antenna",
    "event-item.found": "a book with the status missing must stand in the row that is read",
    "event-item.wrong-status": "a book with a wrong status must stand in the row that is read",
    "event-item.missing": "needs two passes of a board",
    "event-item.misplaced": "a misplaced book must stand in the row that is read",
    "event-tag.unknown": "an unknown tag must be in the row that is read",
    "event-gate.alarm": "the demo has no gate",
    "event-space.capacity": "a room must fill up",
    "event-space.noise": "a room must be loud for some minutes",
    "event-space.air": "a room must be stuffy",
    "event-space.after-hours": "somebody must be there at night",
    "event-sensor.health": "a sensor must fail",
    "event-inventory.finished": "a cart must have rested for a minute",
}
"""What a short run may not show, and why; each is held against what the encoder makes instead."""


@cache
def validator(message: str) -> Draft7Validator:
    """Of a message's payload; references lead into the document."""
    payload = DOCUMENT["components"]["messages"][message]["payload"]
    return Draft7Validator({"components": DOCUMENT["components"], "allOf": [payload]})


def channels() -> Iterator[tuple[str, re.Pattern[str], str]]:
    """Name, topics, message."""
    for name, channel in DOCUMENT["channels"].items():
        if channel["address"] is not None:
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(channel["address"]))
            yield name, re.compile(f"^{pattern}$"), next(iter(channel["messages"]))


def channel_of(topic: str) -> tuple[str, str]:
    found = [(name, message) for name, pattern, message in channels() if pattern.match(topic)]
    assert len(found) == 1, f"{topic}: {found}"
    return found[0]


def faults(topic: str, payload: bytes) -> list[str]:
    _, message = channel_of(topic)
    errors = validator(message).iter_errors(json.loads(payload))
    return [f"{topic}: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in errors]


@pytest.mark.real
def test_document_fits_asyncapis_own_schema() -> None:
    folder = Path(built("asyncapi_schema.sh", "AsyncAPI's schema"))
    official = json.loads((folder / "3.0.0-without-$id.json").read_text())
    assert [error.message for error in Draft7Validator(official).iter_errors(DOCUMENT)] == []


def test_every_reference_leads_somewhere_and_every_schema_is_one() -> None:
    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            yield from (value for key, value in node.items() if key == "$ref")
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from references(child)

    for reference in references(DOCUMENT):
        place: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    for name, one in DOCUMENT["components"]["schemas"].items():
        Draft7Validator.check_schema(one)
        assert "prefixItems" not in json.dumps(one), name


def test_every_event_type_state_and_request_has_its_channel() -> None:
    assert {f"send-event-{kind}" for kind in schema.EVENT_TYPES} < SENDS
    assert channel_of(schema.status_topic("s", "n"))[0] == "status"
    assert channel_of(schema.request_topic("s", "n", "approve"))[0] == "request-approve"
    assert channel_of(schema.lsp_topic("s", "shelf-list/3"))[0] == "lsp-shelf-list"


EVENTS = [RECORD_TYPES[kind] for kind in schema.EVENT_TYPES]


SUBJECTS = ("space", "shelf", "door", "source", "to_shelf")


def with_ids(record: Record) -> Record:
    """Sources, doors and boards have ids in the daemon; any other text is any text."""
    names = {field.name for field in fields(record)}
    return replace(record, **{name: "a1" for name in SUBJECTS if name in names})  # type: ignore[arg-type]


@settings(max_examples=200)
@given(any_record([*EVENTS, ShelfState]).map(with_ids))
def test_whatever_the_encoder_makes_is_valid(record: Record) -> None:
    for message in Messages("main", "n1").of(record):
        assert faults(message.topic, message.payload) == []


def test_a_payload_that_is_wrong_is_not_valid() -> None:
    topic = schema.event_topic("main", "n1", "item.missing")
    assert faults(topic, b'{"specversion": "1.0"}')
    assert faults(schema.lsp_topic("main", "items"), b'{"items": [{"status": "available"}]}')


class Wire:
    """All that is on the broker, by topic, and someone who sends."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.seen: dict[str, list[bytes]] = defaultdict(list)

    async def listen(self) -> None:
        async for message in self.client.messages:
            self.seen[str(message.topic)].append(bytes(message.payload))

    def kinds(self) -> set[str]:
        return {channel_of(topic)[0] for topic in self.seen if topic != "app/answers"}

    async def ask_all(self, site: str) -> None:
        assert set(REQUESTS) == set(RESULTS)
        said = {"locate": {"barcode": "1"}, "approve": {"barcodes": ["1"], "by": "Li"}}
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic = "app/answers"
        for verb in REQUESTS:
            topic = schema.request_topic(site, "demo", verb)
            await self.client.publish(topic, json.dumps(said.get(verb, {})), 1, properties=properties)
            async with asyncio.timeout(10):
                n = len(self.seen["app/answers"])
                while len(self.seen["app/answers"]) == n:
                    await asyncio.sleep(0.02)


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.real
async def test_what_the_demo_really_sends_is_valid(mosquitto: Mosquitto, tmp_path: Path) -> None:
    site, setups = demo_site(speed=4.0)
    site_id = site.site.id
    mqtt = {"port": mosquitto.port, "discovery": True}
    config = DaemonConfig.model_validate({"node": "demo", "state_dir": str(tmp_path), "mqtt": mqtt})
    daemon = build(site, config, setups, books=demo_books(setups))
    stop = asyncio.Event()
    v5 = aiomqtt.ProtocolVersion.V5
    async with aiomqtt.Client("127.0.0.1", mosquitto.port, protocol=v5) as client:
        await client.subscribe("#", 1)
        wire = Wire(client)
        listening = asyncio.create_task(wire.listen())
        running = asyncio.create_task(daemon.run(stop))
        wanted = {name.removeprefix("send-") for name in SENDS} - set(RARE) - {"event-space.booking"}
        try:
            for _ in range(200):
                if wanted <= wire.kinds():
                    break
                await asyncio.sleep(0.2)
            assert wanted - wire.kinds() == set()
            await wire.ask_all(site_id)
            booking = {"id": "b", "space": site.spaces[0].id}
            booking |= {"from": "2099-01-01T10:00:00Z", "to": "2099-01-01T11:00:00Z"}
            await client.publish(schema.lsp_topic(site_id, "bookings"), json.dumps([booking]), 1)
            change = {"items": [{"barcode": next(iter(daemon.books)).barcode, "status": "missing"}]}
            await client.publish(schema.lsp_topic(site_id, "items"), json.dumps(change), 1)
            for n, part in parts("1", [row(k) for k in range(10)], 2).items():
                await client.publish(schema.lsp_topic(site_id, f"shelf-list/{n}"), part, 1, True)
            async with asyncio.timeout(10):
                while "event-space.booking" not in wire.kinds():
                    await asyncio.sleep(0.1)
        finally:
            stop.set()
            await running
            listening.cancel()
    answers = [json.loads(one) for one in wire.seen.pop("app/answers")]
    said = [(topic, payload) for topic, payloads in wire.seen.items() for payload in payloads]
    assert [fault for topic, payload in said for fault in faults(topic, payload)][:3] == []
    assert [answer for answer in answers if list(validator("Answer").iter_errors(answer))] == []
    assert all(answer["ok"] for answer in answers if answer["verb"] != "approve")
    silent = {name for name, _, _ in channels()} - wire.kinds()
    assert silent <= set(RARE)
    print(f"not exercised: {', '.join(sorted(silent))}")
