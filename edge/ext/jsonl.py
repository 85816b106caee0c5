"""Readings as JSON to columns (the contract, clause 1): the hot path of recordings and of MQTT.

`decode(data, first_line)` takes UTF-8 bytes: JSON objects a line each, or one object, or an array of objects.
It returns the readings as columns, and a `Skip` for every line (or place in the array) that is not a reading.
It never raises on what the bytes hold.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge.columns import Readings
from edge.ext import load

MAX_LINE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Skip:
    """A line that gave no reading: its number (from `first_line` on), and why."""

    line: int
    reason: str


Decode = Callable[[bytes, int], tuple[Readings, list[tuple[int, str]]]]


def decode(data: bytes, first_line: int = 1) -> tuple[Readings, list[Skip]]:
    """Columns of all readings in `data`, in their order, and what was skipped."""
    kernel: Decode = load("jsonl").decode
    readings, skipped = kernel(data, first_line)
    return readings, [Skip(line, reason) for line, reason in skipped]
