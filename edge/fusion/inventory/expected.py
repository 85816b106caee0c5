"""Where every book of the list belongs: its own shelf, else the board whose range or neighbours have it."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from edge.library.call_numbers import Scheme
from edge.library.call_numbers.ranges import ShelfRange, shelf_range
from edge.library.shelf_list import Book, ShelfList


@dataclass(frozen=True, slots=True)
class Board:
    """One board of the site as the stock-take needs it."""

    shelf: str
    length_m: float | None = None
    scheme: Scheme | None = None
    start: str | None = None
    end: str | None = None
    next: str | None = None


def walking_order(boards: Sequence[Board]) -> list[str]:
    """Boards as one walks: along `next` from every board that no other leads to.

    The site's order otherwise.
    """
    by_id = {board.shelf: board for board in boards}
    led_to = {board.next for board in boards}
    order: dict[str, None] = {}
    starts = [board.shelf for board in boards if board.shelf not in led_to]
    for start in [*starts, *by_id]:
        at: str | None = start
        while at is not None and at in by_id and at not in order:
            order[at] = None
            at = by_id[at].next
    return list(order)


@dataclass(frozen=True, slots=True)
class Homes:
    """Board by barcode; `or_shelf`.

    A second one where a book without a shelf may be at either side of an edge.
    """

    shelf: Mapping[str, str]
    or_shelf: Mapping[str, str]


def homes(shelf_list: ShelfList, boards: Sequence[Board]) -> Homes:
    """Where each book belongs.

    One without a shelf goes by the boards' ranges, else by the books beside it.
    """
    known = {book.barcode: book.shelf for book in shelf_list if book.shelf}
    second: dict[str, str] = {}
    homeless = [book for book in shelf_list if not book.shelf]
    if homeless:
        beside = _Beside(shelf_list)
        ranges = _ranges(shelf_list, boards)
        for book in homeless:
            key = shelf_list.key(book)
            fitting = [shelf for shelf, scheme, one in ranges if scheme == book.scheme and one.contains(key)]
            candidates = fitting if len(fitting) == 1 else beside.shelves(key, fitting)
            known.update(zip([book.barcode], candidates, strict=False))
            second.update(zip([book.barcode], candidates[1:], strict=False))
    return Homes(known, second)


def rows(shelf_list: ShelfList, shelf: Mapping[str, str], wanted: Iterable[str]) -> dict[str, list[Book]]:
    """The books that belong on the wanted boards, each board's in shelf order."""
    found: dict[str, list[Book]] = {shelf: [] for shelf in wanted}
    for barcode, home in shelf.items():
        book = shelf_list.by_barcode(barcode) if home in found else None
        if book is not None:
            found[home].append(book)
    return {home: shelf_list.in_order(books) for home, books in found.items()}


def _ranges(shelf_list: ShelfList, boards: Sequence[Board]) -> list[tuple[str, Scheme, ShelfRange]]:
    return [
        (
            board.shelf,
            board.scheme,
            shelf_range(board.start, board.end, partial(shelf_list.key_of, scheme=board.scheme)),
        )
        for board in boards
        if board.scheme and (board.start or board.end)
    ]


class _Beside:
    """The books that have a shelf, by key."""

    def __init__(self, shelf_list: ShelfList) -> None:
        self._books = shelf_list.in_order(book for book in shelf_list if book.shelf)
        self._keys = [shelf_list.key(book) for book in self._books]

    def shelves(self, key: str, fitting: Sequence[str]) -> list[str]:
        """Boards of the books before and after, of those that fit if any do."""
        at = bisect_left(self._keys, key)
        beside = dict.fromkeys(self._books[n].shelf for n in (at - 1, at) if 0 <= n < len(self._books))
        return [shelf for shelf in beside if shelf and (not fitting or shelf in fitting)]
