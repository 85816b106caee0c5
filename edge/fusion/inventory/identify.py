"""Which book a tag is: by the list's EPC, by a look-up table, by what is written in the tag."""

from collections.abc import Iterable
from dataclasses import dataclass

from edge.fusion.inventory.evidence import TagEvidence
from edge.fusion.inventory.result import Why
from edge.library.shelf_list import Book, ShelfList
from edge.library.tags import Bank, TagContents, decode_tag
from edge.library.tags.contents import PATRON_CARD
from edge.library.tags.lookup import BarcodeLookup


@dataclass(frozen=True, slots=True)
class Stranger:
    """A tag without a book in the list. `why` None: the tag says nothing of a library."""

    tag: TagEvidence
    barcode: str | None
    owner: str | None
    why: Why | None
    note: str


@dataclass(frozen=True, slots=True)
class Identified:
    """Tags by book (barcode), and the others."""

    books: dict[str, tuple[Book, TagEvidence]]
    strangers: list[Stranger]


def identify(
    tags: Iterable[TagEvidence],
    shelf_list: ShelfList,
    lookup: BarcodeLookup,
    owners: frozenset[str] = frozenset(),
) -> Identified:
    """Every tag to its book. `owners`: ISIL codes of this library; none given means any owner is ours."""
    found: dict[str, tuple[Book, TagEvidence]] = {}
    strangers: list[Stranger] = []
    known_owners = {_plain_owner(owner) for owner in owners}
    for tag in tags:
        book, stranger = _one(tag, shelf_list, lookup, known_owners)
        if book is None:
            assert stranger is not None
            strangers.append(stranger)
        elif book.barcode in found:
            first, second = sorted((found[book.barcode][1], tag), key=_reads, reverse=True)
            found[book.barcode] = (book, first)
            strangers.append(
                Stranger(second, book.barcode, None, Why.SECOND_TAG, "a second tag of this book")
            )
        else:
            found[book.barcode] = (book, tag)
    return Identified(found, strangers)


def _one(
    tag: TagEvidence, shelf_list: ShelfList, lookup: BarcodeLookup, owners: set[str]
) -> tuple[Book | None, Stranger | None]:
    book = shelf_list.by_epc(tag.epc)
    if book is not None:
        return book, None
    mapped = lookup.barcode(tag.epc, tag.tid)
    contents = _contents(tag)
    barcode = mapped or contents.barcode
    foreign = bool(owners and contents.owner and _plain_owner(contents.owner) not in owners)
    if foreign:
        return None, Stranger(tag, barcode, contents.owner, Why.OTHER_OWNER, "a book of another owner")
    book = shelf_list.by_barcode(barcode) if barcode else None
    if book is not None:
        return book, None
    return None, _stranger(tag, barcode, contents)


def _stranger(tag: TagEvidence, barcode: str | None, contents: TagContents) -> Stranger:
    note = "; ".join(contents.problems) or f"{contents.model} tag"
    if PATRON_CARD in contents.problems:
        return Stranger(tag, None, None, Why.PATRON_CARD, note)
    why = Why.NOT_IN_LIST if barcode else None
    return Stranger(tag, barcode, contents.owner, why, note)


def _contents(tag: TagEvidence) -> TagContents:
    """What the EPC says with its PC where that is known, and owner or patron card from the user bank."""
    contents = decode_tag(bytes.fromhex((tag.pc or "") + tag.epc), Bank.EPC)
    if not tag.user:
        return contents
    user = decode_tag(bytes.fromhex(tag.user), Bank.USER)
    if PATRON_CARD in user.problems:
        return user
    return TagContents(
        contents.model,
        barcode=contents.barcode or user.barcode,
        owner=contents.owner or user.owner,
        problems=contents.problems,
    )


def _plain_owner(owner: str) -> str:
    """ISIL without its hyphens: 28560-3 stores it so."""
    return owner.replace("-", "").upper()


def _reads(tag: TagEvidence) -> int:
    return tag.reads
