"""What we ask of a reader, as message bodies.

SET_READER_CONFIG       | reset 1 | rsvd 7 | parameters … |
KeepaliveSpec (220)     | 1 = periodic 8 | ms 32 |
EventsAndReports (226)  | hold on reconnect 1 | rsvd 7 |
EventNotificationState (245, in 244)  | event 16 | on 1 | rsvd 7 |
GPIPortCurrentState (225)  | port 16 | enabled 1 | rsvd 7 | state 8, 2 = unknown |
IMPINJ_ENABLE_EXTENSIONS (message 1023)  | vendor 32 | 21 8 | rsvd 32 |
ImpinjSubRegulatoryRegion (vendor parameter 22)  | region 16 |
"""

from collections.abc import Iterable
from enum import IntEnum

from edge.sensors.llrp.codec.wire import Param, Vendor, custom, tlv, u8, u16, u32

_ON = 0x80


class Event(IntEnum):
    """Events that a reader can notify."""

    GPI = 1
    BUFFER_FILL_WARNING = 3
    READER_EXCEPTION = 4
    ANTENNA = 8


def capabilities() -> bytes:
    """All capabilities."""
    return u8(0)


def rospec_id(number: int) -> bytes:
    """One ROSpec; 0 means all of them."""
    return u32(number)


def enable_impinj() -> bytes:
    return u32(Vendor.IMPINJ) + u8(21) + u32(0)


def config(keepalive_ms: int, gpi_ports: Iterable[int], impinj_region: int | None) -> bytes:
    """Keepalives, the events that we want, nothing held back, and the GPI ports that count."""
    events = [tlv(Param.EVENT_NOTIFICATION_STATE, u16(event), u8(_ON)) for event in Event]
    region = [] if impinj_region is None else [custom(Vendor.IMPINJ, 22, u16(impinj_region))]
    return b"".join(
        (
            u8(0),
            tlv(Param.READER_EVENT_NOTIFICATION_SPEC, *events),
            tlv(Param.KEEPALIVE_SPEC, u8(1), u32(keepalive_ms)),
            *(tlv(Param.GPI_PORT_STATE, u16(port), u8(_ON, 2)) for port in gpi_ports),
            tlv(Param.EVENTS_AND_REPORTS, u8(0)),
            *region,
        )
    )
