"""What the sections of the board share: JSON objects, times for a browser, numbers as they are shown."""

from collections.abc import Mapping
from typing import Final, Protocol

from edge.events import Record

Object = Mapping[str, object]
MS_NS: Final = 1_000_000
SECOND_NS: Final = 1_000_000_000


class Section(Protocol):
    """One part of the board: it takes the records that concern it and shows its rows."""

    def apply(self, record: Record) -> str | None:
        """The id of the row that changed, or None where the record says nothing to this section."""
        ...

    def ids(self) -> list[str]:
        """All rows, in the order of the site file."""
        ...

    def row(self, row_id: str) -> Object:
        """One row as JSON."""
        ...


def ms(t_ns: int | None) -> int | None:
    """Milliseconds since 1970: nanoseconds do not fit into a browser's numbers."""
    return None if t_ns is None else t_ns // MS_NS


def rounded(value: float | None, digits: int) -> float | None:
    """A number as long as it is shown."""
    return None if value is None else round(value, digits)
