"""Names on the wire: topics, measurements, tags, fields; and the documents that we publish, as models."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from edge.events import (
    RECORD_TYPES,
    LspMeasured,
    MissingApproved,
    NodeMeasured,
    Record,
    RoomMeasured,
    ShelfState,
    SinkMeasured,
    SourceCounted,
    SpaceUsed,
)
from edge.types import ID_PATTERN, is_id

PREFIX: Final = "lib/v1"
SPEC_VERSION: Final = "1.0"
JSON_TYPE: Final = "application/json"


def status_topic(site: str, node: str) -> str:
    """Retained; also the last will."""
    return f"{PREFIX}/{_harmless(site)}/{_harmless(node)}/status"


def event_topic(site: str, node: str, kind: str) -> str:
    """Where CloudEvents of one type go."""
    return f"{PREFIX}/{_harmless(site)}/{_harmless(node)}/event/{kind}"


def space_topic(site: str, node: str, space: str) -> str:
    """Retained state of a space."""
    return f"{PREFIX}/{_harmless(site)}/{_harmless(node)}/state/space/{_harmless(space)}"


def shelf_topic(site: str, node: str, shelf: str) -> str:
    """Retained state of a shelf."""
    return f"{PREFIX}/{_harmless(site)}/{_harmless(node)}/state/shelf/{_harmless(shelf)}"


def lsp_topic(site: str, what: str) -> str:
    """What the library system sends: `shelf-list/{part}`, `items`, `bookings`."""
    return f"{PREFIX}/{_harmless(site)}/lsp/{what}"


def request_topic(site: str, node: str, verb: str) -> str:
    """Requests to a node; `+` for all verbs."""
    return f"{PREFIX}/{_harmless(site)}/{_harmless(node)}/request/{verb}"


def _harmless(id_: str) -> str:
    if not is_id(id_):
        raise ValueError(f"{id_!r} is no id, and does not go into a topic")
    return id_


_MEASURED: Final = (RoomMeasured, SourceCounted, SpaceUsed, NodeMeasured, SinkMeasured, LspMeasured)
NOT_EVENTS: Final = frozenset({ShelfState.TYPE, MissingApproved.TYPE, *(kind.TYPE for kind in _MEASURED)})
"""No events of the contract: measurements, states of which only the last counts, decisions of staff."""
EVENT_TYPES: Final = tuple(kind for kind in RECORD_TYPES if kind not in NOT_EVENTS)


class Measurement:
    """Measurements of the time series."""

    SPACE: Final = "space"
    DOOR: Final = "door"
    ROOM: Final = "room"
    ITEM: Final = "item"
    TAG: Final = "tag"
    SHELF: Final = "shelf"
    CAPACITY: Final = "space_capacity"
    NOISE: Final = "space_noise"
    AIR: Final = "space_air"
    AFTER_HOURS: Final = "space_after_hours"
    BOOKING: Final = "space_booking"
    HEALTH: Final = "sensor_health"
    INVENTORY: Final = "inventory"
    SOURCE: Final = "source"
    USE: Final = "space_use"
    NODE: Final = "node"
    SINK: Final = "sink"
    LSP: Final = "lsp"


SERIES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    Measurement.SPACE: (("space",), ("people", "people_sd", "occupied", "quality", "capacity")),
    Measurement.DOOR: (
        ("door",),
        ("n_in", "n_out", "corrected_in", "corrected_out", "visits", "visits_raw", "duration_s"),
    ),
    Measurement.ROOM: (("source", "space", "quantity"), ("value",)),
    Measurement.ITEM: (
        ("event", "item"),
        (
            "epc",
            "shelf",
            "x_m",
            "x_sd_m",
            "rank",
            "confidence",
            "from_shelf",
            "belongs_shelf",
            "status",
            "walk_m",
            "findings",
        ),
    ),
    Measurement.TAG: (
        ("event", "place", "slot"),
        ("epc", "x_m", "x_sd_m", "rank", "confidence", "antenna", "direction", "from_shelf"),
    ),
    Measurement.SHELF: (("shelf",), ("books", "misplaced", "read_rate")),
    Measurement.CAPACITY: (("space",), ("level", "people", "capacity")),
    Measurement.NOISE: (("space",), ("level", "severity", "sound_dba", "limit_dba")),
    Measurement.AIR: (("space",), ("level", "co2_ppm", "limit_ppm")),
    Measurement.AFTER_HOURS: (("space",), ("state", "people")),
    Measurement.BOOKING: (("space",), ("state", "booking")),
    Measurement.HEALTH: (("source",), ("up", "state", "reason")),
    Measurement.INVENTORY: ((), ("session", "expected", "seen", "misplaced", "missing", "shelves")),
    Measurement.SOURCE: (("source",), ("received", "used", "late", "malformed", "dropped", "age_s", "up")),
    Measurement.USE: (
        ("space", "weekday", "hour", "kind", "zone"),
        ("people", "peak", "occupied", "open_share", "valid_s", "seat_rate"),
    ),
    Measurement.NODE: (
        (),
        (
            "version",
            "uptime_s",
            "rss_bytes",
            "cpu_share",
            "window_s",
            "outbox_bytes",
            "outage_left_s",
            "dropped",
            "reasons",
        ),
    ),
    Measurement.SINK: (
        ("sink",),
        ("depth", "oldest_age_s", "ack_age_s", "dead_letters", "clock_skew_s", "clock_off_s"),
    ),
    Measurement.LSP: (("system",), ("calls", "failed", "mean_s")),
}
"""Measurement → its tags and its fields; every series has the tags `site` and `node` besides."""


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Id = Annotated[str, Field(pattern=f"^{ID_PATTERN.pattern}$")]
Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$")]
"""RFC 3339, UTC, with nanoseconds."""


class CloudEvent(_Wire):
    """An event: CloudEvents 1.0, JSON, structured mode. A repeat has the same `id`."""

    specversion: Literal["1.0"] = SPEC_VERSION
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    source: Annotated[str, Field(pattern=r"^/lib/v1/[^/]+/[^/]+$")]
    type: Literal[EVENT_TYPES]  # type: ignore[valid-type]
    time: Time
    subject: Id | None = None
    datacontenttype: Literal["application/json"] = JSON_TYPE
    replayed: bool = False
    """It comes late, after an outage; `time` is still when it was observed."""
    data: dict[str, Any]


class Status(_Wire):
    """What the edge says about itself; `offline` is also its last will."""

    state: Literal["online", "degraded", "offline"]
    t: Time
    version: str
    boot_id: str
    reasons: list[str] = []


class SpaceInfo(_Wire):
    """What the site file knows of a space and its state repeats."""

    zone: Literal["silent", "quiet", "voiced", "collaborative"] | None = None
    capacity: int | None = None


class SpaceStateWire(_Wire):
    """People in a space, as of `t`."""

    space: Id
    t: Time
    people: float
    people_sd: float
    occupied: float
    quality: str
    zone: Literal["silent", "quiet", "voiced", "collaborative"] | None = None
    capacity: int | None = None


class BookWire(_Wire):
    """One book of a row."""

    epc: str
    barcode: str | None
    x_m: float
    x_sd_m: float
    confidence: float
    misplaced: bool


class ShelfStateWire(_Wire):
    """A shelf's books in order, as of `t`."""

    shelf: Id
    t: Time
    books: list[BookWire]
    read_rate: float | None


def json_schemas() -> dict[str, dict[str, Any]]:
    """Name → JSON Schema of every document that we publish, and of every event's `data`."""
    found = {
        "status": Status.model_json_schema(),
        "event": CloudEvent.model_json_schema(),
        "state-space": SpaceStateWire.model_json_schema(),
        "state-shelf": ShelfStateWire.model_json_schema(),
    }
    for name in EVENT_TYPES:
        found[f"event-data-{name}"] = data_schema(RECORD_TYPES[name])
    return found


def data_schema(kind: type[Record]) -> dict[str, Any]:
    """The schema of `data` in events of one type."""
    return TypeAdapter(kind).json_schema()
