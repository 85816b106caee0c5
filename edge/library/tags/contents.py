"""What a library tag holds, whatever the model it was written by."""

from dataclasses import dataclass
from enum import StrEnum

PATRON_CARD_CLASS = "8"
PATRON_CARD = "patron card: not read"
BLANK_TAG = "blank tag"


class Model(StrEnum):
    """Data models in use; the values are the contract's."""

    ISO_28560_2 = "iso28560-2"
    ISO_28560_3 = "iso28560-3"
    ISO_28560_4 = "iso28560-4"
    CN_UNIVERSITY = "cn-university"
    GS1 = "gs1"
    MMM = "3m"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TagContents:
    """Decoded contents; `None` = not on this tag. Barcodes are text, leading zeros are real.

    `set_info` is as on the tag (`1203` = 12 parts, part 03) or `part/parts`. `problems` says which
    disagreements between vendors, or faults, were met on the way.
    """

    model: Model
    barcode: str | None = None
    owner: str | None = None
    set_info: str | None = None
    afi: str | None = None
    usage: str | None = None
    shelf_location: str | None = None
    title: str | None = None
    problems: tuple[str, ...] = ()


def is_patron_card(usage: str | None) -> bool:
    """Usage class 8. Such a tag is a person's: nothing of it may be decoded, kept or sent."""
    return usage is not None and usage.startswith(PATRON_CARD_CLASS)


def patron_card(model: Model) -> TagContents:
    """All that may be said of a patron card."""
    return TagContents(model, usage=PATRON_CARD_CLASS, problems=(PATRON_CARD,))
