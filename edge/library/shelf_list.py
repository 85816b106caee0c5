"""The shelf list: which books there are, where each belongs and what the library system says of it.

Held as one small object a book and two tables (by barcode, by EPC), so that 200,000 books fit into a small
board's memory and a look-up is one hash. Changes come one book at a time; nothing is loaded again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from sys import intern

from edge.errors import BadFrame
from edge.library.call_numbers import DEFAULT_SIGN_ORDER, Scheme, key_function
from edge.types import HEX_PATTERN, is_id

COLUMNS = ("barcode", "epc", "call_number", "scheme", "title", "shelf", "sort_key", "status")
_LONGEST_BARCODE = 64
_CONTROL = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029], " ")


class Status(StrEnum):
    """What the library system says of a book."""

    AVAILABLE = "available"
    ON_LOAN = "on_loan"
    IN_TRANSIT = "in_transit"
    ON_HOLD = "on_hold"
    MISSING = "missing"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


# Look-ups in a plain dict: calling an Enum costs a microsecond a row.
_STATUSES = {status.value: status for status in Status}
_SCHEMES = {scheme.value: scheme for scheme in Scheme}


@dataclass(frozen=True, slots=True)
class Book:
    """One row. `epc` None: the barcode is inside the tag. `shelf` None: it follows from the order."""

    barcode: str
    epc: str | None
    call_number: str
    scheme: Scheme
    title: str
    shelf: str | None
    sort_key: str | None
    status: Status


@dataclass(frozen=True, slots=True)
class Remark:
    """A row that was skipped, or a value that was put right."""

    line: int
    reason: str
    skipped: bool


class ShelfList:
    """Books by barcode and by EPC. Keys are computed when they are asked for, once a book."""

    def __init__(self, books: Iterable[Book] = (), sign_order: str = DEFAULT_SIGN_ORDER) -> None:
        self._by_barcode: dict[str, Book] = {}
        self._by_epc: dict[str, Book] = {}
        self._keys: dict[str, str] = {}
        self._key_functions = {scheme: key_function(scheme, sign_order) for scheme in Scheme}
        for book in books:
            self.put(book)

    def __len__(self) -> int:
        return len(self._by_barcode)

    def __iter__(self) -> Iterator[Book]:
        return iter(self._by_barcode.values())

    def by_barcode(self, barcode: str) -> Book | None:
        """The book with this barcode."""
        return self._by_barcode.get(barcode)

    def by_epc(self, epc: str) -> Book | None:
        """The book whose row has this EPC (upper-case hex)."""
        return self._by_epc.get(epc)

    def key(self, book: Book) -> str:
        """The key that the book files by: the library system's own, else by its scheme."""
        if book.sort_key:
            return book.sort_key
        key = self._keys.get(book.barcode)
        if key is None:
            key = self._keys[book.barcode] = self.key_of(book.call_number, book.scheme)
        return key

    def key_of(self, call_number: str, scheme: Scheme) -> str:
        """The key of any call number, by this list's order of signs."""
        return self._key_functions[scheme](call_number)

    def in_order(self, books: Iterable[Book] | None = None) -> list[Book]:
        """The books (all, if none are given) in shelf order; those with equal keys as they came."""
        return sorted(self if books is None else books, key=self.key)

    def put(self, book: Book) -> None:
        """Add a book, or take its new row for the old one. Raises BadFrame where its EPC is another's."""
        other = self._by_epc.get(book.epc) if book.epc else None
        if other is not None and other.barcode != book.barcode:
            raise BadFrame(f"EPC {book.epc} is that of {other.barcode} already")
        old = self._by_barcode.get(book.barcode)
        if old is not None:
            self._forget(old)
        self._by_barcode[book.barcode] = book
        if book.epc:
            self._by_epc[book.epc] = book

    def remove(self, barcode: str) -> bool:
        """Take a book out; whether it was there."""
        book = self._by_barcode.pop(barcode, None)
        if book is not None:
            self._forget(book)
        return book is not None

    def change(self, columns: Mapping[str, str]) -> Book:
        """Apply a change by column names: a known barcode keeps what is not named, a new one is a new book.

        Raises BadFrame where a column cannot be used; the list is then as it was.
        """
        old = self._by_barcode.get(columns.get("barcode", "").strip())
        kept = _columns(old) if old else dict.fromkeys(COLUMNS, "")
        book, remarks = book_of([columns.get(name, kept[name]) for name in COLUMNS])
        if remarks:
            raise BadFrame(f"change of {book.barcode}: {remarks[0]}")
        self.put(book)
        return book

    def take_over(self, other: "ShelfList") -> None:
        """Become the other list, which is not to be used any more: who holds this one sees the new books."""
        self._keys = other._keys
        self._by_barcode, self._by_epc = other._by_barcode, other._by_epc

    def copy(self) -> "ShelfList":
        """The same books, which stay as they are while these change."""
        found = ShelfList()
        found._key_functions = self._key_functions
        found._by_barcode, found._by_epc, found._keys = (
            dict(self._by_barcode),
            dict(self._by_epc),
            dict(self._keys),
        )
        return found

    def _forget(self, book: Book) -> None:
        self._keys.pop(book.barcode, None)
        if book.epc:
            del self._by_epc[book.epc]


def book_of(cells: Sequence[str]) -> tuple[Book, list[str]]:
    """A book from cells in the order of COLUMNS, and what had to be put right.

    Raises BadFrame where there is no book in them.
    """
    barcode, epc, call_number, scheme, title, shelf, sort_key, status = cells
    remarks: list[str] = []
    book = Book(
        _barcode(barcode),
        _epc(epc),
        _text(call_number),
        _scheme(scheme, remarks),
        _text(title),
        _shelf(shelf, remarks),
        _text(sort_key) or None,
        _status(status, remarks),
    )
    return book, remarks


def _columns(book: Book) -> dict[str, str]:
    return {name: getattr(book, name) or "" for name in COLUMNS}


def _text(cell: str) -> str:
    text = cell.strip()
    return text if text.isprintable() else text.translate(_CONTROL).strip()


def _barcode(cell: str) -> str:
    barcode = cell.strip()
    if not barcode:
        raise BadFrame("no barcode")
    if len(barcode) > _LONGEST_BARCODE or not barcode.isprintable():
        raise BadFrame("the barcode is too long or cannot be printed")
    return barcode


def _epc(cell: str) -> str | None:
    epc = cell.strip().upper()
    if epc and not HEX_PATTERN.fullmatch(epc):
        raise BadFrame("epc is not hex")
    return epc or None


def _shelf(cell: str, remarks: list[str]) -> str | None:
    shelf = cell.strip()
    if shelf and not is_id(shelf):
        remarks.append("shelf is not an id, left out")
        return None
    return intern(shelf) if shelf else None


def _scheme(cell: str, remarks: list[str]) -> Scheme:
    scheme = _SCHEMES.get(cell.strip().lower() or "explicit")
    if scheme is None:
        remarks.append("scheme is not known, taken as explicit")
    return scheme or Scheme.EXPLICIT


def _status(cell: str, remarks: list[str]) -> Status:
    status = _STATUSES.get(cell.strip().lower() or "unknown")
    if status is None:
        remarks.append("status is not known, taken as unknown")
    return status or Status.UNKNOWN
