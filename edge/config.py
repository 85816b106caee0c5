"""The site file (the contract, clause 2): spaces, doors, shelves and sources of one library."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from edge.toml_file import Strict, load
from edge.types import ID_PATTERN

OUTSIDE: Final = "outside"
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = f"(?:{'|'.join(_DAYS)})"
_TIME: Final = r"(?:[01]\d|2[0-3]):[0-5]\d|24:00"
OPEN_PATTERN: Final = re.compile(rf"{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)* (?:{_TIME})-(?:{_TIME})")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("value_error", "expected a time zone such as Asia/Shanghai") from None
    return name


def _known_hours(text: str) -> str:
    if OPEN_PATTERN.fullmatch(text) is None:
        raise PydanticCustomError("value_error", "expected hours such as 'mon-fri 08:00-22:00'")
    return text


Id = Annotated[str, StringConstraints(pattern=f"^{ID_PATTERN.pattern}$")]
Zone = Annotated[str, AfterValidator(_known_zone)]
Hours = Annotated[str, AfterValidator(_known_hours)]
Metres = Annotated[float, Field(gt=0, le=1000)]
Scheme = Literal["clc", "lcc", "ddc", "explicit"]
SpaceKind = Literal["learning", "academic", "cultural", "creative"]
SpaceZone = Literal["silent", "quiet", "voiced", "collaborative"]


class SiteTable(Strict):
    """The library itself."""

    id: Id
    timezone: Zone
    name: dict[str, str] = {}


class Space(Strict):
    """A room or an area in which people are counted."""

    id: Id
    kind: SpaceKind
    zone: SpaceZone
    capacity: Annotated[int, Field(ge=1, le=1_000_000)]
    open: Annotated[list[Hours], Field(min_length=1)]
    name: dict[str, str] = {}
    seats: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    area_m2: Annotated[float, Field(gt=0, le=1e6)] | None = None
    height_m: Annotated[float, Field(gt=0, le=100)] | None = None


class Door(Strict):
    """A counted passage; `in` goes from `from` to `to`."""

    id: Id
    from_: Annotated[Id, Field(alias="from")]
    to: Id
    source: Id


class Shelf(Strict):
    """One board that a row of books stands on."""

    id: Id
    space: Id
    length_m: Metres
    scheme: Scheme | None = None
    from_: Annotated[str | None, Field(alias="from")] = None
    to: str | None = None
    next: Id | None = None


class Source(Strict):
    """One thing that produces readings; `options` are its driver's own."""

    id: Id
    driver: Id
    space: Id | None = None
    options: dict[str, Any] = {}


class Site(Strict):
    """The whole site file."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    site: SiteTable
    spaces: Annotated[list[Space], Field(alias="space")] = []
    doors: Annotated[list[Door], Field(alias="door")] = []
    shelves: Annotated[list[Shelf], Field(alias="shelf")] = []
    sources: Annotated[list[Source], Field(alias="source")] = []

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.site.timezone)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        for table, items in self._tables():
            seen: set[str] = {OUTSIDE} if table == "space" else set()
            for n, item in enumerate(items):
                if item in seen:
                    raise _misplaced((table, n, "id"), f"expected an id of its own, found {item!r} again")
                seen.add(item)
        return self

    @model_validator(mode="after")
    def _references(self) -> Self:
        spaces = {OUTSIDE, *(space.id for space in self.spaces)}
        shelves = {shelf.id for shelf in self.shelves}
        for place, what, known, value in self._links(spaces, shelves):
            if value not in known:
                raise _misplaced(place, f"expected the id of a {what}, found {value!r}")
        return self

    def _tables(self) -> Iterator[tuple[str, Iterable[str]]]:
        yield "space", [space.id for space in self.spaces]
        yield "door", [door.id for door in self.doors]
        yield "shelf", [shelf.id for shelf in self.shelves]
        yield "source", [source.id for source in self.sources]

    def _links(
        self, spaces: set[str], shelves: set[str]
    ) -> Iterator[tuple[tuple[str | int, ...], str, set[str], str]]:
        for n, door in enumerate(self.doors):
            yield ("door", n, "from"), "space", spaces, door.from_
            yield ("door", n, "to"), "space", spaces, door.to
        for n, shelf in enumerate(self.shelves):
            yield ("shelf", n, "space"), "space", spaces, shelf.space
            if shelf.next is not None:
                yield ("shelf", n, "next"), "shelf", shelves, shelf.next
        for n, source in enumerate(self.sources):
            if source.space is not None:
                yield ("source", n, "space"), "space", spaces, source.space


def _misplaced(place: tuple[str | int, ...], message: str) -> PydanticCustomError:
    return PydanticCustomError("place_error", message, {"place": place})


def load_site(path: str | Path) -> Site:
    """The site file. Raises ConfigError: one line with file, line, key and what was expected."""
    return load(path, Site)
