"""The plain twin of the LLRP kernel."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

HEAD: Final = struct.Struct(">HII")
REPORT: Final = 61
TAG_REPORT: Final = 240
EPC_DATA: Final = 241
CUSTOM: Final = 1023
IMPINJ, ZEBRA = 25882, 161
MAX_EPC_BYTES: Final = 62

# Value sizes of the TV parameters of a tag report.
TV_BYTES: Final = {
    **dict.fromkeys((1, 7, 8, 10, 11, 12, 14, 17, 19, 20), 2),
    **dict.fromkeys((2, 3, 4, 5), 8),
    **dict.fromkeys((9, 16, 18), 4),
    6: 1,
    13: 12,
}
WHOLE: Final = ("utc_us", "uptime_us", "antenna", "channel", "pc", "tag", "tid")
REAL: Final = ("rssi_dbm", "phase_turn", "doppler_hz")
TV_NAMES: Final = {
    1: "antenna",
    2: "utc_us",
    3: "uptime_us",
    4: "last_utc_us",
    5: "last_uptime_us",
    7: "channel",
    12: "pc",
}

Other = tuple[int, int, bytes]


class Broken(ValueError):
    """A length or a type that can't be."""


@dataclass(slots=True)
class Report:
    """One tag report as it is read."""

    epc: bytes = b""
    tid_bytes: bytes = b""
    utc_us: int = -1
    uptime_us: int = -1
    last_utc_us: int = -1
    last_uptime_us: int = -1
    antenna: int = -1
    channel: int = -1
    pc: int = -1
    tag: int = -1
    tid: int = -1
    rssi_dbm: float = nan
    fine_rssi_dbm: float = nan
    phase_turn: float = nan
    doppler_hz: float = nan


def read_messages(
    data: bytes, most: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], tuple[str, ...], tuple[str, ...], int, list[Other], int]:
    messages = list(_messages(data, most))
    found = [
        report for start, end, kind, _ in messages if kind == REPORT for report in _reports(data[start:end])
    ]
    reports = [report for report in found if report is not None]
    epcs: dict[bytes, int] = {}
    tids: dict[bytes, int] = {}
    for report in reports:
        report.tag = epcs.setdefault(report.epc, len(epcs))
        if report.tid_bytes:
            report.tid = tids.setdefault(report.tid_bytes, len(tids))
    return (
        np.array([[getattr(report, name) for report in reports] for name in WHOLE], np.int64),
        np.array([[getattr(report, name) for report in reports] for name in REAL], np.float64),
        tuple(epc.hex().upper() for epc in epcs),
        tuple(tid.hex().upper() for tid in tids),
        len(found) - len(reports),
        [(kind, number, data[start:end]) for start, end, kind, number in messages if kind != REPORT],
        messages[-1][1] if messages else (-1 if _is_lost(data, most) else 0),
    )


def _is_lost(data: bytes, most: int) -> bool:
    """Whether the first message has a length that can't be one."""
    return len(data) >= HEAD.size and not HEAD.size <= HEAD.unpack_from(data)[1] <= most


def _messages(data: bytes, most: int) -> Iterator[tuple[int, int, int, int]]:
    """Start and end of each whole message's body, its type and id."""
    at = 0
    while len(data) - at >= HEAD.size:
        kind, size, number = HEAD.unpack_from(data, at)
        if not HEAD.size <= size <= most or size > len(data) - at:
            return
        yield at + HEAD.size, at + size, kind & 1023, number
        at += size


def _reports(body: bytes) -> Iterator[Report | None]:
    """Each tag report, None for what is malformed."""
    try:
        for kind, value in _parameters(body):
            if kind < 0:
                raise Broken
            if kind == TAG_REPORT:
                yield _report(value)
    except Broken:
        yield None


def _report(value: bytes) -> Report | None:
    report = Report()
    try:
        for kind, inner in _parameters(value):
            if kind < 0:
                _take_tv(report, -kind, inner)
            else:
                _take_tlv(report, kind, inner)
    except (Broken, struct.error):
        return None
    if not 0 < len(report.epc) <= MAX_EPC_BYTES:
        return None
    report.utc_us = report.last_utc_us if report.utc_us < 0 else report.utc_us
    report.uptime_us = report.last_uptime_us if report.uptime_us < 0 else report.uptime_us
    report.rssi_dbm = report.rssi_dbm if isnan(report.fine_rssi_dbm) else report.fine_rssi_dbm
    return report


def _parameters(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each parameter's type, negative where it is a TV, and its value."""
    at = 0
    while at < len(data):
        if data[at] & 0x80:
            kind = data[at] & 0x7F
            size, head = TV_BYTES.get(kind, len(data)) + 1, 1
            kind = -kind
        else:
            if len(data) - at < 4:
                raise Broken
            kind, size = struct.unpack_from(">HH", data, at)
            kind, head = kind & 1023, 4
        if size < head or size > len(data) - at:
            raise Broken
        yield kind, data[at + head : at + size]
        at += size


def _take_tv(report: Report, kind: int, value: bytes) -> None:
    if kind == 13:
        report.epc = value
    elif kind == 6:
        (report.rssi_dbm,) = struct.unpack(">b", value)
    elif kind in TV_NAMES:
        number = int.from_bytes(value)
        setattr(report, TV_NAMES[kind], -1 if number >> 63 else number)


def _take_tlv(report: Report, kind: int, value: bytes) -> None:
    if kind == EPC_DATA:
        (bits,) = struct.unpack_from(">H", value)
        report.epc = _cut(value[2:], (bits + 7) // 8)
    elif kind == CUSTOM:
        vendor, subtype = struct.unpack_from(">II", value)
        if (vendor, subtype) == (ZEBRA, 709):
            report.phase_turn = struct.unpack_from(">H", value, 8)[0] / 65536
        elif vendor == IMPINJ:
            _take_impinj(report, subtype, value[8:])


def _take_impinj(report: Report, subtype: int, value: bytes) -> None:
    match subtype:
        case 55:
            report.tid_bytes = _cut(value[2:], 2 * struct.unpack_from(">H", value)[0])
        case 56:
            report.phase_turn = (struct.unpack_from(">H", value)[0] & 4095) / 4096
        case 57:
            report.fine_rssi_dbm = struct.unpack_from(">h", value)[0] / 100
        case 68:
            report.doppler_hz = struct.unpack_from(">h", value)[0] / 16


def _cut(value: bytes, size: int) -> bytes:
    if size > len(value):
        raise Broken
    return value[:size]
