"""Readings as JSON to columns (the contract, clause 1): the hot path of recordings and of MQTT.

Both functions return the readings in their order as columns, and a `Skip` for all that is not a reading. They
never raise on what the bytes hold. Text is UTF-8; of each bank of a tag's memory, what was read last counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from edge.columns import Readings
from edge.ext import load
from edge.ext._jsonl_py import MAX_LINE_BYTES

__all__ = ["MAX_LINE_BYTES", "Skip", "decode", "decode_messages"]

BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Skip:
    """What gave no reading: the number of its line or message, and why."""

    line: int
    reason: str


Found = tuple[Readings, list[tuple[int, str]]]


def decode(data: bytes, first_line: int = 1) -> tuple[Readings, list[Skip]]:
    """The readings of JSON lines, an object a line, up to MAX_LINE_BYTES each; blank lines are passed over.

    Lines end with a line feed, and are numbered from `first_line` on, as an editor numbers them.
    """
    kernel: Callable[[bytes, int], Found] = load("jsonl").decode
    readings, skipped = kernel(data.removeprefix(BOM) if first_line == 1 else data, first_line)
    return readings, [Skip(line, reason) for line, reason in skipped]


def decode_messages(messages: Sequence[bytes]) -> tuple[Readings, list[Skip]]:
    """The readings of messages, each an object or an array of objects; a skip names its message, from 1."""
    kernel: Callable[[Sequence[bytes]], Found] = load("jsonl").decode_messages
    readings, skipped = kernel(messages)
    return readings, [Skip(number, reason) for number, reason in skipped]
