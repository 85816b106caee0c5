"""What a reader can do: GET_READER_CAPABILITIES_RESPONSE.

GeneralDeviceCapabilities (137) | antennas 16 | settable 1 | UTC clock 1 | rsvd 14 | vendor 32 | model 32 |
                                | firmware: length 16, UTF-8 | parameters … |
RegulatoryCapabilities (143)    | country 16 | standard 16 | UHFBandCapabilities (144) |
UHFBandCapabilities             | TransmitPowerLevel (145) … | FrequencyInformation (146) |
                                | RF mode table (328) |
TransmitPowerLevel              | index 16 | power s16, 0.01 dBm |
FrequencyInformation            | hopping 1 | rsvd 7 | hop tables (147) … or fixed table (148) |
FrequencyHopTable               | id 8 | rsvd 8 | n 16 | n × kHz 32 |
FixedFrequencyTable             | n 16 | n × kHz 32 |
RF mode (329, in 328)           | id 32 | … |
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from edge.errors import BadFrame
from edge.sensors.llrp.codec.wire import Param, parameters, text, unpack

_GENERAL: Final = struct.Struct(">HHII")
_POWER: Final = struct.Struct(">Hh")
_U16: Final = struct.Struct(">H")
_U32: Final = struct.Struct(">I")
_REGION_BYTES: Final = 4


@dataclass(slots=True)
class Capabilities:
    """`freq_mhz` by channel index - 1; `power_dbm` and `hop_tables` by the reader's own numbers."""

    vendor: int = 0
    model: int = 0
    firmware: str = ""
    n_antennas: int = 0
    power_dbm: dict[int, float] = field(default_factory=dict)
    hop_tables: dict[int, tuple[float, ...]] = field(default_factory=dict)
    fixed_mhz: tuple[float, ...] = ()
    modes: tuple[int, ...] = ()

    @property
    def hop_table(self) -> int:
        """The hop table in use: the first; 0 where the reader does not hop."""
        return min(self.hop_tables, default=0)

    @property
    def freq_mhz(self) -> tuple[float, ...]:
        return self.hop_tables[self.hop_table] if self.hop_tables else self.fixed_mhz

    def power_index(self, most_dbm: float) -> int | None:
        """The number of the highest power that is not above `most_dbm`."""
        allowed = [(dbm, index) for index, dbm in self.power_dbm.items() if dbm <= most_dbm + 1e-9]
        return max(allowed)[1] if allowed else None


def parse(body: bytes) -> Capabilities:
    """Raises BadFrame where the bytes can't be capabilities; what a reader leaves out stays empty."""
    found = Capabilities()
    for kind, value in parameters(body):
        if kind == Param.GENERAL_DEVICE_CAPABILITIES:
            found.n_antennas, _, found.vendor, found.model = unpack(_GENERAL, value)
            found.firmware, _ = text(value, _GENERAL.size)
        elif kind == Param.REGULATORY_CAPABILITIES:
            _take_regulatory(found, value)
    return found


def _take_regulatory(found: Capabilities, value: bytes) -> None:
    for kind, band in parameters(value[_REGION_BYTES:]):
        if kind == Param.UHF_BAND_CAPABILITIES:
            for inner, data in parameters(band):
                _take_band(found, inner, data)


def _take_band(found: Capabilities, kind: int, value: bytes) -> None:
    if kind == Param.TRANSMIT_POWER_LEVEL:
        index, hundredths_dbm = unpack(_POWER, value)
        found.power_dbm[index] = hundredths_dbm / 100
    elif kind == Param.RF_MODE_TABLE:
        entries = [entry for inner, entry in parameters(value) if inner == Param.RF_MODE]
        found.modes += tuple(unpack(_U32, entry)[0] for entry in entries)
    elif kind == Param.FREQUENCY_INFORMATION:
        for inner, table in parameters(value[1:]):
            if inner == Param.FREQUENCY_HOP_TABLE:
                found.hop_tables[table[0] if table else 0] = tuple(_mhz(table, 2))
            elif inner == Param.FIXED_FREQUENCY_TABLE:
                found.fixed_mhz = tuple(_mhz(table, 0))


def _mhz(table: bytes, at: int) -> Iterator[float]:
    (n,) = unpack(_U16, table, at)
    if at + 2 + 4 * n > len(table):
        raise BadFrame(f"LLRP: {n} frequencies in {len(table)} bytes")
    for place in range(n):
        yield unpack(_U32, table, at + 2 + 4 * place)[0] / 1000
