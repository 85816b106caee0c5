"""Item ids of the Chinese university model: a number with letters at both ends, packed into 96 or 128 bits.

96 bits, n = low nibble of the first byte:
    n < 8    n plain characters from byte 1
    n ≥ 8    two little-endian words
             first   31-30 low bits of digit 4 | 29-12 three characters (6 bits, + 30h, first highest)
                     | 11-4 last character | 3-0 n
             second  31-2 a number, zero-filled to n − 5 digits | 1-0 high bits of digit 4
128 bits:
    n < 12   plain
    n ≥ 12   three little-endian words of 6-bit characters, later ones in lower bits: the last word has
             characters 0-4, the middle one 5-9, the first 10 … n − 2 above the last character above n
"""

import struct

from edge.errors import BadFrame

_PLAIN_96, _PLAIN_128 = 8, 12
_LONGEST = 14
_SIX_BIT_FIRST = 0x30
_NO_BARCODE = "item id: characters that no barcode has"


def decode_96(data: bytes) -> str:
    """Item id of a 96-bit tag (8 bytes). Raises BadFrame where it cannot be one."""
    length = _length(data, 8)
    if length < _PLAIN_96:
        return _plain(data, length)
    low, high = struct.unpack_from("<II", data)
    body = low >> 4
    digit = (high & 3) << 2 | body >> 26
    number = str(high >> 2).zfill(length - 5)
    if digit > 9 or len(number) != length - 5:
        raise BadFrame("item id: a digit above 9")
    first = "".join(_six_bits(body >> shift) for shift in (20, 14, 8))
    return _checked(f"{first}{digit}{number}{chr(body & 0xFF)}")


def decode_128(data: bytes) -> str:
    """Item id of a 128-bit tag (12 bytes). Raises BadFrame where it cannot be one."""
    length = _length(data, 12)
    if length < _PLAIN_128:
        return _plain(data, length)
    low, middle, high = struct.unpack_from("<III", data)
    rest = low >> 4
    characters = [_six_bits(word >> shift) for word in (high, middle) for shift in (24, 18, 12, 6, 0)]
    in_low = length - 1 - len(characters)
    characters += [_six_bits(rest >> 8 + 6 * shift) for shift in reversed(range(in_low))]
    return _checked("".join(characters) + chr(rest & 0xFF))


def encode_96(text: str) -> bytes:
    """The reverse of `decode_96`; raises BadFrame where the text does not fit."""
    length = len(text)
    if length < _PLAIN_96:
        return _encode_plain(text, 8)
    number = text[4:-1]
    if length > _LONGEST or not (text[3].isdecimal() and number.isdecimal()) or int(number) >= 1 << 30:
        raise BadFrame(f"{text!r} does not fit into 96 bits")
    digit = int(text[3])
    body = (digit & 3) << 26 | ord(text[-1])
    for character, shift in zip(text[:3], (20, 14, 8), strict=True):
        body |= _to_six_bits(character) << shift
    return struct.pack("<II", body << 4 | length, int(number) << 2 | digit >> 2)


def encode_128(text: str) -> bytes:
    """The reverse of `decode_128`; raises BadFrame where the text does not fit."""
    length = len(text)
    if length < _PLAIN_128:
        return _encode_plain(text, 12)
    if length > _LONGEST:
        raise BadFrame(f"{text!r} does not fit into 128 bits")
    codes = [_to_six_bits(character) for character in text[:-1]]
    low = _joined(codes[10:]) << 12 | ord(text[-1]) << 4 | length
    return struct.pack("<III", low, _joined(codes[5:10]), _joined(codes[:5]))


def _length(data: bytes, size: int) -> int:
    if len(data) < size:
        raise BadFrame(f"item id of {len(data)} bytes, {size} are needed")
    length = data[0] & 15
    if not 1 <= length <= _LONGEST:
        raise BadFrame(f"item id of {length} characters")
    return length


def _plain(data: bytes, length: int) -> str:
    if any(data[1 + length :]):
        raise BadFrame("item id: characters after the last one")
    text = data[1 : 1 + length]
    if not all(0x20 < byte < 0x7F for byte in text):
        raise BadFrame(_NO_BARCODE)
    return text.decode("ascii")


def _encode_plain(text: str, size: int) -> bytes:
    return (bytes([len(text)]) + text.encode("ascii")).ljust(size, b"\0")


def _six_bits(bits: int) -> str:
    return chr((bits & 0x3F) + _SIX_BIT_FIRST)


def _to_six_bits(character: str) -> int:
    code = ord(character) - _SIX_BIT_FIRST
    if not 0 <= code <= 0x3F:
        raise BadFrame(f"{character!r} does not fit into 6 bits")
    return code


def _joined(codes: list[int]) -> int:
    joined = 0
    for code in codes:
        joined = joined << 6 | code
    return joined


def _checked(text: str) -> str:
    """Only the last character may be a sign."""
    body, last = text[:-1], text[-1]
    if not (text.isascii() and body.isalnum() and last.isprintable() and not last.isspace()):
        raise BadFrame(_NO_BARCODE)
    return text
