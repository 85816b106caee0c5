"""Numbers inside text, written so that string order is numeric order.

The number of digits goes in front (`v.2` before `v.10`: `V 12`, `V 210`), leading zeros go, and
every run of other characters becomes one blank. Same result as marc4j's `appendNumericallySortable`.
"""

import re

_TOKEN = re.compile(r"[A-Z]+|[0-9][0-9.]*|[^A-Z0-9]+")


def sortable_number(number: str) -> str:
    """`0042.5` → `242.5`: length of the integer part, then the number without leading zeros."""
    integer = number.partition(".")[0]
    stripped = integer.lstrip("0")
    return f"{len(stripped)}{stripped}{number[len(integer) :]}"


def sortable(text: str) -> str:
    """Upper-cased text with every number made sortable; may end in one blank."""
    parts: list[str] = []
    for token in _TOKEN.findall(text.upper()):
        first = token[0]
        if "0" <= first <= "9":
            if parts and parts[-1][-1].isalpha():
                parts.append(" ")
            parts.append(sortable_number(token))
        elif "A" <= first <= "Z":
            parts.append(token)
        elif parts:
            parts.append(" ")
    return "".join(parts)
