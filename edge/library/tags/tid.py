"""TID of a Gen2 tag: who made the chip, and its serial number where it has one.

    E2 | maker (12 bits, the highest: extended TID follows) | model (12) | XTID header (16) | serial …

The top three bits of the XTID header say how long the serial is: n → 48 + 16 (n − 1) bits.
"""

from dataclasses import dataclass

from edge.errors import BadFrame

_GEN2 = 0xE2
_EXTENDED = 0x800
_HEADER_BYTES, _XTID_BYTES = 4, 2


@dataclass(frozen=True, slots=True)
class TagIdentity:
    """Maker and model as hex; `serial` is None where the chip has none or hides it."""

    maker: str
    model: str
    extended: bool
    serial: str | None = None

    @property
    def urn(self) -> str | None:
        """The serialised identity, unique in the world."""
        return f"urn:epc:stid:x{self.maker}.x{self.model}.x{self.serial}" if self.serial else None


def decode_tid(data: bytes) -> TagIdentity:
    """Identity of the chip. Raises BadFrame where it is not a Gen2 TID."""
    if len(data) < _HEADER_BYTES or data[0] != _GEN2:
        raise BadFrame("not a Gen2 TID")
    numbers = int.from_bytes(data[1:4])
    maker, model = numbers >> 12, numbers & 0xFFF
    extended = bool(maker & _EXTENDED)
    serial = _serial(data[_HEADER_BYTES:]) if extended else None
    return TagIdentity(f"{maker:03X}", f"{model:03X}", extended, serial)


def _serial(data: bytes) -> str | None:
    if len(data) < _XTID_BYTES:
        return None
    kind = data[0] >> 5
    size = (48 + 16 * (kind - 1)) // 8 if kind else 0
    serial = data[_XTID_BYTES : _XTID_BYTES + size]
    return serial.hex().upper() if size and len(serial) == size else None
