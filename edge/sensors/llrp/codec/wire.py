"""Messages and parameters as bytes, and back.

The drawings of both are in `edge.ext.llrp`. Version 1 in a message's head means LLRP 1.0.1.
"""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Final

from edge.errors import BadFrame

VERSION: Final = 1
_HEAD: Final = struct.Struct(">HII")
_PARAMETER: Final = struct.Struct(">HH")
_CUSTOM: Final = struct.Struct(">II")


class Kind(IntEnum):
    """Message types."""

    GET_READER_CAPABILITIES = 1
    SET_READER_CONFIG = 3
    CLOSE_CONNECTION = 14
    ADD_ROSPEC = 20
    DELETE_ROSPEC = 21
    START_ROSPEC = 22
    ENABLE_ROSPEC = 24
    KEEPALIVE = 62
    READER_EVENT_NOTIFICATION = 63
    KEEPALIVE_ACK = 72
    ERROR_MESSAGE = 100
    CUSTOM_MESSAGE = 1023


class Param(IntEnum):
    """Types of TLV parameters."""

    UTC_TIMESTAMP = 128
    GENERAL_DEVICE_CAPABILITIES = 137
    REGULATORY_CAPABILITIES = 143
    UHF_BAND_CAPABILITIES = 144
    TRANSMIT_POWER_LEVEL = 145
    FREQUENCY_INFORMATION = 146
    FREQUENCY_HOP_TABLE = 147
    FIXED_FREQUENCY_TABLE = 148
    ROSPEC = 177
    RO_BOUNDARY_SPEC = 178
    ROSPEC_START_TRIGGER = 179
    ROSPEC_STOP_TRIGGER = 182
    AISPEC = 183
    AISPEC_STOP_TRIGGER = 184
    INVENTORY_PARAMETER_SPEC = 186
    KEEPALIVE_SPEC = 220
    ANTENNA_CONFIGURATION = 222
    RF_TRANSMITTER = 224
    GPI_PORT_STATE = 225
    EVENTS_AND_REPORTS = 226
    RO_REPORT_SPEC = 237
    TAG_REPORT_CONTENT_SELECTOR = 238
    READER_EVENT_NOTIFICATION_SPEC = 244
    EVENT_NOTIFICATION_STATE = 245
    READER_EVENT_NOTIFICATION_DATA = 246
    GPI_EVENT = 248
    READER_EXCEPTION_EVENT = 252
    ANTENNA_EVENT = 255
    CONNECTION_ATTEMPT_EVENT = 256
    CONNECTION_CLOSE_EVENT = 257
    LLRP_STATUS = 287
    RF_MODE_TABLE = 328
    RF_MODE = 329
    C1G2_INVENTORY_COMMAND = 330
    C1G2_RF_CONTROL = 335
    C1G2_SINGULATION_CONTROL = 336
    C1G2_EPC_MEMORY_SELECTOR = 348
    CUSTOM = 1023


class Vendor(IntEnum):
    """Private enterprise numbers."""

    ZEBRA = 161
    IMPINJ = 25882


def message(kind: int, number: int, *parts: bytes) -> bytes:
    """A whole message with its id."""
    body = b"".join(parts)
    return _HEAD.pack(VERSION << 10 | kind, _HEAD.size + len(body), number) + body


def tlv(kind: int, *parts: bytes) -> bytes:
    """A TLV parameter."""
    value = b"".join(parts)
    return _PARAMETER.pack(kind, _PARAMETER.size + len(value)) + value


def custom(vendor: int, subtype: int, *parts: bytes) -> bytes:
    """A vendor's own parameter."""
    return tlv(Param.CUSTOM, _CUSTOM.pack(vendor, subtype), *parts)


def u8(*values: int) -> bytes:
    return bytes(values)


def u16(*values: int) -> bytes:
    return struct.pack(f">{len(values)}H", *values)


def u32(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def parameters(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The TLV parameters of a message's body or of a parameter's value: type and value.

    Raises BadFrame where a length can't be one.
    """
    at = 0
    while at < len(data):
        kind, size = unpack(_PARAMETER, data, at)
        if not _PARAMETER.size <= size <= len(data) - at:
            raise BadFrame(f"LLRP: a parameter {kind & 1023} of {size} bytes")
        yield kind & 1023, data[at + _PARAMETER.size : at + size]
        at += size


def unpack(form: struct.Struct, data: bytes, at: int = 0) -> tuple[int, ...]:
    """The whole numbers at `at`. Raises BadFrame where there are too few bytes."""
    try:
        return form.unpack_from(data, at)
    except struct.error:
        raise BadFrame(f"LLRP: {len(data) - at} bytes where {form.size} are needed") from None


def text(data: bytes, at: int) -> tuple[str, int]:
    """The UTF-8 text with a length of 16 bits at `at`, and where it ends. Raises BadFrame."""
    (size,) = unpack(struct.Struct(">H"), data, at)
    end = at + 2 + size
    if end > len(data):
        raise BadFrame(f"LLRP: a text of {size} bytes in {len(data)}")
    return data[at + 2 : end].decode(errors="replace"), end
