"""LLRP bytes to columns (LLRP 1.0.1, binary encoding): the hot path of UHF readers.

A message is a head of ten bytes and its parameters; numbers are big-endian:

    0        3    6                 16                         48                        80 bit
    | rsvd   | v  | type            | length, head included    | id                      | parameters …

    TLV parameter | rsvd 6 | type 10 | length 16, these four bytes included | value, and parameters inside |
    TV parameter  | 1 | type 7 | value of the size that its type has                                      |

    RO_ACCESS_REPORT (61) = TagReportData (TLV 240) …
    TagReportData = EPC-96 (TV 13, 12 bytes) or EPCData (TLV 241: bits 16, bytes), and in any order
        TV 1 AntennaID u16          TV 2 FirstSeenTimestampUTC u64 µs     TV 3 the same, uptime
        TV 6 PeakRSSI s8 dBm        TV 4 LastSeenTimestampUTC u64 µs      TV 5 the same, uptime
        TV 7 ChannelIndex u16       TV 12 C1G2-PC u16
        TV 8, 9, 10, 11, 14, 16, 17, 18, 19, 20: count, ids, CRC, slots, XPC words: passed over
        Custom (TLV 1023: vendor u32, subtype u32, value)
            Impinj 25882: 56 phase u16 (1/4096 turn), 57 RSSI s16 (0.01 dBm), 68 Doppler s16 (1/16 Hz),
                          55 serialized TID (u16 words, u16 …)
            Zebra 161: 709 phase s16 (1/65536 turn)
        every other TLV: passed over

The Impinj RSSI wins over the standard one, the first time seen over the last. A report with a broken length,
an unknown TV type (whose size nobody knows), or without an EPC of 1 to 62 bytes is counted as malformed;
where the report's own length is broken, so are all that follow it in its message, as one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import BadFrame
from edge.ext import load

HEAD_BYTES: Final = 10
MAX_MESSAGE_BYTES: Final = 1 << 20
"""A length beyond this is not one: the stream is lost."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that is not a report: its type, id, and what follows the head."""

    type: int
    id: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Reports:
    """n tag reports, each column of length n. -1 is a whole number that is not there, NaN a number.

    `tag` points into `epcs`, `tid` into `tids` (upper-case hex). `phase_turn` is in [0, 1).
    """

    utc_us: NDArray[np.int64]
    uptime_us: NDArray[np.int64]
    antenna: NDArray[np.int64]
    channel: NDArray[np.int64]
    pc: NDArray[np.int64]
    tag: NDArray[np.int64]
    tid: NDArray[np.int64]
    rssi_dbm: NDArray[np.float64]
    phase_turn: NDArray[np.float64]
    doppler_hz: NDArray[np.float64]
    epcs: tuple[str, ...]
    tids: tuple[str, ...]
    n_malformed: int

    def __len__(self) -> int:
        return len(self.tag)


Other = tuple[int, int, bytes]
Found = tuple[NDArray[np.int64], NDArray[np.float64], tuple[str, ...], tuple[str, ...], int, list[Other], int]


def read_messages(data: bytes) -> tuple[Reports, list[Message], int]:
    """The reports and the other messages of all whole messages in `data`, and how many bytes those take.

    Raises BadFrame where a message's length can't be one, since no message after it can be found.
    """
    kernel: Callable[[bytes, int], Found] = load("llrp").read_messages
    whole, real, epcs, tids, n_malformed, others, taken = kernel(data, MAX_MESSAGE_BYTES)
    if taken < 0:
        raise BadFrame(f"LLRP: a message of {int.from_bytes(data[2:6])} bytes")
    utc_us, uptime_us, antenna, channel, pc, tag, tid = whole
    reports = Reports(
        utc_us, uptime_us, antenna, channel, pc, tag, tid, real[0], real[1], real[2], epcs, tids, n_malformed
    )
    return reports, [Message(*other) for other in others], taken
