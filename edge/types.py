"""Readings: what a driver or a recording says, one at a time (the contract, clause 1)."""

import re
from dataclasses import dataclass
from typing import Final

ID_PATTERN: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
HEX_PATTERN: Final = re.compile(r"(?:[0-9A-F]{2})+")

QUANTITIES: Final = (
    "co2_ppm",
    "presence",
    "motion",
    "people",
    "illuminance_lux",
    "sound_dba",
    "temperature_c",
    "humidity_pct",
    "seat_taken",
    "wifi_devices",
    "thermal_8x8",
    "feedback",
)
THERMAL: Final = "thermal_8x8"
THERMAL_PIXELS: Final = 64
NUMBER_QUANTITIES: Final = tuple(name for name in QUANTITIES if name != THERMAL)


def is_id(text: str) -> bool:
    """Whether `text` is harmless in a topic, in line protocol and in a file name."""
    return ID_PATTERN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class TagRead:
    """One RFID read. `phase_rad` is in [0, 2π) and grows with the distance; None means not known."""

    t_ns: int
    source: str
    antenna: int
    epc: str
    rssi_dbm: float | None = None
    phase_rad: float | None = None
    freq_mhz: float | None = None
    doppler_hz: float | None = None
    pc: str | None = None
    tid: str | None = None
    user: str | None = None
    afi: str | None = None


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the antenna of `source` is: along the shelf, to the spines, above the board."""

    t_ns: int
    source: str
    shelf: str
    x_m: float
    y_m: float
    z_m: float | None = None


@dataclass(frozen=True, slots=True)
class DoorCount:
    """People counted since this source's previous reading."""

    t_ns: int
    source: str
    n_in: int
    n_out: int


@dataclass(frozen=True, slots=True)
class RoomSample:
    """One value of one of QUANTITIES; for `thermal_8x8` 64 °C in rows."""

    t_ns: int
    source: str
    quantity: str
    value: float | tuple[float, ...]


Reading = TagRead | Pose | DoorCount | RoomSample
