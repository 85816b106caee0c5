"""The ROSpec: which antennas read, how, and what a report says.

ROSpec (177)                | id 32 | priority 8 | state 8 | boundary (178) | AISpec (183) | report (237) |
ROBoundarySpec              | start trigger (179): 0 = none 8 | stop trigger (182): 0 = none 8, ms 32 |
AISpec                      | n 16 | n × antenna 16, 0 = all | stop trigger (184): none 8, ms 32 |
                            | inventory (186) |
InventoryParameterSpec      | id 16 | 1 = C1G2 8 | AntennaConfiguration (222) |
AntennaConfiguration        | antenna 16, 0 = all | RFTransmitter (224) | C1G2InventoryCommand (330) |
RFTransmitter               | hop table 16 | channel 16 | power index 16 |
C1G2InventoryCommand        | state aware 1 | rsvd 7 | RF control (335) | singulation (336) | vendor … |
C1G2RFControl               | mode 16 | tari 16, 0 = the mode's own |
C1G2SingulationControl      | session 2 | rsvd 6 | population 16 | transit ms 32 |
ROReportSpec                | 1 = after n tags or the AISpec 8 | n 16 | selector (238) | vendor … |
TagReportContentSelector    | rospec 1 | spec 1 | inventory 1 | antenna 1 | channel 1 | RSSI 1 |
                            | first seen 1 | last seen 1 | count 1 | accessspec 1 | rsvd 6 |
                            | EPC memory (348): crc 1, pc 1, rsvd 6 |
Impinj 23 search mode       | 1 single target, 2 dual target 16 |
Impinj 50 report selector   | 52 phase: 1 16 | 53 RSSI: 1 16 | 67 Doppler: 1 16 |
Zebra 708 report selector   | zone 1 | zone name 1 | port 1 | phase 1 | GPS 1 | MLT 1 | rsvd 26 |
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.sensors.llrp.codec.wire import Param, Vendor, custom, tlv, u8, u16, u32

DUAL_TARGET = 2
SINGLE_TARGET = 1
_SELECT = 1 << 12 | 1 << 11 | 1 << 10 | 1 << 9 | 1 << 8
_SELECT_PC = 1 << 6
_ZEBRA_PHASE = 1 << 28


@dataclass(frozen=True, slots=True)
class Inventory:
    """How to read. `transmitter` is hop table, channel and power index; None leaves what the reader has."""

    number: int
    antennas: Sequence[int]
    session: int
    population: int
    vendor: int
    search_mode: int = DUAL_TARGET
    mode: int | None = None
    transmitter: tuple[int, int, int] | None = None


def rospec(wanted: Inventory) -> bytes:
    """One report for each read: phase work needs it, and it keeps the reader's clock in step with ours."""
    boundary = tlv(
        Param.RO_BOUNDARY_SPEC,
        tlv(Param.ROSPEC_START_TRIGGER, u8(0)),
        tlv(Param.ROSPEC_STOP_TRIGGER, u8(0), u32(0)),
    )
    head = u32(wanted.number) + u8(0, 0)
    return tlv(Param.ROSPEC, head, boundary, _aispec(wanted), _report_spec(wanted.vendor))


def _aispec(wanted: Inventory) -> bytes:
    antennas = wanted.antennas or (0,)
    inventory = tlv(Param.INVENTORY_PARAMETER_SPEC, u16(1), u8(1), _antenna_configuration(wanted))
    stop = tlv(Param.AISPEC_STOP_TRIGGER, u8(0), u32(0))
    return tlv(Param.AISPEC, u16(len(antennas), *antennas), stop, inventory)


def _antenna_configuration(wanted: Inventory) -> bytes:
    transmitter = b"" if wanted.transmitter is None else tlv(Param.RF_TRANSMITTER, u16(*wanted.transmitter))
    control = b"" if wanted.mode is None else tlv(Param.C1G2_RF_CONTROL, u16(wanted.mode, 0))
    singulation = tlv(Param.C1G2_SINGULATION_CONTROL, u8(wanted.session << 6), u16(wanted.population), u32(0))
    search = b""
    if wanted.vendor == Vendor.IMPINJ:
        search = custom(Vendor.IMPINJ, 23, u16(wanted.search_mode))
    command = tlv(Param.C1G2_INVENTORY_COMMAND, u8(0), control, singulation, search)
    return tlv(Param.ANTENNA_CONFIGURATION, u16(0), transmitter, command)


def _report_spec(vendor: int) -> bytes:
    selector = tlv(
        Param.TAG_REPORT_CONTENT_SELECTOR, u16(_SELECT), tlv(Param.C1G2_EPC_MEMORY_SELECTOR, u8(_SELECT_PC))
    )
    return tlv(Param.RO_REPORT_SPEC, u8(1), u16(1), selector, _vendor_selector(vendor))


def _vendor_selector(vendor: int) -> bytes:
    if vendor == Vendor.IMPINJ:
        wanted = (custom(Vendor.IMPINJ, subtype, u16(1)) for subtype in (52, 53, 67))
        return custom(Vendor.IMPINJ, 50, *wanted)
    if vendor == Vendor.ZEBRA:
        return custom(Vendor.ZEBRA, 708, u32(_ZEBRA_PHASE))
    return b""
