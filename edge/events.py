"""Events and states: what fusion found out (the contract, clause 5). Standard library only.

Each class names its type on the wire, and its worth: when the outbox is full, the least worthy goes first.
"""

import enum
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import ClassVar, Final, Literal

Finding = Literal["misplaced", "found", "wrong-status"]
"""What may be wrong with a book that stands on a board, in the words of the events that say so."""


class Worth(enum.IntEnum):
    """What is given up first when there is no room: the lowest."""

    RAW = 0
    TELEMETRY = 1
    EVENT = 2
    ALARM = 3


@dataclass(frozen=True, slots=True)
class Record:
    """What goes through the outbox. `t_ns` is when it was observed, never when it was sent."""

    TYPE: ClassVar[str]
    WORTH: ClassVar[Worth] = Worth.EVENT

    t_ns: int


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
class DoorFlowed(Record):
    """People through a door between `start_ns` and `t_ns`, as counted and as corrected."""

    TYPE: ClassVar[str] = "door.flow"

    start_ns: int
    door: str
    n_in: int
    n_out: int
    corrected_in: float
    corrected_out: float


@dataclass(frozen=True, slots=True)
class SpaceOccupied(Record):
    """People in a space: an estimate with its deviation; `quality` says which evidence was alive."""

    TYPE: ClassVar[str] = "space.occupancy"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    space: str
    people: float
    people_sd: float
    occupied: float
    quality: str


@dataclass(frozen=True, slots=True)
class SpaceCapacityChanged(Record):
    """A space crossed a limit of its capacity."""

    TYPE: ClassVar[str] = "space.capacity"
    WORTH: ClassVar[Worth] = Worth.ALARM

    space: str
    level: Literal["ok", "near", "full", "over"]
    people: float
    capacity: int


@dataclass(frozen=True, slots=True)
class SpaceNoiseChanged(Record):
    """A space became too loud for its zone, or quiet enough again."""

    TYPE: ClassVar[str] = "space.noise"

    space: str
    level: Literal["ok", "loud", "too-loud"]
    sound_dba: float
    limit_dba: float


@dataclass(frozen=True, slots=True)
class SpaceAirChanged(Record):
    """A space became too stuffy, or its air good enough again."""

    TYPE: ClassVar[str] = "space.air"

    space: str
    level: Literal["ok", "stuffy", "very-stuffy"]
    co2_ppm: float
    limit_ppm: float


@dataclass(frozen=True, slots=True)
class SpaceUsedAfterHours(Record):
    """Somebody was in a space for some minutes while it was closed, or is gone again."""

    TYPE: ClassVar[str] = "space.after-hours"

    space: str
    state: Literal["began", "ended"]
    people: float


@dataclass(frozen=True, slots=True)
class SpaceBookingChanged(Record):
    """A booking went on: `booking` is opaque."""

    TYPE: ClassVar[str] = "space.booking"

    space: str
    booking: str | None
    state: Literal["reserved", "arrived", "in_use", "away", "ghost", "walk_in", "released"]


@dataclass(frozen=True, slots=True)
class SensorHealthChanged(Record):
    """A sensor went, came back, or says what can't be."""

    TYPE: ClassVar[str] = "sensor.health"
    WORTH: ClassVar[Worth] = Worth.ALARM

    source: str
    state: Literal["ok", "silent", "stuck", "reversed", "implausible", "down"]
    reason: str


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
class RoomMeasured(Record):
    """A room sensor's mean over the minute that ends at `t_ns`."""

    TYPE: ClassVar[str] = "room.measured"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    source: str
    space: str | None
    quantity: str
    value: float


@dataclass(frozen=True, slots=True)
class SourceCounted(Record):
    """Readings of one source since the record before: what became of each."""

    TYPE: ClassVar[str] = "source.counted"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    source: str
    received: int
    used: int
    late: int
    malformed: int
    dropped: int
    age_s: float | None = None
    """How long ago the last reading came; None: never yet."""
    up: bool = True
    """False while it says nothing though by its habit it should."""


@dataclass(frozen=True, slots=True)
class SpaceUsed(Record):
    """One hour of a space by the site's clock: what a heat map of the week is drawn from.

    `weekday` is 1 (Monday) to 7, `hour` 0 to 23; `open_share` of the hour the space was open, and for
    `valid_s` of it there was an estimate.
    """

    TYPE: ClassVar[str] = "space.used"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    space: str
    weekday: int
    hour: int
    people: float
    peak: float
    occupied: float
    open_share: float
    valid_s: float


@dataclass(frozen=True, slots=True)
class NodeMeasured(Record):
    """How the daemon was since the record before: a state of the machine, not of the library."""

    TYPE: ClassVar[str] = "node.measured"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    version: str
    uptime_s: float
    rss_bytes: int
    cpu_share: float
    window_s: float
    outbox_bytes: int
    outage_left_s: float | None
    dropped: int
    reasons: int


@dataclass(frozen=True, slots=True)
class SinkMeasured(Record):
    """How much waits for one sink, and for how long."""

    TYPE: ClassVar[str] = "sink.measured"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    sink: str
    depth: int
    oldest_age_s: float | None
    ack_age_s: float | None
    dead_letters: int
    clock_skew_s: float | None = None
    """By how much the far end's clock is ahead of the board's; None where it says no time."""


@dataclass(frozen=True, slots=True)
class LspMeasured(Record):
    """Calls to a library system since the record before."""

    TYPE: ClassVar[str] = "lsp.measured"
    WORTH: ClassVar[Worth] = Worth.TELEMETRY

    system: str
    calls: int
    failed: int
    mean_s: float


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


RECORD_TYPES: Final[dict[str, type[Record]]] = {
    kind.TYPE: kind
    for kind in (
        ItemSeen,
        ItemMoved,
        ItemMisplaced,
        ItemMissing,
        ItemFound,
        ItemTaken,
        ItemReturned,
        ItemWrongStatus,
        TagUnknown,
        GateAlarm,
        DoorFlowed,
        SpaceOccupied,
        SpaceCapacityChanged,
        SpaceNoiseChanged,
        SpaceAirChanged,
        SpaceUsedAfterHours,
        SpaceBookingChanged,
        SensorHealthChanged,
        InventoryFinished,
        ShelfState,
        RoomMeasured,
        SourceCounted,
        SpaceUsed,
        NodeMeasured,
        SinkMeasured,
        LspMeasured,
        MissingApproved,
    )
}


def record_id(site: str, node: str, record: Record) -> str:
    """The same record gives the same id on every run, so that a repeat is recognised: 32 hex digits."""
    text = json.dumps([site, node, record.TYPE, asdict(record)], separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
