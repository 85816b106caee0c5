"""The two checksums of library tags; both use the polynomial x^16 + x^12 + x^5 + 1 (1021h)."""

from binascii import crc_hqx

_INIT = 0xFFFF


def crc_gen2(pc_and_uii: bytes) -> int:
    """Stored CRC of a Gen2 EPC bank, over PC and UII (Gen2, Annex F). Stored high byte first."""
    return crc_hqx(pc_and_uii, _INIT) ^ 0xFFFF


def crc_iso28560_3(covered: bytes) -> int:
    """CRC of a 28560-3 basic block, over bytes 0-18 and 21-33. Stored low byte first."""
    return crc_hqx(covered, _INIT)
