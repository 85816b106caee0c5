"""Shelves: each board's row of spines as it was read last, and what is wrong with it."""

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from edge.board.document import Object, ms, rounded
from edge.config import Shelf, Site
from edge.events import (
    ItemFound,
    ItemMisplaced,
    ItemMissing,
    ItemMoved,
    ItemReturned,
    ItemSeen,
    ItemWrongStatus,
    Record,
    ShelfState,
    Spine,
    TagUnknown,
)
from edge.library.shelf_list import ShelfList

MOST_FINDINGS: Final = 2_000
_OnShelf = TypeVar("_OnShelf", ItemMisplaced, TagUnknown, ItemWrongStatus, ItemFound)
_Finding = TypeVar("_Finding", bound=Record)


@dataclass(slots=True)
class Findings:
    """What is not as it should be, each by its tag or barcode; the oldest goes where there are too many."""

    misplaced: dict[str, ItemMisplaced] = field(default_factory=dict)
    wrong_status: dict[str, ItemWrongStatus] = field(default_factory=dict)
    unknown: dict[str, TagUnknown] = field(default_factory=dict)
    missing: dict[str, ItemMissing] = field(default_factory=dict)
    found: dict[str, ItemFound] = field(default_factory=dict)

    def tables(self) -> Iterable[Mapping[str, Record]]:
        """The tables of what stands on a board."""
        return self.misplaced, self.wrong_status, self.unknown, self.found

    def forget_shelf(self, state: ShelfState) -> None:
        """A newer look at a board settles what was said of it before."""
        here = {book.epc for book in state.books}
        wrong = {book.epc for book in state.books if book.misplaced}
        _drop(self.misplaced, (k for k, r in self.misplaced.items() if k in here - wrong))
        _drop_gone(self.misplaced, state, here)
        _drop_gone(self.unknown, state, here)
        _drop_gone(self.wrong_status, state, here)
        _drop_gone(self.found, state, here)
        for book in state.books:
            if book.barcode is not None:
                self.missing.pop(book.barcode, None)


class Shelves:
    """All boards of the site, in the order of the site file."""

    def __init__(self, site: Site, books: ShelfList | None = None) -> None:
        self.shelves: dict[str, Shelf] = {shelf.id: shelf for shelf in site.shelves}
        self.states: dict[str, ShelfState] = {}
        self.findings = Findings()
        self.books = books

    def apply(self, record: Record) -> str | None:
        match record:
            case ShelfState():
                return self._take_state(record)
            case ItemMisplaced():
                return self._keep(self.findings.misplaced, record.epc, record, record.shelf)
            case ItemWrongStatus():
                return self._keep(self.findings.wrong_status, record.epc, record, record.shelf)
            case TagUnknown():
                return self._keep(self.findings.unknown, record.epc, record, record.shelf)
            case ItemMissing():
                return self._keep(self.findings.missing, record.barcode, record, record.expected_shelf)
            case ItemFound():
                self.findings.missing.pop(record.barcode, None)
                return self._keep(self.findings.found, record.epc, record, record.shelf)
            case ItemMoved():
                self.findings.misplaced.pop(record.epc, None)
                return self._known(record.to_shelf)
            case ItemSeen():
                self.findings.missing.pop(record.barcode or "", None)
                return self._known(record.shelf)
            case ItemReturned():
                return None
            case _:
                return None

    def ids(self) -> list[str]:
        return list(self.shelves)

    def row(self, row_id: str) -> Object:
        shelf, state = self.shelves[row_id], self.states.get(row_id)
        return {
            "space": shelf.space,
            "length_m": shelf.length_m,
            "from": shelf.from_,
            "to": shelf.to,
            "as_of": ms(state.t_ns if state else None),
            "read_rate": rounded(state.read_rate if state else None, 3),
            "books": [self._spine(book) for book in state.books] if state else [],
            "missing": [
                self.label(record.barcode) | {"confidence": rounded(record.confidence, 2)}
                for record in self.findings.missing.values()
                if record.expected_shelf == row_id
            ],
        }

    def rows(self, most: int) -> dict[str, Object]:
        """All boards; books only of so many: those with something wrong, then those read last."""
        wrong = {getattr(r, "shelf", None) for table in self.findings.tables() for r in table.values()}
        newest = sorted(self.states, key=lambda shelf: (shelf not in wrong, -self.states[shelf].t_ns))
        shown = set(newest[:most])
        return {
            shelf: self.row(shelf) if shelf in shown or shelf not in self.states else self._folded(shelf)
            for shelf in self.shelves
        }

    def _folded(self, shelf: str) -> Object:
        return {**self.row(shelf), "books": [], "folded": len(self.states[shelf].books)}

    def label(self, barcode: str | None) -> dict[str, object]:
        """What a person needs to find a book: barcode, call number, title, where they are known."""
        book = self.books.by_barcode(barcode) if self.books and barcode else None
        return {
            "barcode": barcode,
            "call_number": book and book.call_number,
            "title": book and book.title,
        }

    def _spine(self, book: Spine) -> Object:
        return self.label(book.barcode) | {
            "epc": book.epc,
            "x_m": rounded(book.x_m, 3),
            "sd_m": rounded(book.x_sd_m, 3),
            "confidence": rounded(book.confidence, 2),
            "misplaced": self._belongs(book) if book.misplaced else None,
            "wrong_status": self._status(book.epc),
            "unknown": self._is_unknown(book),
        }

    def _is_unknown(self, book: Spine) -> bool:
        """Without a list no tag is known, which says nothing of it."""
        return book.epc in self.findings.unknown or (bool(self.books) and book.barcode is None)

    def _belongs(self, book: Spine) -> Object:
        record = self.findings.misplaced.get(book.epc)
        if record is None:
            return {"shelf": None, "between": [None, None]}
        return belongs(self, record)

    def _status(self, epc: str) -> str | None:
        record = self.findings.wrong_status.get(epc)
        return record.status if record else None

    def _take_state(self, state: ShelfState) -> str | None:
        known = self.states.get(state.shelf)
        if state.shelf not in self.shelves or (known is not None and state.t_ns < known.t_ns):
            return None
        self.findings.forget_shelf(state)
        self.states[state.shelf] = state
        return state.shelf

    def _keep(self, table: dict[str, _Finding], key: str, record: _Finding, shelf: str) -> str | None:
        table.pop(key, None)
        table[key] = record
        while len(table) > MOST_FINDINGS:
            del table[next(iter(table))]
        return self._known(shelf)

    def _known(self, shelf: str) -> str | None:
        return shelf if shelf in self.shelves else None


def belongs(shelves: Shelves, record: ItemMisplaced) -> dict[str, object]:
    """Where a misplaced book belongs: the board, and the books on both sides of its gap."""
    return {
        "shelf": record.belongs_shelf,
        "between": [shelves.label(barcode) for barcode in record.belongs_between],
    }


def _drop_gone(table: MutableMapping[str, _OnShelf], state: ShelfState, here: set[str]) -> None:
    """Forget what was on that board before and is not there now."""
    gone = (k for k, r in table.items() if r.shelf == state.shelf and r.t_ns < state.t_ns and k not in here)
    _drop(table, gone)


def _drop(table: MutableMapping[str, _Finding], keys: Iterable[str]) -> None:
    for key in list(keys):
        del table[key]
