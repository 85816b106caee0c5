"""The data model of the Chinese university alliance (高校联盟, 2012); toggle bit 0.

EPC bank    byte 0  7 lent | 5-4 reserved | 3-0 sorting
            byte 1  7-6 coding of the item id: 0 96-bit, 1 128-bit, 2 plain | 5-0 version − 1
            2-3     content bitmap, bit i → the i-th of OIDS
            4-      item id
user bank   elements: 6 bits OID | 10 bits length | data; OID 0 ends, empty elements occur
"""

from edge.errors import BadFrame
from edge.library.tags.cn_item_id import decode_96, decode_128
from edge.library.tags.contents import Model, TagContents, is_patron_card, patron_card

OIDS = (3, 4, 5, 6, 11, 12, 14, 15, 16, 24, 26, 27, 28, 29, 30, 31)
_OWNER, _SET_INFO, _USAGE, _SHELF_LOCATION = 3, 4, 5, 6
_SIZES = {_OWNER: (0, 2), _SET_INFO: (0, 4), _USAGE: (0, 1, 2)}
_PLAIN = 2
_HIGHEST_VERSION = 16
_HEADER_BYTES = 4


def decode_cn_epc(uii: bytes) -> TagContents:
    """Contents of a UII. Raises BadFrame unless version, coding and item id are all sane."""
    if len(uii) <= _HEADER_BYTES:
        raise BadFrame(f"UII of {len(uii)} bytes")
    coding, version = uii[1] >> 6, (uii[1] & 0x3F) + 1
    if version > _HIGHEST_VERSION:
        raise BadFrame(f"version {version}")
    return TagContents(Model.CN_UNIVERSITY, barcode=_item_id(coding, uii[_HEADER_BYTES:]))


def decode_cn_user(data: bytes) -> TagContents:
    """Contents of a user bank. Never raises: what does not fit is left out and said."""
    problems: list[str] = []
    elements = dict(_elements(data, problems))
    usage = _usage(elements.get(_USAGE, b""))
    if is_patron_card(usage):
        return patron_card(Model.CN_UNIVERSITY)
    return TagContents(
        model=Model.CN_UNIVERSITY,
        owner=_owner(elements.get(_OWNER, b"")),
        set_info=_set_info(elements.get(_SET_INFO, b"")),
        usage=usage,
        shelf_location=_text(elements.get(_SHELF_LOCATION, b""), problems),
        problems=tuple(problems),
    )


def looks_like_cn_user(data: bytes) -> bool:
    """Whether the bank is made of elements that the model has, of the sizes they have."""
    problems: list[str] = []
    elements = dict(_elements(data, problems))
    sized = all(len(elements[oid]) in sizes for oid, sizes in _SIZES.items() if oid in elements)
    return bool(elements) and not problems and sized


def content_oids(bitmap: int) -> list[int]:
    """Elements that a content bitmap announces."""
    return [oid for bit, oid in enumerate(OIDS) if bitmap & 1 << bit]


def _item_id(coding: int, data: bytes) -> str:
    if coding == 0:
        if any(data[8:]):
            raise BadFrame("bytes after the item id")
        return decode_96(data)
    if coding == 1:
        return decode_128(data)
    if coding == _PLAIN:
        return _plain(data)
    raise BadFrame(f"coding {coding} of the item id")


def _plain(data: bytes) -> str:
    text = data.rstrip(b"\0").decode("latin-1")
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise BadFrame("item id: characters that no barcode has")
    return text


def _elements(data: bytes, problems: list[str]) -> list[tuple[int, bytes]]:
    elements: list[tuple[int, bytes]] = []
    at = 0
    while at + 2 <= len(data):
        word = int.from_bytes(data[at : at + 2])
        oid, length = word >> 10, word & 0x3FF
        if oid == 0:
            break
        content = data[at + 2 : at + 2 + length]
        if oid not in OIDS or len(content) < length:
            problems.append(f"byte {at}: element {oid} of {length} bytes does not fit")
            break
        elements.append((oid, content))
        at += 2 + length
    return elements


def _owner(data: bytes) -> str | None:
    """A ministry code of five digits; a stored leading 6 means 9, so that it fits into 16 bits."""
    if len(data) != 2:
        return None
    digits = f"{int.from_bytes(data):05d}"
    return "9" + digits[1:] if digits.startswith("6") else digits


def _set_info(data: bytes) -> str | None:
    if len(data) != 4:
        return None
    return f"{int.from_bytes(data[2:])}/{int.from_bytes(data[:2])}"


def _usage(data: bytes) -> str | None:
    """`01 02` is class 1, subclass 2: `1.2`; a subclass 0 is left out."""
    if not data:
        return None
    return f"{data[0]:X}.{data[1]:X}" if len(data) > 1 and data[1] else f"{data[0]:X}"


def _text(data: bytes, problems: list[str]) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        problems.append("shelf location: text is not UTF-8")
        return None
    return text.strip("\0") or None
