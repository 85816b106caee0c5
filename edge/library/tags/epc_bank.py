"""The EPC bank of a Gen2 tag, in the three forms in which people hand it on.

    whole bank   CRC (2) | PC (2) | UII
    PC | UII     PC (2) | UII
    bare UII     UII

    PC   15-11 words of the UII | 10 UMI (user memory) | 9 XPC | 8 T | 7-0 AFI (T = 1) or attributes

Told apart by the checksum, then by the length in the PC, else the bytes are a bare UII.
"""

from dataclasses import dataclass

from edge.library.tags.crc import crc_gen2

ITEM_AFIS = (0x07, 0xC2)


@dataclass(frozen=True, slots=True)
class EpcBank:
    """A UII and what is known of its PC: `pc` and `crc_fits` are None where they were not given."""

    uii: bytes
    pc: int | None = None
    crc_fits: bool | None = None

    @property
    def is_iso(self) -> bool | None:
        """The toggle bit: True for an ISO application family, False for EPCglobal, None unknown."""
        return None if self.pc is None else bool(self.pc & 0x100)

    @property
    def afi(self) -> int | None:
        """Application family identifier; exists only where the toggle bit is set."""
        return self.pc & 0xFF if self.pc is not None and self.is_iso else None


def parse_epc_bank(data: bytes) -> EpcBank:
    """The bank in whichever form it came. Never raises."""
    whole = _with_pc(data[2:])
    if whole is not None and crc_gen2(data[2 : 4 + len(whole.uii)]) == int.from_bytes(data[:2]):
        return EpcBank(whole.uii, whole.pc, crc_fits=True)
    without_crc = _with_pc(data)
    if without_crc is not None and len(without_crc.uii) == len(data) - 2 and _is_sane(without_crc):
        return without_crc
    if whole is not None and len(whole.uii) == len(data) - 4 and _is_sane(whole):
        return EpcBank(whole.uii, whole.pc, crc_fits=False)
    return EpcBank(data)


def encode_epc_bank(uii: bytes, pc_flags: int) -> bytes:
    """A whole bank around `uii` (an even number of bytes), for tests and for writing tags."""
    pc = len(uii) // 2 << 11 | pc_flags & 0x7FF
    body = pc.to_bytes(2) + uii
    return crc_gen2(body).to_bytes(2) + body


def _with_pc(data: bytes) -> EpcBank | None:
    if len(data) < 4:
        return None
    pc = int.from_bytes(data[:2])
    size = 2 * (pc >> 11)
    return EpcBank(data[2 : 2 + size], pc) if 0 < size <= len(data) - 2 else None


def _is_sane(bank: EpcBank) -> bool:
    """Whether a PC that no checksum vouches for is one that libraries have: a bare UII may look like it."""
    return bank.afi in ITEM_AFIS if bank.is_iso else bank.pc is not None and bank.pc & 0xFF == 0
