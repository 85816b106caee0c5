"""What a reader answers and notifies.

LLRPStatus (287)                    | code 16, 0 = success | text: length 16, UTF-8 | parameters … |
ReaderEventNotificationData (246)   | UTCTimestamp (128): µs 64 | one or more events |
GPIEvent (248)                      | port 16 | high 1 | rsvd 7 |
AntennaEvent (255)                  | 0 = gone, 1 = there 8 | antenna 16 |
ConnectionAttemptEvent (256)        | 0 = success 16 |
ReaderExceptionEvent (252)          | text: length 16, UTF-8 | … |
"""

import struct
from dataclasses import dataclass
from typing import Final

from edge.errors import DeviceUnavailable
from edge.sensors.llrp.codec.wire import Param, parameters, text, unpack

_U16: Final = struct.Struct(">H")
_U64: Final = struct.Struct(">Q")
_PORT: Final = struct.Struct(">HB")
_ANTENNA: Final = struct.Struct(">BH")


@dataclass(frozen=True, slots=True)
class GpiChanged:
    """A general-purpose input went high or low. `utc_us` is -1 where the reader gives no time."""

    port: int
    high: bool
    utc_us: int


@dataclass(frozen=True, slots=True)
class AntennaChanged:
    antenna: int
    connected: bool


@dataclass(frozen=True, slots=True)
class ConnectionAttempted:
    """`status` 0 means that the reader serves us."""

    status: int


@dataclass(frozen=True, slots=True)
class ConnectionClosed:
    """The reader closes the connection."""


@dataclass(frozen=True, slots=True)
class ReaderComplained:
    text: str


Notice = GpiChanged | AntennaChanged | ConnectionAttempted | ConnectionClosed | ReaderComplained


def check_status(body: bytes, what: str) -> None:
    """Raises DeviceUnavailable with the reader's own words where it refuses; BadFrame where bytes lack."""
    for kind, value in parameters(body):
        if kind == Param.LLRP_STATUS:
            (code,) = unpack(_U16, value)
            if code:
                raise DeviceUnavailable(f"the reader refuses {what}: {code} {text(value, 2)[0]}".rstrip())
            return


def notices(body: bytes) -> list[Notice]:
    """The events of one READER_EVENT_NOTIFICATION that matter to us. Raises BadFrame."""
    found: list[Notice] = []
    for kind, data in parameters(body):
        if kind == Param.READER_EVENT_NOTIFICATION_DATA:
            utc_us = -1
            for event, value in parameters(data):
                if event == Param.UTC_TIMESTAMP:
                    (utc_us,) = unpack(_U64, value)
                elif (notice := _notice(event, value, utc_us)) is not None:
                    found.append(notice)
    return found


def _notice(event: int, value: bytes, utc_us: int) -> Notice | None:
    match event:
        case Param.GPI_EVENT:
            port, high = unpack(_PORT, value)
            return GpiChanged(port, bool(high & 0x80), utc_us)
        case Param.ANTENNA_EVENT:
            connected, antenna = unpack(_ANTENNA, value)
            return AntennaChanged(antenna, bool(connected))
        case Param.CONNECTION_ATTEMPT_EVENT:
            return ConnectionAttempted(unpack(_U16, value)[0])
        case Param.CONNECTION_CLOSE_EVENT:
            return ConnectionClosed()
        case Param.READER_EXCEPTION_EVENT:
            return ReaderComplained(text(value, 0)[0])
        case _:
            return None
