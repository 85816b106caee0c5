"""SIP2 messages (3M Standard Interchange Protocol 2.00, 2006): login and item information. Sans-IO.

A message: two digits, fixed fields, then fields of two letters and text, each ended by `|`; with error
detection `AY` and a sequence digit, `AZ` and the checksum in four hex digits; a carriage return at the end.
The checksum is what makes the sum of all bytes, `AZ` among them, and of itself zero modulo 65536.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.errors import BadFrame
from edge.library.shelf_list import Status

LONGEST: Final = 8192
END: Final = b"\r"
RESEND: Final = "96"
_FIXED: Final = {"94": 1, "18": 24}
_STATUSES: Final[dict[str, Status]] = {
    "02": Status.UNKNOWN,
    "03": Status.AVAILABLE,
    "04": Status.ON_LOAN,
    "05": Status.ON_LOAN,
    "06": Status.UNKNOWN,
    "07": Status.ON_LOAN,
    "08": Status.ON_HOLD,
    "09": Status.AVAILABLE,
    "10": Status.IN_TRANSIT,
    "11": Status.ON_LOAN,
    "12": Status.MISSING,
    "13": Status.MISSING,
}
"""Circulation status → ours; 01, other, says nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A message from the server. `fixed` is what stands before the fields; of repeated fields the first."""

    kind: str
    fixed: str
    fields: Mapping[str, str]
    sequence: int | None


def login(user: str, password: str, location: str) -> str:
    """93; both algorithms are 0: not encrypted."""
    return "9300" + _field("CN", user) + _field("CO", password) + (_field("CP", location) if location else "")


def item_information(institution: str, barcode: str, now: datetime) -> str:
    """17."""
    return f"17{now:%Y%m%d}    {now:%H%M%S}" + _field("AO", institution) + _field("AB", barcode)


def encode(message: str, sequence: int, encoding: str) -> bytes:
    """The message with sequence, checksum and end. Raises BadFrame where it cannot be written so."""
    try:
        body = f"{message}AY{sequence}AZ".encode(encoding)
    except UnicodeEncodeError:
        raise BadFrame(f"text that {encoding} does not have") from None
    return body + checksum(body) + END


def checksum(body: bytes) -> bytes:
    """Of everything up to and with `AZ`."""
    return b"%04X" % (-sum(body) & 0xFFFF)


def decode(frame: bytes, encoding: str) -> Answer:
    """An answer without its end. Raises BadFrame where it is damaged."""
    frame = frame.strip(b"\r\n")
    sequence = None
    if len(frame) >= 9 and frame[-6:-4] == b"AZ":
        if checksum(frame[:-4]) != frame[-4:].upper():
            raise BadFrame("a wrong checksum")
        frame = frame[:-6]
        if frame[-3:-1] == b"AY":
            sequence, frame = frame[-1] - 0x30, frame[:-3]
    text = frame.decode(encoding, "replace")
    kind = text[:2]
    if not kind.isdigit():
        raise BadFrame("no SIP2 message")
    width = _FIXED.get(kind, 0)
    if len(text) < 2 + width:
        raise BadFrame("a message that is cut off")
    fields: dict[str, str] = {}
    for part in text[2 + width :].split("|"):
        if len(part) >= 2:
            fields.setdefault(part[:2], part[2:])
    return Answer(kind, text[2 : 2 + width], fields, sequence)


def status_of(answer: Answer, barcode: str) -> Status | None:
    """What an 18 says of the book; None where the server has none, or answers for another."""
    if answer.kind != "18" or answer.fields.get("AB", "") != barcode:
        return None
    code = answer.fixed[:2]
    if code not in _STATUSES:
        return Status.UNKNOWN if answer.fields.get("AJ", "").strip() else None
    return _STATUSES[code]


def _field(name: str, text: str) -> str:
    """Raises BadFrame on what would end a field or a message."""
    if not text.isprintable() or "|" in text:
        raise BadFrame(f"{name}: a sign that SIP2 cannot carry")
    return f"{name}{text}|"
