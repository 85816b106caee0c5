"""The range of call numbers that belongs on a board.

Ends are inclusive; a back-tick beside an end leaves that end out: `` `TP311~TP312 `` starts after
TP311 itself. An open end reaches as far as the call numbers go.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge.errors import ConfigError

_EXCLUSIVE = "`"


@dataclass(frozen=True, slots=True)
class ShelfRange:
    """Keys from `start` to `end`; `None` is open."""

    start: str | None
    end: str | None
    start_included: bool = True
    end_included: bool = True

    def contains(self, key: str) -> bool:
        """Whether a call number with this key belongs here."""
        return not (self._starts_after(key) or self._ends_before(key))

    def overlaps(self, other: "ShelfRange") -> bool:
        """Whether some key could belong to both."""
        return not (self._is_left_of(other) or other._is_left_of(self))

    def _starts_after(self, key: str) -> bool:
        if self.start is None:
            return False
        return key < self.start or (key == self.start and not self.start_included)

    def _ends_before(self, key: str) -> bool:
        if self.end is None:
            return False
        return key > self.end or (key == self.end and not self.end_included)

    def _is_left_of(self, other: "ShelfRange") -> bool:
        if self.end is None or other.start is None:
            return False
        touching = self.end_included and other.start_included
        return self.end < other.start or (self.end == other.start and not touching)


def shelf_range(start: str | None, end: str | None, key: Callable[[str], str]) -> ShelfRange:
    """The range between two call numbers as a site file has them.

    Raises ConfigError if the end comes before the start, or if an end that is left out leaves
    nothing.
    """
    start_text, start_included = _end_of_range(start)
    end_text, end_included = _end_of_range(end)
    result = ShelfRange(
        key(start_text) if start_text else None,
        key(end_text) if end_text else None,
        start_included,
        end_included,
    )
    if result.start is None or result.end is None:
        return result
    empty = result.start == result.end and not (start_included and end_included)
    if result.start > result.end or empty:
        raise ConfigError(f"range {start!r} to {end!r}: nothing lies between these call numbers")
    return result


def _end_of_range(text: str | None) -> tuple[str, bool]:
    stripped = (text or "").strip()
    return stripped.strip(_EXCLUSIVE), _EXCLUSIVE not in stripped
