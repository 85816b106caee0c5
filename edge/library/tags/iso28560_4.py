"""ISO 28560-4: UHF tags with the toggle bit set. UII `owner.item` in URN Code 40, the rest in the user bank.

The standard's own example has a third part (`CH-000134-1.12345678.31`). It fits set information (3 parts,
part 1) and is taken for that where it has the form of it.
"""

import re
from dataclasses import replace

from edge.errors import BadFrame
from edge.library.tags.contents import Model, TagContents
from edge.library.tags.epc_bank import ITEM_AFIS, EpcBank
from edge.library.tags.iso28560_2 import DSFID, decode_iso28560_2
from edge.library.tags.urn40 import decode_urn40

_SET_INFO = re.compile(r"(?:[0-9]{2}){1,3}")
_OWNER_AND_ITEM = re.compile(r"[A-Z]{1,4}-[A-Z0-9:/-]{1,11}\.[^.]+(?:\.[0-9]+)?")


def decode_iso28560_4(bank: EpcBank) -> TagContents:
    """Contents of an EPC bank. Raises BadFrame where the UII is not Code 40."""
    text = decode_urn40(bank.uii)
    if not text.isprintable():
        raise BadFrame("the UII holds characters that cannot be printed")
    owner, barcode, set_info, problems = _split(text)
    if bank.afi is not None and bank.afi not in ITEM_AFIS:
        problems.append(f"AFI {bank.afi:02X} is not a library's")
    return TagContents(
        model=Model.ISO_28560_4,
        barcode=barcode or None,
        owner=owner or None,
        set_info=set_info,
        afi=None if bank.afi is None else f"{bank.afi:02X}",
        problems=tuple(problems),
    )


def looks_like_iso28560_4(uii: bytes) -> bool:
    """Whether a UII of unknown PC reads `ISIL.item`, which chance hardly makes."""
    try:
        return _OWNER_AND_ITEM.fullmatch(decode_urn40(uii)) is not None
    except BadFrame:
        return False


def decode_user_bank(data: bytes) -> TagContents:
    """Contents of a user bank: 06, then the elements of ISO 28560-2."""
    body = data[1:] if data[:1] == bytes([DSFID]) else data
    contents = decode_iso28560_2(body, Model.ISO_28560_4)
    if body is data:
        contents = replace(contents, problems=(*contents.problems, "the leading 06 is missing"))
    return contents


def _split(text: str) -> tuple[str, str, str | None, list[str]]:
    if "." not in text:
        return "", text, None, []
    owner, _, item = text.partition(".")
    barcode, dot, third = item.rpartition(".")
    if not dot:
        return owner, item, None, []
    if _SET_INFO.fullmatch(third):
        return owner, barcode, third, ["third part of the UII taken for set information"]
    return owner, item, None, ["third part of the UII left with the item id"]
