"""The ISIL compaction of ISO 28560-2: owner codes in 5- and 4-bit characters, starting in upper case.

    upper  5 bits   0 `-`   1-26 A-Z   27 `:`   28/29 latch/shift lower   30/31 latch/shift digit
    lower  5 bits   0 `-`   1-26 a-z   27 `/`   28/29 latch/shift upper   30/31 latch/shift digit
    digit  4 bits   0-9     10 `-`     11 `:`   12/13 latch/shift upper   14/15 latch/shift lower

A latch lasts, a shift is for one character. `US-InU-Mu` = ACC09EBAA06F6B.
"""

from string import ascii_lowercase, ascii_uppercase, digits

from edge.errors import BadFrame

_UPPER, _LOWER, _DIGIT = range(3)
_CHARACTERS = ("-" + ascii_uppercase + ":", "-" + ascii_lowercase + "/", digits + "-:")
_BITS = (5, 5, 4)
_CHANGES = (  # code → (set, lasts)
    {28: (_LOWER, True), 29: (_LOWER, False), 30: (_DIGIT, True), 31: (_DIGIT, False)},
    {28: (_UPPER, True), 29: (_UPPER, False), 30: (_DIGIT, True), 31: (_DIGIT, False)},
    {12: (_UPPER, True), 13: (_UPPER, False), 14: (_LOWER, True), 15: (_LOWER, False)},
)


def decode_isil(data: bytes) -> str:
    """Owner code as text; bits that make no further character are padding."""
    bits = int.from_bytes(data)
    left = 8 * len(data)
    latched = current = _UPPER
    text: list[str] = []
    while left >= _BITS[current]:
        left -= _BITS[current]
        code = bits >> left & (1 << _BITS[current]) - 1
        change = _CHANGES[current].get(code)
        if change is None:
            text.append(_CHARACTERS[current][code])
            current = latched
        else:
            current, lasts = change
            latched = current if lasts else latched
    return "".join(text)


def encode_isil(text: str) -> bytes:
    """The shortest run by looking one character ahead: latch where the next one is of the same set.

    Raises BadFrame for characters outside A-Z a-z 0-9 `-` `:` `/`.
    """
    bits: list[str] = []
    latched = _UPPER
    for index, character in enumerate(text):
        wanted = _set_of(character, latched)
        if wanted != latched:
            following = text[index + 1 : index + 2]
            lasts = bool(following) and _set_of(following, wanted) == wanted
            bits.append(_change_bits(latched, wanted, lasts))
            latched_next = wanted if lasts else latched
        else:
            latched_next = latched
        bits.append(f"{_CHARACTERS[wanted].index(character):0{_BITS[wanted]}b}")
        latched = latched_next
    return _padded("".join(bits), latched)


def _set_of(character: str, preferred: int) -> int:
    for candidate in (preferred, _UPPER, _LOWER, _DIGIT):
        if character in _CHARACTERS[candidate]:
            return candidate
    raise BadFrame(f"ISIL code: {character!r} cannot be written")


def _change_bits(current: int, wanted: int, lasts: bool) -> str:
    for code, change in _CHANGES[current].items():
        if change == (wanted, lasts):
            return f"{code:0{_BITS[current]}b}"
    raise AssertionError("every set reaches every other")


def _padded(bits: str, latched: int) -> bytes:
    """Fills the last byte with a change of set, which stands for no character."""
    missing = -len(bits) % 8
    filler = "1" * missing if latched == _DIGIT else ("11110" + "111")[:missing]
    return int(bits + filler or "0", 2).to_bytes((len(bits) + missing) // 8)
