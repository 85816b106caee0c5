"""The documents that other programs read and write, as models: their JSON Schemas are made from these.

Recordings are decoded by a kernel, not by these models; a test holds the two against each other.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints

from edge.config import Id, Site
from edge.types import NUMBER_QUANTITIES, THERMAL_PIXELS

Hex = Annotated[str, StringConstraints(pattern=r"^([0-9A-F]{2})+$")]
TimeNs = Annotated[int, Field(ge=0, le=2**63 - 1)]
Finite = Annotated[float, Field(ge=-1e12, le=1e12)]
Dbm = Annotated[float, Field(ge=-200, le=200)]
Metres = Annotated[float, Field(ge=-1e4, le=1e4)]
Megahertz = Annotated[float, Field(ge=0.1, le=1e5)]
Count = Annotated[int, Field(ge=-(2**53), le=2**53)]
Probability = Annotated[float, Field(ge=0, le=1)]
Quantity = Literal[NUMBER_QUANTITIES]  # type: ignore[valid-type]


class Line(BaseModel):
    """One line of a recording; keys that are not known are ignored."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    t_ns: TimeNs
    source: Id


class TagLine(Line):
    """One RFID read."""

    kind: Literal["tag"]
    antenna: Annotated[int, Field(ge=0, le=65_535)]
    epc: Annotated[Hex, StringConstraints(max_length=124)]
    rssi_dbm: Dbm | None = None
    phase_rad: Finite | None = None
    freq_mhz: Megahertz | None = None
    doppler_hz: Finite | None = None
    pc: Hex | None = None
    tid: Hex | None = None
    user: Hex | None = None
    afi: Hex | None = None


class PoseLine(Line):
    """Where an antenna is."""

    kind: Literal["pose"]
    shelf: Id
    x_m: Metres
    y_m: Metres
    z_m: Metres | None = None


class DoorLine(Line):
    """People counted since the previous line of this source."""

    kind: Literal["door"]
    n_in: Annotated[Count, Field(alias="in")]
    n_out: Annotated[Count, Field(alias="out")]


class RoomLine(Line):
    """One value of one quantity."""

    kind: Literal["room"]
    quantity: Quantity
    value: Finite | bool


class ThermalLine(Line):
    """One thermal frame: 64 °C in rows."""

    kind: Literal["room"]
    quantity: Literal["thermal_8x8"]
    value: Annotated[list[Finite], Field(min_length=THERMAL_PIXELS, max_length=THERMAL_PIXELS)]


class RecordingLine(RootModel[TagLine | PoseLine | DoorLine | RoomLine | ThermalLine]):
    """Any line of a recording."""


class Strict(BaseModel):
    """A document of ours: what is not in the model is not in the document."""

    model_config = ConfigDict(extra="forbid")


class Skipped(Strict):
    """Lines of the recordings that gave no reading."""

    lines: Annotated[int, Field(ge=0)]


class Position(Strict):
    """One book's place on its board; `rank` counts from 0 along the shelf."""

    epc: Hex
    shelf: str
    x_m: float
    x_sd_m: Annotated[float, Field(ge=0)]
    rank: Annotated[int, Field(ge=0)]
    reads: Annotated[int, Field(ge=1)]
    confidence: Probability


class Passed(Strict):
    """A book that was passed in a sweep, where nobody knows where the antenna was."""

    epc: Hex
    reads: Annotated[int, Field(ge=1)]
    confidence: Probability


class LocateDocument(Strict):
    """`edge locate --json`; `passed`, without poses: the books of each sweep in the order of passing."""

    positions: list[Position]
    skipped: Skipped
    passed: list[list[Passed]] | None = None


class OccupancyRow(BaseModel):
    """People in a space at a time; `occupied` is the probability that anyone is there."""

    space: Id
    t_ns: TimeNs
    people: Annotated[float, Field(ge=0)]
    people_sd: Annotated[float, Field(ge=0)]
    occupied: Probability
    quality: str


class UseRow(BaseModel):
    """A space's use on one day."""

    space: Id
    date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    visits_in: float | None
    visits_out: float | None
    peak: float | None
    seat_hours: float | None
    occupancy_rate: float | None


class BookingRow(BaseModel):
    """What became of a booking."""

    id: str
    space: Id
    outcome: Literal["used", "ghost", "running", "unknown"]
    arrived_ns: TimeNs | None


class SpacesDocument(BaseModel):
    """`edge spaces --json`."""

    occupancy: list[OccupancyRow]
    use: list[UseRow]
    bookings: list[BookingRow]


class DecodedTag(BaseModel):
    """One tag of `edge tags decode --json`."""

    input: str
    model: Literal["iso28560-2", "iso28560-3", "iso28560-4", "cn-university", "gs1", "3m", "unknown"]
    barcode: str | None
    owner: str | None
    set: str | None
    afi: str | None
    usage: str | None
    shelf_location: str | None
    problems: list[str]


class TagsDocument(RootModel[list[DecodedTag]]):
    """`edge tags decode --json`."""


DOCUMENTS: Final[dict[str, type[BaseModel]]] = {
    "site": Site,
    "recording-line": RecordingLine,
    "locate": LocateDocument,
    "spaces": SpacesDocument,
    "tags": TagsDocument,
}
"""Name of the schema file → model."""


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a document, as it is written: by alias."""
    found = DOCUMENTS[name].model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
