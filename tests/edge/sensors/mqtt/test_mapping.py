"""Foreign payloads: what Zigbee2MQTT, ESPHome and ChirpStack send, and what nobody should."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.errors import BadFrame
from edge.sensors.mqtt.config import Topic
from edge.sensors.mqtt.mapping import Mapper, wildcard_levels
from edge.types import NUMBER_QUANTITIES, DoorCount, Reading, RoomSample

NOW_NS = 1_763_712_000_000_000_000


def read(topic: dict[str, object], name: str, *payloads: object) -> list[Reading]:
    wanted = Topic.model_validate(topic)
    mapper = Mapper(wanted)
    levels = wildcard_levels(wanted.filter, name)
    assert levels is not None
    texts = [payload if isinstance(payload, bytes) else json.dumps(payload).encode() for payload in payloads]
    return [reading for text in texts for reading in mapper.readings(levels, text, NOW_NS)]


def test_zigbee2mqtt_state_gives_a_reading_for_each_value_that_is_there() -> None:
    topic = {
        "filter": "zigbee2mqtt/+",
        "time": "last_seen",
        "values": [
            {"path": "occupancy", "quantity": "motion"},
            {"path": "temperature", "quantity": "temperature_c"},
            {"path": "humidity", "quantity": "humidity_pct"},
        ],
    }
    payload = {
        "battery": 97,
        "occupancy": True,
        "temperature": 21.5,
        "last_seen": "2025-11-21T16:00:00.250+08:00",
    }
    assert read(topic, "zigbee2mqtt/Reading Room 2", payload) == [
        RoomSample(NOW_NS + 250_000_000, "reading-room-2", "motion", 1.0),
        RoomSample(NOW_NS + 250_000_000, "reading-room-2", "temperature_c", 21.5),
    ]


@pytest.mark.parametrize(
    ("payload", "value"), [(b"417.5", 417.5), (b" 417 \n", 417.0), (b"ON", 1.0), (b"off", 0.0)]
)
def test_esphome_sends_the_bare_value(payload: bytes, value: float) -> None:
    topic = {"filter": "esphome/+/sensor/co2/state", "values": [{"quantity": "co2_ppm"}]}
    assert read(topic, "esphome/room-1/sensor/co2/state", payload) == [
        RoomSample(NOW_NS, "room-1", "co2_ppm", value)
    ]


@pytest.mark.parametrize("quantity", NUMBER_QUANTITIES)
def test_every_room_quantity_can_come_from_a_foreign_topic(quantity: str) -> None:
    topic = {"filter": "panel/+", "values": [{"quantity": quantity}]}
    assert read(topic, "panel/exit", b"1") == [RoomSample(NOW_NS, "exit", quantity, 1.0)]


def test_an_unknown_quantity_is_said_with_the_known_ones() -> None:
    with pytest.raises(ValidationError, match=r"expected one of co2_ppm, .*out_total"):
        Topic.model_validate({"filter": "a", "values": [{"quantity": "co2"}]})


def test_chirpstack_uplink_has_its_own_time_and_nested_values() -> None:
    topic = {
        "filter": "application/+/device/+/event/up",
        "time": "time",
        "values": [
            {"path": "object.co2", "quantity": "co2_ppm", "source": "lora-{2}"},
            {
                "path": "rxInfo[0].rssi",
                "quantity": "people",
                "source": "lora-{2}",
                "scale": -1,
                "offset": 2,
            },
        ],
    }
    payload = {"time": "2025-11-21T08:00:01.5+00:00", "object": {"co2": 650}, "rxInfo": [{"rssi": -57}]}
    assert read(topic, "application/7/device/A84041FFFF/event/up", payload) == [
        RoomSample(NOW_NS + 1_500_000_000, "lora-a84041ffff", "co2_ppm", 650.0),
        RoomSample(NOW_NS + 1_500_000_000, "lora-a84041ffff", "people", 59.0),
    ]


def test_running_totals_become_counts() -> None:
    topic = {"filter": "door/total", "values": [{"quantity": "in_total", "source": "door-1"}]}
    assert read(topic, "door/total", 100, 103, 103, 2) == [
        DoorCount(NOW_NS, "door-1", 3, 0),
        DoorCount(NOW_NS, "door-1", 2, 0),
    ]


def test_counts_since_the_last_message_are_taken_as_they_are() -> None:
    values = [{"path": way, "quantity": way, "source": "door-1"} for way in ("in", "out")]
    found = read({"filter": "door", "values": values}, "door", {"in": 2, "out": 0}, {"out": 1})
    assert found == [DoorCount(NOW_NS, "door-1", 2, 0), DoorCount(NOW_NS, "door-1", 0, 1)]


@pytest.mark.parametrize("unit", [1, 10**3, 10**6, 10**9])
def test_time_may_be_a_number_of_any_usual_unit(unit: int) -> None:
    topic = {"filter": "a", "time": "t", "values": [{"path": "v", "quantity": "people", "source": "a"}]}
    found = read(topic, "a", {"t": NOW_NS // 10**9 * unit, "v": 3})
    assert found == [RoomSample(NOW_NS, "a", "people", 3.0)]


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"\xff", "not UTF-8"),
        (b'{"v": "many"}', "v: expected a number, found 'many'"),
        (b'{"v": [1]}', "v: expected a number"),
        (b'{"v": NaN}', "v: out of range"),
        (b'{"v": 1e300}', "v: out of range"),
        (b'{"v": 1, "t": "yesterday"}', "time: expected RFC 3339"),
        (b'{"v": 1, "t": "2025-11-21T08:00:00"}', "time: expected RFC 3339 with an offset"),
        (b'{"v": 1, "t": -5}', "time: expected RFC 3339 or a number"),
        (b'{"v": 1, "t": 1e300}', "time: expected RFC 3339 or a number"),
    ],
)
def test_payload_that_is_no_good_is_said(payload: bytes, said: str) -> None:
    topic = {"filter": "a", "time": "t", "values": [{"path": "v", "quantity": "people", "source": "a"}]}
    with pytest.raises(BadFrame, match=said):
        read(topic, "a", payload)


def test_topic_that_gives_no_id_is_refused() -> None:
    with pytest.raises(BadFrame, match="source: expected an id"):
        read({"filter": "+", "values": [{"quantity": "people"}]}, "书", b"1")


@pytest.mark.parametrize(
    ("pattern", "topic", "levels"),
    [
        ("a/b", "a/b", []),
        ("a/+/c", "a/b/c", ["b"]),
        ("a/+/c", "a/b/d", None),
        ("a/#", "a/b/c", ["b/c"]),
        ("a/+/#", "a/b", ["b", ""]),
        ("a/+", "a", None),
        ("a", "a/b", None),
        ("$share/g/a/+", "a/b", ["b"]),
    ],
)
def test_wildcards_stand_for_levels(pattern: str, topic: str, levels: list[str] | None) -> None:
    assert wildcard_levels(pattern, topic) == levels


@given(st.binary(max_size=60), st.text(max_size=10))
def test_any_payload_is_readings_or_a_bad_frame(payload: bytes, level: str) -> None:
    values = [{"path": path, "quantity": "in_total"} for path in ("", "a", "a[0].b")]
    try:
        found = read({"filter": "+", "time": "t", "values": values}, level.replace("/", ""), payload)
    except BadFrame:
        return
    assert all(reading.t_ns >= 0 for reading in found)
