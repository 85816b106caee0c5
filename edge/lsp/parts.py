"""Puts a shelf list together from its retained parts. Sans-IO: payloads in, a whole list out.

Parts come in any order and more than once, after every reconnect again; a publisher that is just replacing
its list leaves parts of two versions on the broker. A list is taken when every part of one version is there.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from edge.errors import BadFrame
from edge.library.shelf_list import COLUMNS, Book, ShelfList, book_of
from edge.lsp.wire import ShelfListPart, parsed

VERSIONS_KEPT: Final = 2
MOST_BOOKS: Final = 5_000_000
_canonical: Final = json.JSONEncoder(separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode


@dataclass(slots=True)
class Whole:
    """A list of which every part is there. `fingerprint`: its parts' hashes; `problems`: of rows left out."""

    version: str
    fingerprint: str
    books: ShelfList
    problems: list[str]
    payloads: dict[str, bytes]
    """Part → hash of its payload."""


@dataclass(slots=True)
class _Gathering:
    parts: int
    books: dict[int, list[Book]] = field(default_factory=dict)
    problems: dict[int, list[str]] = field(default_factory=dict)
    hashes: dict[int, str] = field(default_factory=dict)
    payloads: dict[str, bytes] = field(default_factory=dict)

    def is_whole(self) -> bool:
        """Whether it is all there: parts count from 0 or from 1."""
        return len(self.books) >= self.parts and any(
            all(start + n in self.books for n in range(self.parts)) for start in (0, 1)
        )


class Assembler:
    """Feed it payloads; it gives the list once it is whole and is not the one that was taken before."""

    def __init__(self, taken: str = "") -> None:
        self._taken = taken
        self._in_use: dict[str, bytes] = {}
        self._gathering: OrderedDict[str, _Gathering] = OrderedDict()

    def put(self, part_in_topic: str, payload: bytes) -> Whole | None:
        """Take one part. Raises BadFrame with what is wrong with it."""
        digest = hashlib.sha256(payload).digest()
        if self._in_use.get(part_in_topic) == digest:
            return None  # after a reconnect: not worth the time to read it
        part = parse_part(part_in_topic, payload)
        found = self._of(part)
        found.payloads[part_in_topic] = digest
        # As books at once: rows as they come take four times the memory.
        found.books[part.part], found.problems[part.part] = books_of(part.items)
        found.hashes[part.part] = part.sha256
        if sum(len(books) for books in found.books.values()) > MOST_BOOKS:
            del self._gathering[part.version]
            raise BadFrame(f"version {part.version!r} has more than {MOST_BOOKS} books")
        return self._finished(part.version, found) if found.is_whole() else None

    def take(self, whole: Whole) -> None:
        """This list is in use now."""
        self._taken, self._in_use = whole.fingerprint, whole.payloads

    def _of(self, part: ShelfListPart) -> _Gathering:
        found = self._gathering.get(part.version)
        if found is None or found.parts != part.parts:
            found = self._gathering[part.version] = _Gathering(part.parts)
        self._gathering.move_to_end(part.version)
        while len(self._gathering) > VERSIONS_KEPT:
            self._gathering.popitem(last=False)
        return found

    def _finished(self, version: str, found: _Gathering) -> Whole | None:
        del self._gathering[version]
        fingerprint = hashlib.sha256(
            "\n".join([version, *(found.hashes[n] for n in sorted(found.hashes))]).encode()
        ).hexdigest()
        if fingerprint == self._taken:
            self._in_use = found.payloads
            return None
        problems = [f"part {n}: {one}" for n in sorted(found.problems) for one in found.problems[n]]
        books = shelf_list_of((book for n in sorted(found.books) for book in found.books[n]), problems)
        return Whole(version, fingerprint, books, problems, found.payloads)


def parse_part(part_in_topic: str, payload: bytes) -> ShelfListPart:
    """A part whose hash is right. Raises BadFrame."""
    part = parsed(ShelfListPart, payload)
    if part_in_topic != str(part.part):
        raise BadFrame(f"part {part.part} came as {part_in_topic!r}")
    if part.part > part.parts:
        raise BadFrame(f"part {part.part} of {part.parts}")
    if part.sha256 not in _hashes(part.items, payload):
        raise BadFrame(f"part {part.part} of version {part.version!r}: its sha256 is another")
    return part


def _hashes(items: list[Any], payload: bytes) -> Iterable[str]:
    yield hashlib.sha256(_canonical(items).encode("utf-8", "surrogatepass")).hexdigest()
    yield hashlib.sha256(_as_sent(payload)).hexdigest()


def _as_sent(payload: bytes) -> bytes:
    """The bytes of the array behind `"items":`; nothing where they are not found."""
    text = payload.decode("utf-8", "replace")
    at = text.find('"items"')
    start = text.find("[", at)
    if at < 0 or start < 0:
        return b""
    try:
        _, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return b""
    return text[start:end].encode()


def part_of(version: str, part: int, parts: int, items: list[dict[str, str]]) -> bytes:
    """A payload as a library system makes it."""
    digest = hashlib.sha256(_canonical(items).encode()).hexdigest()
    document = {"version": version, "part": part, "parts": parts, "sha256": digest, "items": items}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def books_of(rows: Iterable[Any]) -> tuple[list[Book], list[str]]:
    """The books of the rows, and why others are none."""
    found: list[Book] = []
    problems: list[str] = []
    for number, row in enumerate(rows):
        try:
            found.append(book_of([cell(row, name) for name in COLUMNS])[0])
        except BadFrame as error:
            problems.append(f"row {number}: {error}")
    return found, problems


def shelf_list_of(books: Iterable[Book], problems: list[str]) -> ShelfList:
    """The list of the books; what is twice in them goes to the problems."""
    found = ShelfList()
    for book in books:
        try:
            if found.by_barcode(book.barcode) is not None:
                raise BadFrame(f"barcode {book.barcode} again")
            found.put(book)
        except BadFrame as error:
            problems.append(str(error))
    return found


def cell(row: Any, name: str) -> str:
    """A column's text. Raises BadFrame where a row is no object, or a column no text."""
    if not isinstance(row, dict):
        raise BadFrame("not an object")
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and name != "status":
        return str(value)
    raise BadFrame(f"{name} is not text")
