"""What live fusion remembers over a restart, as one document, and the classes that it may hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge.columns import DoorColumns, PoseColumns, RoomColumns, TagColumns, TagMemory
from edge.errors import BadFrame
from edge.events import ShelfState, Spine
from edge.fusion import memory
from edge.fusion.inventory.evidence import Evidence, Heard, PassSpan, TagEvidence
from edge.fusion.inventory.result import (
    Misplaced,
    Missing,
    SeenBook,
    ShelfSummary,
    Stocktake,
    Unexpected,
    UnknownTag,
    Why,
    WrongStatus,
)
from edge.fusion.live_claims import Claims
from edge.fusion.live_health import Voice
from edge.fusion.live_shelves import ShelvesMemory
from edge.fusion.locate.own import Own
from edge.fusion.measure import Key, Mean
from edge.fusion.presence import Field, PresenceMemory
from edge.fusion.repeats import U64
from edge.fusion.spaces.bookings import Booking, Watch
from edge.fusion.spaces.hourly import OpenHour
from edge.fusion.spaces.live import Flow, SpacesMemory
from edge.fusion.spaces.live_bookings import BookingsMemory, WalkIn
from edge.fusion.spaces.monitor import MonitorState, Recent
from edge.fusion.spaces.reversal import Trial
from edge.fusion.spaces.snapshot import EstimatorMemory
from edge.fusion.window import Window
from edge.library.shelf_list import Status

Sources = Mapping[str, Mapping[str, float]]
"""What the drivers know behind the readings, by source: running totals."""


@dataclass(frozen=True, slots=True)
class LiveMemory:
    """`now_ns`: the end of the last window that it holds."""

    now_ns: int
    moving: frozenset[str]
    means: dict[Key, Mean]
    spaces: SpacesMemory
    presence: PresenceMemory
    hours: dict[str, OpenHour]
    health: dict[str, Voice]
    shelves: ShelvesMemory
    bookings: BookingsMemory
    seen: U64


@dataclass(frozen=True, slots=True)
class Base:
    """A whole memory; the parts of the journal that follow it have its number."""

    number: int
    memory: LiveMemory
    sources: Sources


@dataclass(frozen=True, slots=True)
class Part:
    """The windows since the base or the part before, in order."""

    base: int
    windows: list[Window]
    sources: Sources


KINDS: Final = memory.kinds_of(
    (
        *(Base, Part, LiveMemory, Window, Mean, SpacesMemory, Flow, PresenceMemory, Field, OpenHour, Voice),
        *(EstimatorMemory, Trial, MonitorState, Recent),
        *(BookingsMemory, Booking, Watch, WalkIn),
        *(ShelvesMemory, Claims, ShelfState, Spine, Evidence, TagEvidence, Own, Heard, PassSpan, Status),
        *(Stocktake, SeenBook, Misplaced, Missing, WrongStatus, Unexpected, UnknownTag, ShelfSummary, Why),
        *(TagColumns, PoseColumns, DoorColumns, RoomColumns, TagMemory),
    )
)


def to_bytes(document: Base | Part) -> bytes:
    """The document as it is kept."""
    return memory.encode(document, KINDS)


def base_from_bytes(body: bytes) -> Base:
    """Raises BadFrame where the bytes are no base of this version."""
    found = memory.decode(body, KINDS)
    if not isinstance(found, Base):
        raise BadFrame("state: no base")
    return found


def part_from_bytes(body: bytes) -> Part:
    """Raises BadFrame where the bytes are no part of this version."""
    found = memory.decode(body, KINDS)
    if not isinstance(found, Part):
        raise BadFrame("state: no part of a journal")
    return found
