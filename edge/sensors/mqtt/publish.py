"""PUBLISH packets (MQTT 3.1.1 and 5): what is in one, without the library's dozen objects for each.

fixed header  | 3 4 | again 1 | QoS 2 | retain 1 | length, 1 to 4 bytes |
behind it     | topic: length 16, UTF-8 | id 16, from QoS 1 on | MQTT 5: length, properties | payload |
a length      | more follows 1 | 7 bits, the lowest first |
"""

import struct
from typing import Final, NamedTuple

from edge.errors import BadFrame

_U16: Final = struct.Struct(">H")
_LENGTH_BYTES: Final = 4
_PUBLISH: Final = 3


class Arrived(NamedTuple):
    """A message. `number` is its packet id, 0 at QoS 0."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    number: int


def arrived(command: int, packet: bytes | bytearray, *, v5: bool) -> Arrived:
    """The message of a packet's first byte and of what is behind its fixed header. Raises BadFrame."""
    qos, number = command >> 1 & 3, 0
    try:
        (size,) = _U16.unpack_from(packet, 0)
        at = 2 + size
        topic = packet[2:at].decode()
        if qos:
            (number,) = _U16.unpack_from(packet, at)
            at += 2
        if v5:
            at = _behind_properties(packet, at)
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise BadFrame(f"PUBLISH: {error}") from None
    if at > len(packet):
        raise BadFrame("PUBLISH: properties beyond its end")
    return Arrived(topic, bytes(packet[at:]), qos, bool(command & 1), number)


def whole_publish(held: bytes, at: int) -> tuple[int, int] | None:
    """Where the body of the PUBLISH at `at` starts and stops; None where there is none, or not all of it."""
    if at >= len(held) or held[at] >> 4 != _PUBLISH:
        return None
    size = 0
    for place, byte in enumerate(held[at + 1 : at + 1 + _LENGTH_BYTES]):
        size |= (byte & 127) << 7 * place
        if byte < 128:
            start = at + place + 2
            return (start, start + size) if start + size <= len(held) else None
    return None


def _behind_properties(packet: bytes | bytearray, at: int) -> int:
    size = 0
    for place in range(_LENGTH_BYTES):
        byte = packet[at + place]
        size |= (byte & 127) << 7 * place
        if byte < 128:
            return at + place + 1 + size
    raise BadFrame("PUBLISH: a length of five bytes")
