"""PUBLISH packets: as another decoder reads them, and as nobody should send them."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt._packet import decode_publish
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.errors import BadFrame
from edge.sensors.mqtt.publish import Arrived, arrived, whole_publish


def packet(topic: str, payload: bytes, qos: int, properties: bytes) -> bytes:
    name = topic.encode()
    number = struct.pack(">H", 7) if qos else b""
    return struct.pack(">H", len(name)) + name + number + properties + payload


def user_properties(n: int) -> bytes:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = 60
    properties.UserProperty = [("k" * 50, "v" * 50)] * n
    return bytes(properties.pack())  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("qos", [0, 1])
@pytest.mark.parametrize("n", [0, 1, 30, 300])
def test_properties_of_any_length_are_passed_over(qos: int, n: int) -> None:
    data = packet("a/b", b"payload", qos, user_properties(n))
    assert arrived(0x30 | qos << 1, data, v5=True) == Arrived("a/b", b"payload", qos, False, 7 * qos)


def test_retained_message_of_mqtt_3_says_so() -> None:
    assert arrived(0x31, packet("书", b"", 0, b""), v5=False) == Arrived("书", b"", 0, True, 0)


@given(st.text(max_size=20), st.binary(max_size=300), st.integers(0, 1), st.integers(0, 3))
def test_another_decoder_reads_the_same(topic: str, payload: bytes, qos: int, n: int) -> None:
    data = packet(topic, payload, qos, user_properties(n))
    found = arrived(0x30 | qos << 1, data, v5=True)
    expected = decode_publish(0x30 | qos << 1, data, MQTTProtocolVersion.MQTTv5)
    assert (found.topic.encode(), found.payload, found.number) == (
        expected.topic,
        expected.payload,
        expected.mid,
    )


@given(st.integers(0, 255), st.binary(max_size=40), st.booleans())
def test_any_bytes_are_a_message_or_a_bad_frame(command: int, data: bytes, v5: bool) -> None:
    try:
        message = arrived(command, data, v5=v5)
    except BadFrame:
        return
    assert len(message.topic.encode()) + len(message.payload) <= len(data)


MESSAGES = st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=300), st.integers(0, 1)), max_size=5)


@given(MESSAGES, st.data())
def test_whole_messages_are_taken_and_the_last_waits_for_its_end(
    sent: list[tuple[str, bytes, int]], data: st.DataObject
) -> None:
    bodies = [(qos, packet(topic, payload, qos, b"")) for topic, payload, qos in sent]
    wire = b"".join(bytes([0x30 | qos << 1]) + length(len(body)) + body for qos, body in bodies)
    held = wire[: data.draw(st.integers(0, len(wire)))]
    found, at = [], 0
    while (place := whole_publish(held, at)) is not None:
        start, at = place
        found.append(held[start:at])
    assert found == [body for _, body in bodies][: len(found)]
    assert len(found) == len(bodies) or len(held) < len(wire)


def length(n: int) -> bytes:
    """MQTT 5 §1.5.5."""
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + length(n >> 7)


@pytest.mark.parametrize(
    "held", [b"", b"\x40\x02\x00\x01", b"\x30", b"\x30\x80", b"\x30\xff\xff\xff\xff\x01"]
)
def test_what_is_no_whole_message_is_left(held: bytes) -> None:
    assert whole_publish(held, 0) is None
