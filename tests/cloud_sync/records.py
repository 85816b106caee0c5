"""Records for the tests of delivery."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from hypothesis import strategies as st

from edge.events import (
    RECORD_TYPES,
    ItemMisplaced,
    ItemSeen,
    Record,
    RoomMeasured,
    SpaceOccupied,
    Spine,
    Worth,
)

T0_NS = 1_790_000_000_000_000_000


def seen(n: int, barcode: str | None = "") -> ItemSeen:
    """The n-th event of a run; its barcode has the number."""
    code = f"{n:08d}" if barcode == "" else barcode
    return ItemSeen(T0_NS + n, f"E28011606000{n:012X}", code, "a03-2", 0.1 + n % 9, 0.004, n % 40, 0.98)


def misplaced(n: int) -> ItemMisplaced:
    """The n-th alarm."""
    return ItemMisplaced(T0_NS + n, f"E2{n:022X}", f"{n:08d}", "a1", 0.5, ("1", None), "a2", (None, "2"), 0.9)


def measured(n: int) -> RoomMeasured:
    """The n-th bit of telemetry."""
    return RoomMeasured(T0_NS + n, "co2-1", "reading", "co2_ppm", 400.0 + n % 100)


def occupied(n: int, people: float = 3.0) -> SpaceOccupied:
    """A space at the n-th nanosecond."""
    return SpaceOccupied(T0_NS + n, "reading", people, 0.5, 0.99, "good")


def of_worth(worth: Worth, n: int) -> Record:
    """The n-th record of a class (there is none of class RAW yet)."""
    return {Worth.TELEMETRY: measured, Worth.EVENT: seen, Worth.ALARM: misplaced}[worth](n)


def number(record: Record) -> int:
    """Which one it was."""
    return record.t_ns - T0_NS


_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
_WHOLE = st.integers(-(1 << 53), 1 << 53)
_TEXT = st.text(max_size=20)
_SPINE = st.builds(Spine, _TEXT, st.none() | _TEXT, _NUMBERS, _NUMBERS, _NUMBERS, st.booleans())
_BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "int": _WHOLE,
    "float": _NUMBERS,
    "bool": st.booleans(),
    "str": _TEXT,
    "str | None": st.none() | _TEXT,
    "float | None": st.none() | _NUMBERS,
    "tuple[str | None, str | None]": st.tuples(st.none() | _TEXT, st.none() | _TEXT),
    "tuple[str, ...]": st.lists(_TEXT, max_size=4).map(tuple),
    "tuple[Spine, ...]": st.lists(_SPINE, max_size=4).map(tuple),
    "tuple[edge.events.books.Spine, ...]": st.lists(_SPINE, max_size=4).map(tuple),
}


def any_record(kinds: Sequence[type[Record]] = tuple(RECORD_TYPES.values())) -> st.SearchStrategy[Record]:
    """Any record of any type, with any text in it."""
    return st.sampled_from(kinds).flatmap(_of_kind)


def _of_kind(kind: type[Record]) -> st.SearchStrategy[Record]:
    return st.builds(kind, **{field.name: _strategy(field.name, field.type) for field in fields(kind)})


def _strategy(name: str, type_: object) -> st.SearchStrategy[Any]:
    if name.endswith("_ns"):
        return st.integers(0, 9_000_000_000_000_000_000)
    text = type_.__name__ if isinstance(type_, type) else str(type_)
    if text.startswith("typing.Literal"):
        return st.sampled_from(type_.__args__)  # type: ignore[attr-defined]
    if text.startswith("tuple[typing.Literal"):
        words = type_.__args__[0].__args__  # type: ignore[attr-defined]
        return st.lists(st.sampled_from(words), max_size=3).map(tuple)
    return _BY_TYPE[text]
