"""Options of the `mqtt` driver: the broker, and what its topics mean."""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from edge.tls import TlsFiles
from edge.toml_file import Strict
from edge.types import NUMBER_QUANTITIES

DOOR_QUANTITIES: Final = ("in", "out", "in_total", "out_total")
MEASURED: Final = (*NUMBER_QUANTITIES, *DOOR_QUANTITIES)


def _measured(name: str) -> str:
    if name not in MEASURED:
        raise PydanticCustomError("value_error", "expected one of {names}", {"names": ", ".join(MEASURED)})
    return name


Quantity = Annotated[str, AfterValidator(_measured), WithJsonSchema({"enum": MEASURED})]
Path = Annotated[str, StringConstraints(pattern=r"^([^.\[\]]+(\[\d+\])*(\.[^.\[\]]+(\[\d+\])*)*)?$")]
SOURCE_PATTERN: Final = r"^([a-z0-9-]|\{[1-9]\}){1,63}$"
_LEVEL: Final = re.compile(r"^(\+|[^+#\x00]*)$")
_LARGEST_PAYLOAD: Final = 16 << 20


class Value(Strict):
    """One value in a payload: where it stands and what it is."""

    quantity: Quantity
    path: Path = ""
    source: Annotated[str, StringConstraints(pattern=SOURCE_PATTERN)] = "{1}"
    scale: float = 1.0
    offset: float = 0.0


class Topic(Strict):
    """What is subscribed to. Without `values` the payloads are readings in our own JSON."""

    filter: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    qos: Literal[0, 1] = 1
    time: Path = ""
    values: list[Value] = []

    @model_validator(mode="after")
    def _is_a_filter(self) -> Self:
        levels = self.filter.split("/")
        plain = levels[:-1] if levels[-1] == "#" else levels
        if not all(_LEVEL.match(level) for level in plain):
            raise PydanticCustomError(
                "value_error", "expected a topic filter: + and # stand alone in a level, # in the last"
            )
        return self


class Options(Strict):
    """One broker."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 1883
    username: str | None = None
    password_file: str | None = None
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    tls: TlsFiles | None = None
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    keepalive_s: Annotated[int, Field(ge=2, le=3600)] = 15
    connect_s: Annotated[float, Field(gt=0, le=60)] = 5.0
    session_s: Annotated[int, Field(ge=0, le=0xFFFF_FFFE)] = 259_200
    in_flight: Annotated[int, Field(ge=1, le=65_535)] = 20_000
    waiting: Annotated[int, Field(ge=100, le=1_000_000)] = 20_000
    max_payload_bytes: Annotated[int, Field(ge=100, le=_LARGEST_PAYLOAD)] = 1 << 20
    batch_s: Annotated[float, Field(ge=0, le=5)] = 0.05
    topics: Annotated[list[Topic], Field(min_length=1)]
