"""Library of Congress (and NLM) keys that agree with marc4j's, hence with FOLIO's shelving order.

PR9199.3 1920 .L33 1475 .A6   →   PR 49199.3 41920 L33 41475 A6
──┬─ ─┬── ─┬── ──┬───────────
  │   │    │     └ cutters as they stand (decimal), what is between them numeric-sortable
  │   │    └ suffix of the class; an alphabetic one gets `_` and so files after the cutters
  │   └ class number: its integer part with its length in front
  └ class letters
"""

import re

from edge.library.call_numbers.sortable import sortable

_CLASS = re.compile(r"([A-Z]+) *(?:([0-9]+)(\.[0-9]+)?)?")
_FIRST_CUTTER = re.compile(r"\.?[A-Z][0-9]+|^\.[A-Z]| \.[A-Z]")
_CUTTER = re.compile(r"[A-Z][0-9]+")


def lcc_key(call_number: str) -> str:
    """Key of an LC or NLM call number; text that is neither files by its letters and numbers."""
    text = call_number.strip().upper()
    head = _CLASS.match(text)
    key = _class_key(head) if head else ""
    rest = text[head.end() :].strip() if head else text
    cut = _FIRST_CUTTER.search(rest)
    suffix = (rest[: cut.start()] if cut else rest).strip()
    if suffix:
        key = _spaced(key) + ("_" if key and suffix[0].isalpha() else "") + sortable(suffix)
    if cut:
        key = _with_cutters(key, rest[cut.start() :].strip())
    return key.rstrip(" ")


def _class_key(head: re.Match[str]) -> str:
    letters, digits, decimal = head.groups()
    if not digits:
        return letters
    return f"{letters} {len(digits)}{digits}{decimal or ''}"


def _with_cutters(key: str, cutters: str) -> str:
    offset = 0
    for cutter in _CUTTER.finditer(cutters):
        key = _spaced(_spaced(key) + sortable(cutters[offset : cutter.start()])) + cutter.group()
        offset = cutter.end()
    if offset < len(cutters):
        key = _spaced(key) + sortable(cutters[offset:])
    return key


def _spaced(key: str) -> str:
    return key + " " if key and key[-1] != " " else key
