"""Books: where they stand, what is wrong with them, and what a person decided."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from edge.events.record import Record, Worth

Finding = Literal["misplaced", "found", "wrong-status"]
"""What may be wrong with a book that stands on a board, in the words of the events that say so."""


@dataclass(frozen=True, slots=True)
class ItemSeen(Record):
    """A book's place in its row has settled; `findings` is what is wrong with it as it stands there."""

    TYPE: ClassVar[str] = "item.seen"

    epc: str
    barcode: str | None
    shelf: str
    x_m: float
    x_sd_m: float
    rank: int
    confidence: float
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemMoved(Record):
    """A book is on another board than before."""

    TYPE: ClassVar[str] = "item.moved"

    epc: str
    barcode: str | None
    from_shelf: str
    to_shelf: str
    x_m: float | None
    confidence: float


@dataclass(frozen=True, slots=True)
class ItemMisplaced(Record):
    """A book does not stand where it belongs. `between` and `belongs_between` are barcodes of neighbours."""

    TYPE: ClassVar[str] = "item.misplaced"
    WORTH: ClassVar[Worth] = Worth.ALARM

    epc: str
    barcode: str
    shelf: str
    x_m: float
    between: tuple[str | None, str | None]
    belongs_shelf: str | None
    belongs_between: tuple[str | None, str | None]
    confidence: float


@dataclass(frozen=True, slots=True)
class ItemMissing(Record):
    """A book was not read in enough independent chances."""

    TYPE: ClassVar[str] = "item.missing"
    WORTH: ClassVar[Worth] = Worth.ALARM

    barcode: str
    expected_shelf: str
    confidence: float


@dataclass(frozen=True, slots=True)
class ItemFound(Record):
    """A book that the catalogue has as missing stands here."""

    TYPE: ClassVar[str] = "item.found"
    WORTH: ClassVar[Worth] = Worth.ALARM

    epc: str
    barcode: str
    shelf: str
    x_m: float | None


@dataclass(frozen=True, slots=True)
class ItemTaken(Record):
    """A tag has left a fixed antenna's field."""

    TYPE: ClassVar[str] = "item.taken"

    epc: str
    source: str
    antenna: int
    place: str


@dataclass(frozen=True, slots=True)
class ItemReturned(Record):
    """A tag has come into a fixed antenna's field."""

    TYPE: ClassVar[str] = "item.returned"

    epc: str
    source: str
    antenna: int
    place: str


@dataclass(frozen=True, slots=True)
class ItemWrongStatus(Record):
    """A book stands here that, by the catalogue's status, should not."""

    TYPE: ClassVar[str] = "item.wrong-status"
    WORTH: ClassVar[Worth] = Worth.ALARM

    epc: str
    barcode: str
    shelf: str
    status: str


@dataclass(frozen=True, slots=True)
class TagUnknown(Record):
    """A tag that is in no list."""

    TYPE: ClassVar[str] = "tag.unknown"

    epc: str
    shelf: str
    x_m: float | None


@dataclass(frozen=True, slots=True)
class GateAlarm(Record):
    """A tag that is in stock went out through a gate."""

    TYPE: ClassVar[str] = "gate.alarm"
    WORTH: ClassVar[Worth] = Worth.ALARM

    epc: str
    source: str
    direction: Literal["in", "out", "unknown"]


@dataclass(frozen=True, slots=True)
class InventoryFinished(Record):
    """A stock-take of some boards came to its end."""

    TYPE: ClassVar[str] = "inventory.finished"
    WORTH: ClassVar[Worth] = Worth.ALARM

    session: str
    shelves: tuple[str, ...]
    expected: int
    seen: int
    misplaced: int
    missing: int


@dataclass(frozen=True, slots=True)
class Spine:
    """One book in a shelf's row."""

    epc: str
    barcode: str | None
    x_m: float
    x_sd_m: float
    confidence: float
    misplaced: bool = False


@dataclass(frozen=True, slots=True)
class ShelfState(Record):
    """A board's books in order: a state, of which only the last counts."""

    TYPE: ClassVar[str] = "state.shelf"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    shelf: str
    books: tuple[Spine, ...]
    read_rate: float | None


@dataclass(frozen=True, slots=True)
class MissingApproved(Record):
    """A person has decided that a book is marked missing in the library system. `by` says who; it stays here.

    `approval` is the decision's id: the same decision again is the same record to the library system.
    """

    TYPE: ClassVar[str] = "lsp.missing-approved"
    WORTH: ClassVar[Worth] = Worth.ALARM

    approval: str
    barcode: str
    expected_shelf: str
    by: str
