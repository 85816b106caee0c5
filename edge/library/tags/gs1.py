"""GS1 EPCs, told by their header byte (GS1 EPC Tag Data Standard, table of EPC binary headers).

A library that buys retail-tagged books has them; the barcode in the library system is then found by
the table of EPCs, since an SGTIN names an edition and a serial, not an item of this library.
"""

from edge.library.tags.contents import Model, TagContents

_BITS = {
    0x2C: 96,  # GDTI-96
    0x2D: 96,  # GSRN-96
    0x2E: 96,  # GSRNP-96
    0x2F: 96,  # USDOD-96
    0x30: 96,  # SGTIN-96
    0x31: 96,  # SSCC-96
    0x32: 96,  # SGLN-96
    0x33: 96,  # GRAI-96
    0x34: 96,  # GIAI-96
    0x35: 96,  # GID-96
    0x36: 198,  # SGTIN-198
    0x37: 170,  # GRAI-170
    0x38: 202,  # GIAI-202
    0x39: 195,  # SGLN-195
    0x3E: 174,  # GDTI-174
    0x3C: 96,  # CPI-96
}
_WITHOUT_PARTITION = (0x2F, 0x35)
_HIGHEST_PARTITION = 6


def looks_like_gs1(uii: bytes) -> bool:
    """Whether header, length and partition fit together."""
    if not uii or uii[0] not in _BITS or 8 * len(uii) < _BITS[uii[0]] or 8 * len(uii) > _BITS[uii[0]] + 15:
        return False
    # After the header: filter (3 bits), partition (3 bits).
    return uii[0] in _WITHOUT_PARTITION or uii[1] >> 2 & 7 <= _HIGHEST_PARTITION


def decode_gs1(_uii: bytes) -> TagContents:
    """That it is a GS1 tag; its number is the EPC itself."""
    return TagContents(Model.GS1)
