"""Options of the `simulate` driver: its boards, rooms and doors, and what is wrong in it."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from edge.toml_file import Strict
from edge.types import ID_PATTERN, QUANTITIES

Id = Annotated[str, StringConstraints(pattern=f"^{ID_PATTERN.pattern}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=10_000)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Board(Strict):
    """One board of books."""

    id: Id
    length_m: Annotated[float, Field(ge=0.2, le=10)] = 0.9


class Stock(Strict):
    """The books, and how many of them are not as the shelf list has them."""

    thickness_m: Annotated[float, Field(ge=0.005, le=0.2)] = 0.024
    fill: Annotated[float, Field(ge=0.1, le=0.98)] = 0.9
    misplaced: Count = 3
    missing: Count = 2
    unknown: Count = 1
    wrong_status: Count = 1
    on_loan: Share = 0.03


class Reader(Strict):
    """The UHF reader of the cart: channels as in China's 920–925 MHz band by default."""

    first_mhz: Annotated[float, Field(ge=800, le=1000)] = 920.625
    step_mhz: Annotated[float, Field(gt=0, le=5)] = 0.25
    channels: Annotated[int, Field(ge=1, le=100)] = 16
    dwell_s: Annotated[float, Field(ge=0.02, le=10)] = 0.2
    reads_per_s: Annotated[float, Field(gt=0, le=2000)] = 160.0
    cable_m: Annotated[float, Field(ge=0, le=100)] = 8.2
    half_turns: Share = 0.0
    multipath: Annotated[float, Field(ge=0, le=3)] = 1.0
    coupling: Annotated[float, Field(ge=0, le=3)] = 1.0


class Cart(Strict):
    """An antenna that goes along one board after the other, there and back, without end."""

    source: Id
    boards: Annotated[list[Board], Field(min_length=1, max_length=1000)]
    tiers: Annotated[int, Field(ge=1, le=10)] = 3
    speed_m_s: Annotated[float, Field(ge=0.02, le=1)] = 0.25
    turn_s: Annotated[float, Field(ge=2.1, le=60)] = 2.4
    distance_m: Annotated[float, Field(ge=0.1, le=2)] = 0.35
    pose_hz: Annotated[float, Field(ge=5, le=100)] = 25.0
    pose_noise_m: Annotated[float, Field(ge=0, le=0.05)] = 0.001
    stock: Stock = Stock()
    reader: Reader = Reader()


class Room(Strict):
    """A room: `busy` is the share of its capacity that an afternoon fills, `sensors` quantity → source."""

    id: Id
    capacity: Annotated[int, Field(ge=1, le=100_000)]
    area_m2: Annotated[float, Field(gt=0, le=1e6)] = 100.0
    height_m: Annotated[float, Field(gt=0, le=100)] = 3.2
    busy: Annotated[float, Field(ge=0, le=2)] = 0.6
    stay_min: Annotated[float, Field(ge=1, le=1000)] = 45.0
    base_dba: Annotated[float, Field(ge=0, le=100)] = 36.0
    sensors: dict[str, Id] = {}

    @model_validator(mode="after")
    def _quantities(self) -> Self:
        for quantity in self.sensors:
            if quantity not in QUANTITIES:
                raise PydanticCustomError("value_error", f"expected quantities, found {quantity!r}")
        return self


class Door(Strict):
    """A counted passage; `in` goes from `from` to `to`; the counter misses some."""

    source: Id
    from_: Annotated[Id, Field(alias="from")]
    to: Id
    missed_in: Share = 0.01
    missed_out: Share = 0.03


class Fault(Strict):
    """A sensor that says nothing more after so long."""

    source: Id
    after_s: Annotated[float, Field(ge=0)]


class Options(Strict):
    """One simulated library. With `part_of`, this source is one of that library's, which speaks for it."""

    part_of: Id | None = None
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1
    speed: Annotated[float, Field(gt=0, le=1000)] = 1.0
    starts_at: TimeOfDay = "10:40"
    head_start_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    cart: Cart | None = None
    room: list[Room] = []
    door: list[Door] = []
    fault: list[Fault] = []
