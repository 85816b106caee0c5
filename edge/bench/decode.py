"""Bytes to columns: LLRP reports as an Impinj reader sends them, and readings as JSON; kernels and twins."""

import json
import struct
from collections.abc import Iterator
from functools import partial
from typing import Final

from edge.bench.figure import Figure, measure
from edge.ext import _jsonl_py, _llrp_py, load
from edge.ext.llrp import MAX_MESSAGE_BYTES

TAGS: Final = 200
READS: Final = 100_000
READS_OF_TWIN: Final = 10_000
IN_A_LIST: Final = 100
_REPORT_BYTES: Final = 88


def run() -> Iterator[Figure]:
    llrp = ((load("llrp"), "c", READS), (_llrp_py, "python", READS_OF_TWIN))
    for in_a_message, what in ((1, "one a message"), (10, "ten a message")):
        for kernel, name, n in llrp:
            data = llrp_bytes(n, in_a_message)
            work = partial(kernel.read_messages, data, MAX_MESSAGE_BYTES)
            yield measure("decode", f"LLRP, {what}, {name}", "reads", n, work)
    for kernel, name, n in ((load("jsonl"), "c", READS), (_jsonl_py, "python", READS_OF_TWIN)):
        lines = [tag_json(place) for place in range(n)]
        work = partial(kernel.decode, b"\n".join(lines), 1)
        yield measure("decode", f"JSON lines, {name}", "reads", n, work)
        lists = [
            b"[" + b",".join(lines[start : start + IN_A_LIST]) + b"]" for start in range(0, n, IN_A_LIST)
        ]
        work = partial(kernel.decode_messages, lists)
        yield measure("decode", f"JSON, {IN_A_LIST} a message, {name}", "reads", n, work)


def llrp_bytes(n: int, in_a_message: int) -> bytes:
    """RO_ACCESS_REPORTs of `n` reads, 88 bytes each."""
    reports = [_report(place) for place in range(n)]
    head = struct.pack(">HII", 1 << 10 | 61, 10 + in_a_message * _REPORT_BYTES, 0)
    starts = range(0, n, in_a_message)
    return b"".join(head + b"".join(reports[start : start + in_a_message]) for start in starts)


def tag_json(place: int) -> bytes:
    """One `tag` reading; 125 reads of each tag a second."""
    reading = {
        "kind": "tag",
        "t_ns": 1_763_712_000_000_000_000 + place * 40_000,
        "source": "cart-1",
        "antenna": 1 + place % 4,
        "epc": _epc(place).hex().upper(),
        "rssi_dbm": -54.5 - place % 7,
        "phase_rad": round(place % 6283 / 1000, 3),
        "freq_mhz": 920.625,
    }
    return json.dumps(reading, separators=(",", ":")).encode()


def _epc(place: int) -> bytes:
    return b"\xe2\x80\x11\x60\x60\x00\x02\x0d" + struct.pack(">I", place % TAGS * 2_654_435_761 % 2**32)


def _report(place: int) -> bytes:
    """TagReportData: EPC-96, antenna, RSSI, channel, both times, count, Impinj phase, RSSI and Doppler."""
    t_us = 1_763_712_000_000_000 + place * 40
    standard = struct.pack(
        ">B12sBHBbBHBQBQBH",
        *(0x8D, _epc(place), 0x81, 1 + place % 4, 0x86, -54, 0x87, 1 + place % 16),
        *(0x82, t_us, 0x84, t_us, 0x88, 1),
    )
    values = ((56, place % 4096), (57, 65536 - 5450), (68, 8))
    vendor = b"".join(struct.pack(">HHIIH", 1023, 14, 25882, subtype, value) for subtype, value in values)
    return struct.pack(">HH", 240, _REPORT_BYTES) + standard + vendor
