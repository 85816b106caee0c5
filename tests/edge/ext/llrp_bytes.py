"""LLRP bytes as readers send them, built field by field from the standard's drawings."""

import struct


def message(kind: int, body: bytes = b"", number: int = 1) -> bytes:
    return struct.pack(">HII", 1 << 10 | kind, 10 + len(body), number) + body


def tlv(kind: int, *values: bytes) -> bytes:
    value = b"".join(values)
    return struct.pack(">HH", kind, 4 + len(value)) + value


def tv(kind: int, value: bytes) -> bytes:
    return bytes([0x80 | kind]) + value


def custom(vendor: int, subtype: int, value: bytes) -> bytes:
    return tlv(1023, struct.pack(">II", vendor, subtype), value)


def impinj_report(
    epc: bytes = bytes.fromhex("E28011606000020D5F3A1B2C"),
    *,
    antenna: int = 1,
    t_us: int = 1_763_712_000_123_456,
    channel: int = 3,
    rssi_dbm: float = -54.5,
    phase: int = 1024,
    doppler: int = -8,
) -> bytes:
    """A TagReportData as an Impinj reader with low-level data sends it: 88 bytes with a 96-bit EPC."""
    head = tv(13, epc) if len(epc) == 12 else tlv(241, struct.pack(">H", 8 * len(epc)), epc)
    return tlv(
        240,
        head,
        tv(1, struct.pack(">H", antenna)),
        tv(6, struct.pack(">b", round(rssi_dbm))),
        tv(7, struct.pack(">H", channel)),
        tv(2, struct.pack(">Q", t_us)),
        tv(4, struct.pack(">Q", t_us)),
        tv(8, struct.pack(">H", 1)),
        custom(25882, 56, struct.pack(">H", phase)),
        custom(25882, 57, struct.pack(">h", round(rssi_dbm * 100))),
        custom(25882, 68, struct.pack(">h", doppler)),
    )


def report_message(*reports: bytes) -> bytes:
    return message(61, b"".join(reports))
