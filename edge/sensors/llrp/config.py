"""Options of the `llrp` driver."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from edge.toml_file import Strict
from edge.types import ID_PATTERN

Id = Annotated[str, StringConstraints(pattern=f"^{ID_PATTERN.pattern}$")]
Port = Annotated[int, Field(ge=1, le=65_535)]


class Phase(StrEnum):
    """What the reported phase does as a tag goes away."""

    GROWS = "grows"
    FALLS = "falls"


class Search(StrEnum):
    """Impinj's search mode; single target reads a tag seldom, which starves phase work."""

    DUAL = "dual"
    SINGLE = "single"


SearchMode = Annotated[Search, BeforeValidator(Search)]
PhaseSign = Annotated[Phase, BeforeValidator(Phase)]


class Gpi(Strict):
    """What an edge on a general-purpose input says, in the name of `source`: people at a door, or a room."""

    port: Annotated[int, Field(ge=1, le=64)]
    source: Id
    means: Literal["in", "out", "motion", "presence", "seat_taken"]
    active: Literal["high", "low"] = "high"


class Options(Strict):
    """One reader."""

    host: Annotated[str, Field(min_length=1)]
    port: Port = 5084
    antennas: list[Annotated[int, Field(ge=1, le=255)]] = []
    power_dbm: Annotated[float, Field(ge=0, le=36)] | None = None
    session: Literal[0, 1, 2, 3] = 1
    search: SearchMode = Search.DUAL
    mode: Annotated[int, Field(ge=0, le=65_535)] | None = None
    population: Annotated[int, Field(ge=1, le=65_535)] = 32
    channel: Annotated[int, Field(ge=1, le=65_535)] | None = None
    impinj_region: Annotated[int, Field(ge=0, le=255)] | None = None
    phase: PhaseSign = Phase.GROWS
    keepalive_s: Annotated[float, Field(ge=0.1, le=600)] = 10.0
    connect_s: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    batch_s: Annotated[float, Field(ge=0, le=5)] = 0.1
    gpi: list[Gpi] = []

    @model_validator(mode="after")
    def _ports_are_unique(self) -> Self:
        for n, gpi in enumerate(self.gpi):
            if gpi.port in {other.port for other in self.gpi[:n]}:
                raise PydanticCustomError("value_error", "expected each GPI port once")
        return self
