"""Which model a tag is of: the order in which decoders are asked."""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from edge.errors import BadFrame
from edge.library.tags.cn_university import decode_cn_epc, decode_cn_user, looks_like_cn_user
from edge.library.tags.contents import BLANK_TAG, Model, TagContents
from edge.library.tags.epc_bank import EpcBank, parse_epc_bank
from edge.library.tags.gs1 import decode_gs1, looks_like_gs1
from edge.library.tags.iso28560_2 import DSFID as DSFID_2
from edge.library.tags.iso28560_2 import decode_iso28560_2, looks_like_iso28560_2
from edge.library.tags.iso28560_3 import DSFID as DSFID_3
from edge.library.tags.iso28560_3 import decode_iso28560_3, has_valid_crc, looks_like_iso28560_3
from edge.library.tags.iso28560_4 import decode_iso28560_4, decode_user_bank, looks_like_iso28560_4
from edge.library.tags.mm3 import decode_3m, looks_like_3m

FACTORY_HEADER = 0xE2  # a 96-bit EPC that starts like a TID: as it left the factory
_SHORTEST_BARE_TEXT = 4  # digits as text also look like GS1 headers 30-39
_UNKNOWN_LAYOUT = "no known layout"

T = TypeVar("T")


class Bank(StrEnum):
    """Where the bytes were read."""

    EPC = "epc"
    USER = "user"
    HF = "hf"


def decode_tag(data: bytes, bank: str = Bank.EPC) -> TagContents:
    """What the bytes of one bank say. Never raises: what cannot be read is said in `problems`."""
    if not any(data) or set(data) == {0xFF}:
        return TagContents(Model.UNKNOWN, problems=(BLANK_TAG,))
    if bank == Bank.HF:
        return decode_hf(data)
    if bank == Bank.USER:
        return decode_user(data)
    return decode_epc(parse_epc_bank(data))


def decode_hf(data: bytes) -> TagContents:
    """Memory of an HF tag, with or without its DSFID in front."""
    if has_valid_crc(data):
        return decode_iso28560_3(data)
    if data[0] == DSFID_3 and has_valid_crc(data[1:]):
        return decode_iso28560_3(data[1:])
    body = data[1:] if data[0] == DSFID_2 and looks_like_iso28560_2(data[1:]) else data
    elements = decode_iso28560_2(body) if looks_like_iso28560_2(body) else None
    if elements is not None and not elements.problems:
        return elements
    if looks_like_iso28560_3(data):
        return decode_iso28560_3(data)
    if looks_like_3m(data):
        return decode_3m(data)
    return elements or TagContents(Model.UNKNOWN, problems=(_UNKNOWN_LAYOUT,))


def decode_user(data: bytes) -> TagContents:
    """User bank of a UHF tag."""
    if data[0] == DSFID_2:
        return decode_user_bank(data)
    if looks_like_cn_user(data):
        return decode_cn_user(data)
    if looks_like_iso28560_2(data):
        return decode_user_bank(data)
    return TagContents(Model.UNKNOWN, problems=(_UNKNOWN_LAYOUT,))


def decode_epc(bank: EpcBank) -> TagContents:
    """EPC bank of a UHF tag: by the toggle bit where the PC is known, else by what is sane."""
    if not any(bank.uii):
        contents = TagContents(Model.UNKNOWN, problems=(BLANK_TAG,))
    elif bank.is_iso or (bank.pc is None and looks_like_iso28560_4(bank.uii)):
        contents = _decode_iso(bank)
    else:
        contents = _decode_not_iso(bank.uii)
    if bank.crc_fits is False:
        return replace(contents, problems=(*contents.problems, "CRC of the bank does not match"))
    return contents


def _decode_iso(bank: EpcBank) -> TagContents:
    contents = _try(decode_iso28560_4, bank)
    if contents is not None:
        return contents
    afi = None if bank.afi is None else f"{bank.afi:02X}"
    return replace(_decode_not_iso(bank.uii), afi=afi)


def _decode_not_iso(uii: bytes) -> TagContents:
    contents = _try(decode_cn_epc, uii)
    if contents is not None:
        return contents
    if uii[0] == FACTORY_HEADER:
        return TagContents(Model.UNKNOWN, problems=(BLANK_TAG,))
    text, _, padding = uii.partition(b"\0")
    if len(text) >= _SHORTEST_BARE_TEXT and not any(padding) and all(0x20 < byte < 0x7F for byte in text):
        return TagContents(Model.UNKNOWN, text.decode("ascii"), problems=("bare barcode in the EPC",))
    if looks_like_gs1(uii):
        return decode_gs1(uii)
    if uii.hex().isdecimal():
        return TagContents(Model.UNKNOWN, problems=("decimal digits: perhaps a barcode, look the EPC up",))
    return TagContents(Model.UNKNOWN, problems=("opaque EPC: look it up",))


def _try(decoder: Callable[[T], TagContents], data: T) -> TagContents | None:
    try:
        return decoder(data)
    except BadFrame:
        return None
