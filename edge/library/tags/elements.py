"""The elements of ISO 28560-2, on HF tags and in the user bank of UHF tags.

precursor 1 byte        7 offset | 6-4 compaction | 3-0 OID      00 ends the list
[OID − 15]  1 byte      if the OID nibble is 15
[padding]   1 byte      if offset is set: number of pad bytes after the data
length      1-2 bytes   7 bits a byte, the high bit says that another one follows
data, padding           padding brings lockable elements to the end of a block
"""

from collections.abc import Iterable
from dataclasses import dataclass

from edge.errors import BadFrame
from edge.library.tags.compaction import BY_ELEMENT, OCTETS, UTF8, decode_text
from edge.library.tags.isil import decode_isil

ITEM_ID, CONTENT, OWNER, SET_INFO, USAGE, SHELF_LOCATION = range(1, 7)
ILL_BORROWER = 11
TITLE = 17
HIGHEST_OID = 31
_EXTENDED_OID = 15


@dataclass(frozen=True, slots=True)
class Element:
    """One element as stored; `padding` bytes of filler follow its data."""

    oid: int
    compaction: int
    data: bytes
    padding: int | None = None


def parse_elements(data: bytes) -> tuple[list[Element], list[str]]:
    """All elements up to the end mark, and what was wrong with those that could not be cut out."""
    elements: list[Element] = []
    at = 0
    while at < len(data) and data[at]:
        try:
            element, following = _cut(data, at)
        except BadFrame as error:
            return elements, [f"byte {at}: {error}"]
        elements.append(element)
        at = following
    return elements, []


def encode_elements(elements: Iterable[Element]) -> bytes:
    """The reverse of `parse_elements`, without an end mark."""
    return b"".join(map(_encode, elements))


def element_text(element: Element) -> str:
    """Text of an element; raises BadFrame where its bytes do not fit its compaction."""
    if element.compaction != BY_ELEMENT:
        return decode_text(element.compaction, element.data)
    if element.oid in (OWNER, ILL_BORROWER):
        return decode_isil(element.data)
    if element.oid in (CONTENT, USAGE):
        return element.data.hex().upper()
    raise BadFrame("compaction 0 means nothing for this element")


def usage_text(element: Element) -> tuple[str, str | None]:
    """Type of usage as class and subclass digit, and how a writer departed from the standard."""
    if element.compaction not in (BY_ELEMENT, OCTETS, UTF8):
        return element_text(element), None
    digits = element.data.decode("ascii", "replace")
    if digits and digits.isascii() and digits.isdigit():
        return digits, "type of usage written as text"
    return element.data.hex().upper(), None


def content_oids(bitmap: bytes) -> list[int]:
    """Elements that a content parameter announces: bits from the first are OID 3, 4, 5 …"""
    return [
        3 + 8 * index + bit for index, byte in enumerate(bitmap) for bit in range(8) if byte & 0x80 >> bit
    ]


def _cut(data: bytes, start: int) -> tuple[Element, int]:
    precursor, at = data[start], start + 1
    oid, compaction = precursor & 15, precursor >> 4 & 7
    if oid == _EXTENDED_OID:
        oid, at = _EXTENDED_OID + _byte(data, at), at + 1
    padding = None
    if precursor & 0x80:
        padding, at = _byte(data, at), at + 1
    length, at = _length(data, at)
    end = at + length
    if end > len(data):
        raise BadFrame(f"element {oid} of {length} bytes runs past the end")
    if not 1 <= oid <= HIGHEST_OID:
        raise BadFrame(f"element {oid} does not exist")
    return Element(oid, compaction, data[at:end], padding), end + (padding or 0)


def _length(data: bytes, at: int) -> tuple[int, int]:
    first = _byte(data, at)
    if first < 0x80:
        return first, at + 1
    return (first & 0x7F) << 7 | _byte(data, at + 1) & 0x7F, at + 2


def _byte(data: bytes, at: int) -> int:
    if at >= len(data):
        raise BadFrame("the data ends inside an element")
    return data[at]


def _encode(element: Element) -> bytes:
    offset = element.padding is not None
    extended = element.oid >= _EXTENDED_OID
    head = [offset << 7 | element.compaction << 4 | (_EXTENDED_OID if extended else element.oid)]
    if extended:
        head.append(element.oid - _EXTENDED_OID)
    if element.padding is not None:
        head.append(element.padding)
    length = len(element.data)
    head += [length] if length < 0x80 else [0x80 | length >> 7, length & 0x7F]
    return bytes(head) + element.data + bytes(element.padding or 0)
