"""The documents that come in over MQTT and the answers to them, as models (the contract, clause 5).

Rows of a list are not in the models' hands: a bad row costs itself, not the list that it stands in.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import from_json

from edge.errors import BadFrame
from edge.types import ID_PATTERN

M = TypeVar("M", bound=BaseModel)

Id = Annotated[str, StringConstraints(pattern=f"^{ID_PATTERN.pattern}$")]
Barcode = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", to_lower=True)]
Version = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Person = Annotated[str, StringConstraints(min_length=1, max_length=100)]
MOST_ROWS: Final = 100_000
MOST_PARTS: Final = 10_000


class _In(BaseModel):
    """What others send: keys that are not known are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True, populate_by_name=True)


class ItemRow(_In):
    """A book of the shelf list, with the contract's columns; absent is unknown, or unchanged in a change."""

    barcode: Barcode
    epc: Annotated[str, StringConstraints(pattern=r"^([0-9A-Fa-f]{2})*$")] | None = None
    call_number: str | None = None
    scheme: Literal["clc", "lcc", "ddc", "explicit", ""] | None = None
    title: str | None = None
    shelf: str | None = None
    sort_key: str | None = None
    status: str | None = None
    removed: bool = False
    """In a change: the book has left the list."""


class ShelfListPart(_In):
    """One part of a shelf list; retained. `part` counts from 0 or from 1, and stands in the topic too.

    `sha256` is of `items` in canonical JSON (RFC 8785), or of its bytes as they stand in the payload.
    """

    version: Version
    part: Annotated[int, Field(ge=0, le=MOST_PARTS)]
    parts: Annotated[int, Field(ge=1, le=MOST_PARTS)]
    sha256: Sha256
    items: Annotated[list[Any], Field(max_length=MOST_ROWS)]


class ItemChanges(_In):
    """Changes of books, most often of their status alone."""

    items: Annotated[list[Any], Field(max_length=MOST_ROWS)]


class BookingRow(_In):
    """A space that is booked; `id` is opaque, and who has booked is never taken."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    space: Id
    from_: Annotated[AwareDatetime, Field(alias="from")]
    to: AwareDatetime
    cancelled: bool = False


class BookingChanges(_In):
    """Bookings that are new, have changed, or were cancelled."""

    bookings: Annotated[list[Any], Field(max_length=MOST_ROWS)]


class LocateRequest(_In):
    """Where is this book?"""

    barcode: Barcode


class InventoryStartRequest(_In):
    """Begin a stock-take, or go on with one; without a session the answer names a new one."""

    session: Id | None = None


class InventoryStopRequest(_In):
    """End the stock-take that is open and say what it found."""

    session: Id | None = None


class InventoryStatusRequest(_In):
    """Which stock-take is open, and how far it is."""


class MissingRequest(_In):
    """Which books are missing and wait for a decision."""


class ApproveRequest(_In):
    """A person's word: mark these missing books as missing in the library system."""

    barcodes: Annotated[list[Barcode], Field(min_length=1, max_length=10_000)]
    by: Person


class Label(_In):
    """A shelf-label tag, and where on its board it is."""

    epc: Annotated[str, StringConstraints(pattern=r"^([0-9A-F]{2})+$", max_length=124, to_upper=True)]
    shelf: Id
    x_m: Annotated[float, Field(ge=-1.0, le=100.0)]


class CalibrateRequest(_In):
    """What do the last passes say of boards (by their label tags) and clocks?"""

    labels: Annotated[list[Label], Field(max_length=1_000)] = []


REQUESTS: Final[dict[str, type[_In]]] = {
    "locate": LocateRequest,
    "inventory-start": InventoryStartRequest,
    "inventory-stop": InventoryStopRequest,
    "inventory-status": InventoryStatusRequest,
    "missing": MissingRequest,
    "approve": ApproveRequest,
    "calibrate": CalibrateRequest,
}
"""Verb → what it takes."""


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Out):
    """The last known place of a book. `seen`: it stands there as far as we know."""

    barcode: str
    call_number: str | None
    title: str | None
    status: str | None
    belongs_shelf: str | None
    seen: bool
    shelf: str | None = None
    x_m: float | None = None
    between: tuple[str | None, str | None] | None = None
    """Call numbers of the neighbours (barcodes where they are not known); None at an end."""
    misplaced: bool | None = None
    missing: bool = False
    as_of: str | None = None


