"""Chinese Library Classification (中图法) keys, by the manual of the 5th edition, p. 82-83.

A call number is lines: the class line, then book numbers, `TP311.5/Z763(2)-3`. Lines are compared
one after the other; the shorter call number comes first.

Class line, character by character: end < letters < signs < digits. Digits are a decimal fraction
(TP311 before TP32), the point only groups them and is dropped, and a run of class letters ends
before it goes on (T1 before TP1). Letters right after digits: the shorter run first (Z before AA).
The order of the signs differs between libraries and is configuration.

Book number: runs of digits are integers (2 before 1234), runs of letters go by length (Z before AA),
and the volumes and editions of one work stand before the next work: end < volume `(2)` `:2` `.2`
< edition `-2` < other signs < letters < digits.

Each class of characters has its own range in the key, so that plain string order decides:
"""

import re
from functools import lru_cache

DEFAULT_SIGN_ORDER = '-()"=<>:+'

_END_OF_LETTERS = "\x01"  # below everything that may follow a run of class letters
_NEXT_LINE = "\x02"
_LETTER_RUN = 0x10  # + length of the run, up to 0x2F: below the class letters and all signs
_SIGN = 0x5B  # + rank, above A-Z
_UNLISTED_SIGN = 0x7B  # + code
_DIGIT = 0xD0  # + digit (class line) or + length of the run (book number)
_LONGEST_RUN = 31
_LETTER_RUNS = [chr(_LETTER_RUN + min(size, _LONGEST_RUN)) for size in range(256)]
_DIGIT_RUNS = [chr(_DIGIT + min(size, _LONGEST_RUN)) for size in range(256)]
_CACHED_CLASS_LINES = 4096

_FULL_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_FOLDED = _FULL_WIDTH | dict(zip(map(ord, "“”〈〉《》\u3000"), '""<><> ', strict=True))
_CONTROL = dict.fromkeys([*range(0x09), *range(0x0E, 0x20), 0x7F])
_CLEANED = str.maketrans(_FOLDED | _CONTROL)
_PUNCTUATION = "!\"#$%&'()*+,-.:;<=>?@[\\]^_`{|}~"

_LOCATION = re.compile(r"\s*\{[^}]*\}")
_LINES = re.compile(r"[/\s]+")
_CLASS_LETTERS = re.compile(r"(?<=[0-9])([A-Z]+)|([A-Z]+)")
_BOOK_RUN = re.compile(r"([A-Z]+)|0*([0-9]+)")
_BOOK_SIGNS = str.maketrans(
    {sign: "\x06" + sign for sign in _PUNCTUATION}
    | {"(": "\x04", ":": "\x04", ".": "\x04", ")": "", "-": "\x05"}
)


class ClcKeys:
    """The key function for one order of signs: `ClcKeys()("TP311/2") < ClcKeys()("TP32/1")`.

    A `.` in `sign_order` makes the point a sign of its own; signs that are not listed follow those
    that are. Characters outside ASCII come last, in code order.
    """

    def __init__(self, sign_order: str = DEFAULT_SIGN_ORDER) -> None:
        ranks = {sign: chr(_UNLISTED_SIGN + ord(sign) % 0x40) for sign in _PUNCTUATION}
        ranks.update((sign, chr(_SIGN + rank)) for rank, sign in enumerate(sign_order[:32]))
        ranks.update((str(digit), chr(_DIGIT + digit)) for digit in range(10))
        self._ranks = str.maketrans(ranks)
        self._dropped = "" if "." in sign_order else "."
        # A class line stands on dozens of books, and three quarters of the work is in it.
        self._class_key = lru_cache(_CACHED_CLASS_LINES)(self._new_class_key)

    def __call__(self, call_number: str) -> str:
        """Key of one call number. Never raises; a first line in braces is a location and ignored."""
        text = call_number.translate(_CLEANED).upper()
        if "{" in text:
            text = _LOCATION.sub("", text, count=1)
        class_line, *book_lines = _LINES.split(text.strip("/ \t\r\n\v\f"))
        return _NEXT_LINE.join([self._class_key(class_line), *map(_book_key, book_lines)])

    def _new_class_key(self, line: str) -> str:
        if self._dropped:
            line = line.replace(self._dropped, "")
        return _CLASS_LETTERS.sub(_class_letters_key, line).translate(self._ranks)


def _class_letters_key(run: re.Match[str]) -> str:
    after_digits, class_letters = run.groups()
    return _run_key(after_digits) if after_digits else class_letters + _END_OF_LETTERS


def _book_key(line: str) -> str:
    return _BOOK_RUN.sub(_book_run_key, line.translate(_BOOK_SIGNS))


def _book_run_key(run: re.Match[str]) -> str:
    letters, integer = run.groups()
    return _run_key(letters) if letters else _DIGIT_RUNS[min(len(integer), 255)] + integer


def _run_key(letters: str) -> str:
    return _LETTER_RUNS[min(len(letters), 255)] + letters
