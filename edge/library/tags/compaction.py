"""The compaction codes of ISO 28560-2 (ISO/IEC 15962): text in fewer bits.

0 defined by the element   1 integer   2 BCD   3 5 bits   4 6 bits   5 7 bits   6 octets   7 UTF-8
"""

from edge.errors import BadFrame

BY_ELEMENT, INTEGER, BCD, FIVE_BITS, SIX_BITS, SEVEN_BITS, OCTETS, UTF8 = range(8)

_LONGEST_INTEGER_DIGITS = 19


def decode_text(code: int, data: bytes) -> str:
    """Text of one element. Raises BadFrame where the bytes are not of that code."""
    if code == INTEGER:
        return _decode_integer(data)
    if code == BCD:
        return _decode_bcd(data)
    if code == FIVE_BITS:
        return "".join(chr(0x40 + value) for value in _strip(_values(data, 5), 0))
    if code == SIX_BITS:
        return "".join(chr(v if v >= 0x20 else v + 0x40) for v in _strip(_values(data, 6), 0x20))
    if code == SEVEN_BITS:
        return "".join(chr(value) for value in _values(data, 7) if value != 0x7F)
    if code == OCTETS:
        return data.decode("latin-1")
    if code == UTF8:
        return _decode_utf8(data)
    raise BadFrame(f"compaction {code} has no text of its own")


def encode_text(code: int, text: str) -> bytes:
    """The reverse of `decode_text`. Raises BadFrame for characters the code does not have."""
    if code == INTEGER:
        return _encode_integer(text)
    if code == BCD:
        return _encode_bcd(text)
    if code == FIVE_BITS:
        return _packed([_within(c, 0x41, 0x5F) - 0x40 for c in text], 5, "0" * 8)
    if code == SIX_BITS:
        return _packed([_within(c, 0x20, 0x5F) & 0x3F for c in text], 6, "10000000")
    if code == SEVEN_BITS:
        return _packed([_within(c, 0, 0x7E) for c in text], 7, "1" * 8)
    if code in (OCTETS, UTF8):
        return text.encode("latin-1" if code == OCTETS else "utf-8")
    raise BadFrame(f"compaction {code} has no text of its own")


def _decode_integer(data: bytes) -> str:
    text = str(int.from_bytes(data))
    if not 2 <= len(text) <= _LONGEST_INTEGER_DIGITS:
        raise BadFrame(f"integer of {len(text)} digits, 2 to {_LONGEST_INTEGER_DIGITS} are allowed")
    return text


def _encode_integer(text: str) -> bytes:
    allowed = 2 <= len(text) <= _LONGEST_INTEGER_DIGITS
    if not (allowed and text.isascii() and text.isdigit()) or text.startswith("0"):
        raise BadFrame(f"{text!r} is not an integer of 2 to {_LONGEST_INTEGER_DIGITS} digits")
    value = int(text)
    return value.to_bytes((value.bit_length() + 7) // 8)


def _decode_bcd(data: bytes) -> str:
    text = data.hex().upper().removesuffix("F")
    if not text.isdigit():
        raise BadFrame("numeric string with a digit above 9")
    return text


def _encode_bcd(text: str) -> bytes:
    if not (text.isascii() and text.isdigit()):
        raise BadFrame(f"{text!r} is not made of digits")
    return bytes.fromhex(text + "F" * (len(text) % 2))


def _decode_utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadFrame("text is not UTF-8") from error


def _values(data: bytes, bits: int) -> list[int]:
    count = 8 * len(data) // bits
    stream = int.from_bytes(data) >> 8 * len(data) - bits * count
    mask = (1 << bits) - 1
    return [stream >> bits * (count - 1 - index) & mask for index in range(count)]


def _strip(values: list[int], padding: int) -> list[int]:
    while values and values[-1] == padding:
        values.pop()
    return values


def _packed(values: list[int], bits: int, padding: str) -> bytes:
    stream = "".join(f"{value:0{bits}b}" for value in values)
    stream += padding[: -len(stream) % 8]
    return int(stream or "0", 2).to_bytes(len(stream) // 8)


def _within(character: str, lowest: int, highest: int) -> int:
    if not lowest <= ord(character) <= highest:
        raise BadFrame(f"{character!r} cannot be written in this code")
    return ord(character)
