"""Dewey keys that agree with marc4j's.

621.56 W91m v.3 no. 2   →   3621.56 W91 M V 13 NO 12
──┬─── ─┬─ ─┬─────────
  │     │   └ the rest, numeric-sortable (v.3 before v.10)
  │     └ cutter, decimal: as it stands
  └ class: integer part with its length in front, fraction as it stands
"""

import re

from edge.library.call_numbers.sortable import sortable, sortable_number

_CLASS = re.compile(r"([0-9]+)(\.[0-9]+)?")
_CUTTER = re.compile(r" *\.?([A-Z][0-9]+[A-Z]*) *")


def ddc_key(call_number: str) -> str:
    """Key of a Dewey call number; text that does not start with a digit files after all that do."""
    text = call_number.strip()
    head = _CLASS.match(text)
    if not head:
        return sortable(text).rstrip(" ")
    key = sortable_number(head.group(1)) + (head.group(2) or "")
    cutter = _CUTTER.match(text, head.end())
    if cutter:
        key += " " + cutter.group(1)
    rest = sortable(text[cutter.end() if cutter else head.end() :])
    return f"{key} {rest}".rstrip(" ") if rest else key
