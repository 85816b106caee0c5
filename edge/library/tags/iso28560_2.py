"""ISO 28560-2: elements one after the other, HF tags with DSFID 06 (and, after a 06, UHF user banks)."""

from collections.abc import Callable

from edge.errors import BadFrame
from edge.library.tags import elements as el
from edge.library.tags.contents import Model, TagContents, is_patron_card, patron_card
from edge.library.tags.elements import Element

DSFID = 0x06
_SET_DIGITS = (2, 4, 6)
_FIELDS = {
    el.ITEM_ID: "primary item id",
    el.OWNER: "owner",
    el.SET_INFO: "set information",
    el.SHELF_LOCATION: "shelf location",
    el.TITLE: "title",
}


def decode_iso28560_2(data: bytes, model: Model = Model.ISO_28560_2) -> TagContents:
    """Contents of a memory of elements. Never raises: what does not fit is left out and said."""
    parsed, problems = el.parse_elements(data)
    usage = _usage(parsed, problems)
    if is_patron_card(usage):
        return patron_card(model)
    texts = _texts(parsed, problems)
    set_info = texts.get(el.SET_INFO)
    if set_info and not (set_info.isdigit() and len(set_info) in _SET_DIGITS):
        problems.append("set information is not of 2, 4 or 6 digits")
    return TagContents(
        model=model,
        barcode=texts.get(el.ITEM_ID),
        owner=texts.get(el.OWNER),
        set_info=set_info,
        usage=usage,
        shelf_location=texts.get(el.SHELF_LOCATION),
        title=texts.get(el.TITLE),
        problems=tuple(problems),
    )


def looks_like_iso28560_2(data: bytes) -> bool:
    """Whether the memory starts with a primary item id (the standard puts it first) or a content map."""
    parsed, _ = el.parse_elements(data)
    return bool(parsed) and parsed[0].oid in (el.ITEM_ID, el.CONTENT)


def _usage(parsed: list[Element], problems: list[str]) -> str | None:
    element = _first(parsed, el.USAGE)
    if element is None:
        return None
    try:
        usage, departure = el.usage_text(element)
    except BadFrame as error:
        problems.append(f"type of usage: {error}")
        return None
    if departure:
        problems.append(departure)
    return usage or None


def _texts(parsed: list[Element], problems: list[str]) -> dict[int, str]:
    texts: dict[int, str] = {}
    for element in parsed:
        if element.oid not in _FIELDS or element.oid in texts:
            continue
        text = _text(element, problems.append)
        if text:
            texts[element.oid] = text
    return texts


def _text(element: Element, note: Callable[[str], None]) -> str:
    name = _FIELDS[element.oid]
    try:
        text = el.element_text(element)
    except BadFrame as error:
        note(f"{name}: {error}")
        return ""
    stripped = text.strip("\x00")
    if stripped != text:
        note(f"{name} is filled up with NUL")
    if not stripped:
        note(f"{name} is empty")
    return stripped


def _first(parsed: list[Element], oid: int) -> Element | None:
    return next((element for element in parsed if element.oid == oid), None)