class MissingBook(_Out):
    """A book that was not read in enough independent chances."""

    barcode: str
    call_number: str | None
    title: str | None
    expected_shelf: str
    confidence: float
    as_of: str
    approved: bool


class MissingBooks(_Out):
    """All of them, or the first thousand."""

    books: list[MissingBook]
    more: int = 0


class Session(_Out):
    """A stock-take; `session` is None where none is open."""

    session: str | None
    shelves: list[str] = []
    tags: int = 0


class Findings(_Out):
    """What a stock-take found, in figures; the rows of what is missing are there to be approved."""

    session: str
    shelves: list[str]
    expected: int
    seen: int
    misplaced: int
    wrong_status: int
    unknown_tags: int
    missing: list[MissingBook]


class Approved(_Out):
    """What became of each barcode of a decision."""

    approved: list[str]
    already: list[str]
    refused: dict[str, str]


class BoardOffset(_Out):
    """A board's places come out as offset_m + scale·(x_m - at_m) too far to the right."""

    shelf: str
    offset_m: float
    offset_sd_m: float
    scale: float
    at_m: float
    labels: int


class SourceLead(_Out):
    """A source's reads must be dated so much later to fit its poses."""

    source: str
    lead_s: float
    lead_sd_s: float
    tags: int


class Calibrated(_Out):
    """What so many passes say. Nothing is changed: `edge calibrate --save` keeps it."""

    passes: int
    boards: list[BoardOffset]
    clocks: list[SourceLead]


RESULTS: Final[dict[str, type[_Out]]] = {
    "locate": Place,
    "inventory-start": Session,
    "inventory-stop": Findings,
    "inventory-status": Session,
    "missing": MissingBooks,
    "approve": Approved,
    "calibrate": Calibrated,
}
"""Verb → what is in `result` of its answer."""

ErrorCode = Literal["bad-request", "unknown-verb", "not-open", "too-many", "failed"]


class Fault(_Out):
    """Why a request was not done."""

    code: ErrorCode
    message: str


class Answer(_Out):
    """The answer to a request, to its response topic with its correlation data."""

    verb: str
    ok: bool
    result: Place | MissingBooks | Findings | Session | Approved | Calibrated | None = None
    error: Fault | None = None


def parsed(model: type[M], payload: bytes) -> M:
    """The document in a payload. Raises BadFrame: one line that says which key is wrong, and how."""
    try:
        return model.model_validate_json(payload)
    except ValidationError as error:
        raise BadFrame(first_problem(error)) from None


def rows_of(payload: bytes, key: str) -> list[Any]:
    """The rows in `{key: […]}`, in a bare list, or one row alone. Raises BadFrame."""
    try:
        document = from_json(payload)
    except ValueError as error:
        raise BadFrame(f"not JSON: {str(error)[:100]}") from None
    if isinstance(document, dict):
        document = document.get(key, [document])
    if not isinstance(document, list):
        raise BadFrame(f"{key}: expected a list")
    if len(document) > MOST_ROWS:
        raise BadFrame(f"{key}: more than {MOST_ROWS} rows")
    return document


def valid_rows(model: type[M], rows: list[Any]) -> Iterator[M | str]:
    """Each row, or what is wrong with it."""
    for number, row in enumerate(rows):
        try:
            yield model.model_validate(row)
        except ValidationError as error:
            yield f"row {number}: {first_problem(error)}"


def first_problem(error: ValidationError) -> str:
    """Where and what, of the first of them; nothing of what was sent is repeated."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    said = first["msg"][:200]
    return f"{place}: {said}" if place else said
