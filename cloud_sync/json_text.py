"""Flat records as JSON, by hand: json's encoder takes as long to get ready for an object as to write it."""

from collections.abc import Callable, Sequence
from math import isfinite
from operator import attrgetter
from types import NoneType
from typing import Any, Final

Write = Callable[[Any], str]


class Form:
    """The JSON object of one class's attributes, in the order of `names`, behind the members of `head`.

    `string` writes text, `other` what is neither text, number nor None, and numbers that are not finite.
    """

    def __init__(self, names: Sequence[str], string: Write, other: Write, head: str = "") -> None:
        self._values: Final = attrgetter(*names)
        members = ",".join(f'"{name}":%s' for name in names)
        self._text: Final = f"{{{head}{members}}}"
        self._other: Final = other
        self._writers: Final[dict[type, Write]] = {
            int: int.__repr__,
            float: lambda value: float.__repr__(value) if isfinite(value) else other(value),
            str: string,
            NoneType: lambda _: "null",
        }

    def of(self, record: object) -> str:
        """One record's text. `names` are at least two."""
        writers, other = self._writers, self._other
        return self._text % tuple([writers.get(type(v), other)(v) for v in self._values(record)])
