"""Times of a clock that was wrong. Standard library only."""

from dataclasses import fields, replace
from typing import Final, TypeVar

from edge.events import Record

IMPOSSIBLE_BEFORE_NS: Final = 1_735_689_600_000_000_000
"""2025-01-01: this software did not exist before."""
R = TypeVar("R", bound=Record)


def moved(record: R, change_ns: int) -> R:
    """The record with all its times moved by so much."""
    if not change_ns:
        return record
    times = {f.name: getattr(record, f.name) + change_ns for f in fields(record) if f.name.endswith("_ns")}
    return replace(record, **times)
