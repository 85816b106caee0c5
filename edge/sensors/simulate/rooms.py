"""Room sensors: CO2 by mass balance, presence, sound, temperature and the like, from the people there."""

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.sensors.simulate.config import Room
from edge.sensors.simulate.stock import Rng
from edge.types import RoomSample

EVERY_S: Final = 5
_OUTSIDE_PPM: Final = 425.0
_LITRES_PER_PERSON_HOUR: Final = 18.0
_AIR_CHANGES_PER_HOUR: Final = 1.8
_SEEN_STILL: Final = 0.97


@dataclass(slots=True)
class RoomModel:
    """The air of one room and its sensors."""

    room: Room
    rng: Rng
    co2_ppm: float = _OUTSIDE_PPM
    _offset_ppm: float = field(init=False)
    _warmth_c: float = field(init=False)
    _heads_told: bool = False

    def __post_init__(self) -> None:
        self._offset_ppm = float(self.rng.normal(0, 15))
        self._warmth_c = float(self.rng.normal(22.0, 0.7))

    def settle(self, people: int) -> None:
        """As if so many people had been there for hours."""
        self.co2_ppm = self._balance_ppm(people)

    def step(self, people: int, seconds: float) -> None:
        """Breathe and ventilate: V·dC/dt = n·G + Q·(C_out − C), solved over the step."""
        left = np.exp(-_AIR_CHANGES_PER_HOUR * seconds / 3600)
        self.co2_ppm = float(self._balance_ppm(people) + (self.co2_ppm - self._balance_ppm(people)) * left)

    def samples(self, second: int, people: int, t_ns: int) -> Iterator[RoomSample]:
        """What the sensors say in this second: each speaks every EVERY_S seconds, not all at once."""
        for quantity, source in self.room.sensors.items():
            if quantity == "people":
                yield from self._heads(source, people, t_ns)
            elif second % EVERY_S == zlib.crc32(source.encode()) % EVERY_S:
                value = self._value(quantity, people)
                if value is not None:
                    yield RoomSample(t_ns, source, quantity, value)

    def _heads(self, source: str, people: int, t_ns: int) -> Iterator[RoomSample]:
        """Staff count heads once, when they begin."""
        if not self._heads_told:
            self._heads_told = True
            yield RoomSample(t_ns, source, "people", float(people))

    def _balance_ppm(self, people: int) -> float:
        fresh_m3_h = _AIR_CHANGES_PER_HOUR * self.room.area_m2 * self.room.height_m
        return _OUTSIDE_PPM + people * _LITRES_PER_PERSON_HOUR / 1000 / fresh_m3_h * 1e6

    def _value(self, quantity: str, people: int) -> float | None:
        noise = float(self.rng.standard_normal())
        match quantity:
            case "co2_ppm":
                return round(self.co2_ppm + self._offset_ppm + 6 * noise, 0)
            case "presence" | "motion":
                return float(self.rng.random() < 1 - (1 - _SEEN_STILL) ** min(people, 20))
            case "sound_dba":
                return round(self.room.base_dba + 7 * math.log10(1 + people) + 1.2 * noise, 1)
            case "temperature_c":
                return round(self._warmth_c + 0.02 * people + 0.05 * noise, 2)
            case "humidity_pct":
                return round(45 + 0.05 * people + 0.4 * noise, 1)
            case "illuminance_lux":
                return round(420 + 8 * noise, 0)
            case "wifi_devices":
                return float(self.rng.poisson(1.2 * people))
            case _:
                return None
