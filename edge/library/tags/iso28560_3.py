"""ISO 28560-3 in the Danish and Finnish layout: a fixed block of 34 bytes, HF tags with DSFID 3E.

    0       version (high nibble, 1) and type of usage (low nibble)
    1, 2    parts in item, number of this part
    3-18    primary item id, NUL padded
    19-20   CRC, low byte first, over 0-18 and 21-33
    21-33   owner: ISIL without the hyphen (to 31 on a tag of 256 bits: two zero bytes count as there)
    34-     extension blocks: length of the block (0 end, 1 filler) | id, low byte first | XOR | strings

Writers disagree on the order of bytes 1 and 2, of the nibbles of byte 0, of the CRC's bytes and on
the place of the XOR byte; each is survived and said in `problems`.
"""

from functools import reduce
from operator import xor

from edge.library.tags.contents import Model, TagContents, is_patron_card, patron_card
from edge.library.tags.crc import crc_iso28560_3

DSFID = 0x3E
SHORTEST = 32
_BLOCK = 34
_VERSION = 1
_SUPPLEMENT, _TITLE = 3, 4


def has_valid_crc(data: bytes) -> bool:
    """Whether the checksum fits, in either order of its bytes: what identifies this model."""
    return len(data) >= SHORTEST and _crc_order(data) is not None


def looks_like_iso28560_3(data: bytes) -> bool:
    """Whether the fields are sane though the checksum is not."""
    if len(data) < SHORTEST or _VERSION not in (data[0] >> 4, data[0] & 15):
        return False
    parts_plausible = max(data[1], data[2]) <= 99 and max(data[1], data[2]) >= 1
    return parts_plausible and _is_padded_text(data[3:19], True) and _is_padded_text(data[21:34], False)


def decode_iso28560_3(data: bytes) -> TagContents:
    """Contents of the fixed block and its extensions. `data` has at least `SHORTEST` bytes."""
    problems: list[str] = []
    usage = _usage(data[0], problems)
    if is_patron_card(usage):
        return patron_card(Model.ISO_28560_3)
    _check_crc(data, problems)
    blocks = _extension_blocks(data[_BLOCK:], problems)
    return TagContents(
        model=Model.ISO_28560_3,
        barcode=_text(data[3:19]) or None,
        owner=_text(data[21:_BLOCK]) or None,
        set_info=_set_info(data[1], data[2], problems),
        usage=usage,
        shelf_location=_first_string(blocks.get(_SUPPLEMENT, b"")),
        title=_first_string(blocks.get(_TITLE, b"")),
        problems=tuple(problems),
    )


def encode_iso28560_3(barcode: str, owner: str, parts: int = 1, part: int = 1, usage: int = 1) -> bytes:
    """A basic block, for tests and for writing tags."""
    head = bytes([_VERSION << 4 | usage, parts, part]) + barcode.encode("ascii").ljust(16, b"\0")
    tail = owner.encode("ascii").ljust(13, b"\0")
    return head + crc_iso28560_3(head + tail).to_bytes(2, "little") + tail


def _crc_order(data: bytes) -> str | None:
    block = data[:_BLOCK].ljust(_BLOCK, b"\0")
    crc = crc_iso28560_3(block[:19] + block[21:])
    if crc == int.from_bytes(block[19:21], "little"):
        return "little"
    return "big" if crc == int.from_bytes(block[19:21]) else None


def _check_crc(data: bytes, problems: list[str]) -> None:
    order = _crc_order(data)
    if order is None:
        problems.append("CRC does not match")
    elif order == "big":
        problems.append("CRC has its high byte first")


def _usage(first: int, problems: list[str]) -> str:
    version, usage = first >> 4, first & 15
    if version != _VERSION and usage == _VERSION:
        problems.append("version and type of usage are swapped")
        return str(version)
    if version != _VERSION:
        problems.append(f"version {version} instead of {_VERSION}")
    return str(usage)


def _set_info(parts: int, part: int, problems: list[str]) -> str:
    if part > parts:
        problems.append("parts in item and number of part are swapped")
        parts, part = part, parts
    return f"{part}/{parts}"


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("latin-1").strip()


def _is_padded_text(field: bytes, required: bool) -> bool:
    text, _, padding = field.partition(b"\0")
    printable = all(0x20 < byte < 0x7F for byte in text)
    return printable and not any(padding) and (bool(text) or not required)


def _extension_blocks(data: bytes, problems: list[str]) -> dict[int, bytes]:
    blocks: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at]:
        length = data[at]
        if length == 1:
            at += 1
            continue
        block = data[at : at + length]
        if length < 4 or len(block) < length:
            problems.append(f"extension block of {length} bytes does not fit")
            return blocks
        if reduce(xor, block):
            problems.append("extension block: XOR does not match")
        number, strings = _block_body(block, problems)
        blocks[number] = strings
        at += length
    return blocks


def _block_body(block: bytes, problems: list[str]) -> tuple[int, bytes]:
    number, strings = int.from_bytes(block[1:3], "little"), block[4:]
    xor_is_last = not 0x20 <= block[-1] < 0x7F and block[-1] != 0 and 0x20 <= block[3] < 0x7F
    if xor_is_last:
        problems.append("extension block: XOR byte at the end")
        strings = block[3:-1]
    return number, strings


def _first_string(strings: bytes) -> str | None:
    texts = (part.decode("utf-8", "replace").strip() for part in strings.split(b"\0"))
    return next((text for text in texts if text), None)
