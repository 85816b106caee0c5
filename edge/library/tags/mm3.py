"""The 3M layout, which older libraries still have on HF tags, in blocks of 4 bytes.

block 0      04 | number of this part (4 bits) | parts (4 bits) | 00 | type
blocks 1-4   barcode, NUL padded
block 5      branch (12 bits) | library (20 bits)
55 55 55 55 in block 0 is an empty tag
"""

from edge.library.tags.contents import BLANK_TAG, Model, TagContents

BLANK = b"\x55\x55\x55\x55"
_MARK = 0x04
_SHORTEST = 12


def looks_like_3m(data: bytes) -> bool:
    """Whether the first block and a printable barcode are there, or the mark of an empty tag."""
    if data[:4] == BLANK:
        return True
    if len(data) < _SHORTEST or data[0] != _MARK or data[2] != 0:
        return False
    barcode, _, padding = data[4:20].partition(b"\0")
    return bool(barcode) and all(0x20 < byte < 0x7F for byte in barcode) and not any(padding)


def decode_3m(data: bytes) -> TagContents:
    """Contents of a tag that `looks_like_3m`."""
    if data[:4] == BLANK:
        return TagContents(Model.MMM, problems=(BLANK_TAG,))
    part, parts = data[1] >> 4, data[1] & 15
    barcode = data[4:20].partition(b"\0")[0].decode("ascii")
    return TagContents(Model.MMM, barcode=barcode, set_info=f"{part}/{parts}" if parts else None)


def encode_3m(barcode: str, part: int = 1, parts: int = 1) -> bytes:
    """The first five blocks, for tests and for writing tags."""
    return bytes([_MARK, part << 4 | parts, 0, 1]) + barcode.encode("ascii").ljust(16, b"\0")
