"""What a stock-take finds."""

from dataclasses import dataclass, field
from enum import StrEnum

from edge.library.shelf_list import Status

Neighbours = tuple[str | None, str | None]


class Why(StrEnum):
    """Why something on a shelf was not expected there."""

    OTHER_OWNER = "other-owner"
    NOT_IN_LIST = "not-in-list"
    SECOND_TAG = "second-tag"
    PATRON_CARD = "patron-card"


@dataclass(frozen=True, slots=True)
class SeenBook:
    """A book on a scanned board. `confidence`: P(board and order to both neighbours are right)."""

    epc: str
    barcode: str
    shelf: str
    x_m: float
    x_sd_m: float
    rank: int
    status: Status
    confidence: float


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A book to be moved: where it stands, between whom, and where it belongs (barcodes; None at an end)."""

    barcode: str
    epc: str
    shelf: str
    x_m: float
    between: Neighbours
    belongs_shelf: str
    belongs_between: Neighbours
    confidence: float
    passes: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A book that should be there and was not read in enough chances."""

    barcode: str
    expected_shelf: str
    confidence: float
    passes: int


@dataclass(frozen=True, slots=True)
class WrongStatus:
    """A book that stands here though its status says otherwise."""

    barcode: str
    epc: str
    shelf: str | None
    x_m: float | None
    status: Status


@dataclass(frozen=True, slots=True)
class Unexpected:
    """A readable library tag that the list does not have."""

    epc: str
    barcode: str | None
    owner: str | None
    shelf: str | None
    x_m: float | None
    reason: Why


@dataclass(frozen=True, slots=True)
class UnknownTag:
    """A tag that is in no list and says nothing of a library."""

    epc: str
    shelf: str
    x_m: float | None
    note: str


@dataclass(frozen=True, slots=True)
class ShelfSummary:
    """How well a board was read: of the books expected there, the share that was.

    `as_of_ns` of the last pass.
    """

    shelf: str
    expected: int
    seen: int
    read_rate: float | None
    passes: int
    as_of_ns: int


@dataclass(frozen=True, slots=True)
class Stocktake:
    """Everything, in walking order."""

    books: tuple[SeenBook, ...] = ()
    misplaced: tuple[Misplaced, ...] = ()
    missing: tuple[Missing, ...] = ()
    unexpected: tuple[Unexpected, ...] = ()
    wrong_status: tuple[WrongStatus, ...] = ()
    unknown_tags: tuple[UnknownTag, ...] = ()
    shelves: tuple[ShelfSummary, ...] = ()
    problems: tuple[str, ...] = field(default=())
