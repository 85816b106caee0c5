"""URN Code 40: the characters of a UHF library tag's UII, three to a word.

word 0001-FA00     1600 a + 40 b + c + 1    0 pad, 1-26 A-Z, 27 `-`, 28 `.`, 29 `:`, 30-39 digits
FB ds bytes…       long number: d = digits − 9, s = bytes − 4, integer zero-filled to its digits
FC b / FD b b / FE b b b     one ASCII byte, one character of 2 or 3 bytes in UTF-8
"""

import re

from edge.errors import BadFrame

_CHARACTERS = "\0ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789"
_CODES = {character: code for code, character in enumerate(_CHARACTERS)}
_LONG_NUMBER = 0xFB
_UTF8_BYTES = {0xFC: 1, 0xFD: 2, 0xFE: 3}
_SHORTEST_NUMBER, _LONGEST_NUMBER = 9, 24
_TOKEN = re.compile(rf"[0-9]{{{_SHORTEST_NUMBER},{_LONGEST_NUMBER}}}|.", re.DOTALL)


def decode_urn40(data: bytes) -> str:
    """Text of a UII. Raises BadFrame for bytes that are not Code 40."""
    parts: list[str] = []
    at = 0
    while at < len(data):
        lead = data[at]
        if lead == _LONG_NUMBER:
            text, at = _long_number(data, at)
        elif lead in _UTF8_BYTES:
            text, at = _utf8(data, at)
        else:
            text, at = _word(data, at), at + 2
        parts.append(text)
    return "".join(parts).replace("\0", "")


def encode_urn40(text: str) -> bytes:
    """The reverse of `decode_urn40`, in whole words; long numbers become integers."""
    encoded = bytearray()
    run = ""
    for token in _TOKEN.findall(text.rstrip("\0")):
        if len(token) == 1 and token in _CODES and token != "\0":
            run += token
            continue
        encoded += _encode_run(run) + (_encode_number(token) if len(token) > 1 else _encode_utf8(token))
        run = ""
    encoded += _encode_run(run)
    return bytes(encoded + bytes(len(encoded) % 2))


def _word(data: bytes, at: int) -> str:
    if at + 2 > len(data):
        if data[at] == 0:
            return ""
        raise BadFrame("odd number of bytes")
    word = int.from_bytes(data[at : at + 2])
    if word == 0:
        return "\0\0\0"
    if word > 64_000:
        raise BadFrame(f"word {word:04X} is not Code 40")
    value = word - 1
    return _CHARACTERS[value // 1600] + _CHARACTERS[value // 40 % 40] + _CHARACTERS[value % 40]


def _long_number(data: bytes, at: int) -> tuple[str, int]:
    if at + 2 > len(data):
        raise BadFrame("long number without its length")
    digits, size = (data[at + 1] >> 4) + _SHORTEST_NUMBER, (data[at + 1] & 15) + 4
    end = at + 2 + size
    number = str(int.from_bytes(data[at + 2 : end])).zfill(digits)
    if end > len(data) or len(number) != digits:
        raise BadFrame(f"long number of {digits} digits does not fit")
    return number, end


def _utf8(data: bytes, at: int) -> tuple[str, int]:
    end = at + 1 + _UTF8_BYTES[data[at]]
    try:
        return data[at + 1 : end].decode("utf-8"), end
    except UnicodeDecodeError as error:
        raise BadFrame("escaped character is not UTF-8") from error


def _encode_run(run: str) -> bytes:
    words = bytearray()
    for start in range(0, len(run), 3):
        a, b, c = (_CODES[character] for character in run[start : start + 3].ljust(3, "\0"))
        words += (1600 * a + 40 * b + c + 1).to_bytes(2)
    return bytes(words)


def _encode_number(digits: str) -> bytes:
    value = int(digits)
    size = max(4, (value.bit_length() + 7) // 8)
    return bytes([_LONG_NUMBER, (len(digits) - _SHORTEST_NUMBER) << 4 | size - 4]) + value.to_bytes(size)


def _encode_utf8(character: str) -> bytes:
    encoded = character.encode("utf-8")
    for lead, size in _UTF8_BYTES.items():
        if size == len(encoded):
            return bytes([lead]) + encoded
    raise BadFrame(f"{character!r} cannot be written in Code 40")
