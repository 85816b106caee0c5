"""The books of a simulated library: the list that the library has, and what stands on the boards instead."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.columns import F64
from edge.sensors.simulate.config import Board, Stock
from edge.sensors.simulate.topics import TOPICS, title

COLUMNS: Final = ("barcode", "epc", "call_number", "scheme", "title", "shelf", "sort_key", "status")
_MOVED_AT_LEAST: Final = 4
_NUMBERS: Final = range(100, 1000)

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the shelf list."""

    barcode: str
    epc: str
    call_number: str
    title: str
    board: int
    thickness_m: float
    status: str = "available"


@dataclass(frozen=True, slots=True)
class Standing:
    """A book on a board: `left_m` is its left edge. `listed` is None where no list knows the tag."""

    epc: str
    board: int
    left_m: float
    thickness_m: float
    listed: Listed | None
    misplaced: bool = False


@dataclass(frozen=True, slots=True)
class Shelves:
    """The list, what stands where, and the barcodes of those that are gone though the list has them."""

    listed: tuple[Listed, ...]
    standing: tuple[Standing, ...]
    missing: tuple[str, ...]


def stock(boards: Sequence[Board], options: Stock, rng: Rng) -> Shelves:
    """Fill the boards in shelf order, then lose, lend, move and add books."""
    listed = _status(_listed(boards, options, rng), options, rng)
    rows: list[list[Listed]] = [[book for book in listed if book.board == n] for n in range(len(boards))]
    absent = _lend(rows, options, rng)
    missing = _lose(rows, options.missing, absent, rng)
    moved = _move(rows, boards, options.misplaced, rng)
    strangers = _strangers(rows, options.unknown, rng)
    standing = [
        book for n, row in enumerate(rows) for book in _stand(row, n, boards[n].length_m, moved, strangers)
    ]
    return Shelves(tuple(listed), tuple(standing), missing)


def shelf_list_csv(shelves: Shelves, boards: Sequence[Board], rng: Rng) -> str:
    """The shelf list as the library system would give it: not in shelf order."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for n in rng.permutation(len(shelves.listed)):
        b = shelves.listed[n]
        writer.writerow((b.barcode, b.epc, b.call_number, "clc", b.title, boards[b.board].id, "", b.status))
    return out.getvalue()


def _listed(boards: Sequence[Board], options: Stock, rng: Rng) -> list[Listed]:
    widths = [_widths(board.length_m * options.fill, options.thickness_m, rng) for board in boards]
    total = sum(map(len, widths))
    numbers = _call_numbers(total, rng)
    barcodes = 30_100_000 + np.sort(rng.choice(max(90_000, 2 * total), total, replace=False))
    epcs = _epcs(total, rng)
    books, n = [], 0
    for board, row in enumerate(widths):
        for width in row:
            topic, number = numbers[n]
            call_number = f"{TOPICS[topic][0]}/{number}"
            name = title(topic, number)
            books.append(Listed(str(barcodes[n]), epcs[n], call_number, name, board, float(width)))
            n += 1
    return books


def _widths(room_m: float, median_m: float, rng: Rng) -> F64:
    widths = np.clip(
        median_m * np.exp(0.35 * rng.standard_normal(int(room_m / median_m * 3) + 3)), 0.006, 0.08
    )
    fits: int = max(1, int(np.searchsorted(np.cumsum(widths), room_m)))
    return widths[:fits]


def _call_numbers(total: int, rng: Rng) -> list[tuple[int, int]]:
    """Pairs of topic and book number in shelf order, no two alike; three digits sort in every scheme."""
    per_topic = -(-total // len(TOPICS))
    if per_topic > len(_NUMBERS):
        raise ValueError(f"at most {len(TOPICS) * len(_NUMBERS)} books")
    pairs = [
        (topic, int(number))
        for topic in range(len(TOPICS))
        for number in np.sort(rng.choice(_NUMBERS, per_topic, replace=False))
    ]
    kept = np.sort(rng.choice(len(pairs), total, replace=False))
    return [pairs[n] for n in kept]


def _epcs(total: int, rng: Rng) -> list[str]:
    serials = rng.choice(2**31, total, replace=False)
    return [f"A1E5C0DE00000000{serial:08X}" for serial in serials]


def _status(listed: list[Listed], options: Stock, rng: Rng) -> list[Listed]:
    """Some are on loan by the list; those of `wrong_status` stand on the board all the same."""
    n = min(len(listed), options.wrong_status + round(options.on_loan * len(listed)))
    lent = {int(place) for place in rng.choice(len(listed), n, replace=False)}
    return [replace(book, status="on_loan") if p in lent else book for p, book in enumerate(listed)]


def _lend(rows: list[list[Listed]], options: Stock, rng: Rng) -> set[str]:
    lent = [book.barcode for row in rows for book in row if book.status == "on_loan"]
    gone = set(lent[options.wrong_status :])
    for row in rows:
        row[:] = [book for book in row if book.barcode not in gone]
    return gone


def _lose(rows: list[list[Listed]], count: int, absent: set[str], rng: Rng) -> tuple[str, ...]:
    here = [book.barcode for row in rows for book in row if book.status == "available"]
    lost = {here[p] for p in rng.choice(len(here), min(count, len(here) // 4), replace=False)}
    for row in rows:
        row[:] = [book for book in row if book.barcode not in lost]
    return tuple(sorted(lost))


def _move(rows: list[list[Listed]], boards: Sequence[Board], count: int, rng: Rng) -> set[str]:
    """Move `count` books: every second to another board, the others along their own."""
    moved: set[str] = set()
    for n in range(count):
        start = int(rng.integers(len(rows)))
        far = n % 2 == 0 and len(rows) > 1
        end = (start + int(rng.integers(1, len(rows)))) % len(rows) if far else start
        free = [p for p, book in enumerate(rows[start]) if book.barcode not in moved]
        if len(free) <= 2 * _MOVED_AT_LEAST:
            continue
        place = int(rng.choice(free))
        book = rows[start].pop(place)
        rows[end].insert(_other_place(place if not far else None, len(rows[end]), rng), book)
        moved.add(book.barcode)
    return moved


def _other_place(old: int | None, length: int, rng: Rng) -> int:
    places = [p for p in range(1, max(2, length)) if old is None or abs(p - old) >= _MOVED_AT_LEAST]
    return int(rng.choice(places))


def _strangers(rows: list[list[Listed]], count: int, rng: Rng) -> set[str]:
    """Put books into the rows that are in no list; their EPCs."""
    strange: set[str] = set()
    for serial in rng.choice(2**31, count, replace=False):
        epc = f"0BADB00C00000000{serial:08X}"
        row = rows[int(rng.integers(len(rows)))]
        row.insert(int(rng.integers(len(row) + 1)), Listed("", epc, "", "", -1, 0.022))
        strange.add(epc)
    return strange


def _stand(
    row: Sequence[Listed], board: int, length_m: float, moved: set[str], strangers: set[str]
) -> list[Standing]:
    """The books side by side from the left, no gaps; squeezed a little where the board is too short."""
    squeeze = min(1.0, 0.99 * length_m / max(1e-9, sum(book.thickness_m for book in row)))
    books, left_m = [], 0.004
    for book in row:
        width = book.thickness_m * squeeze
        listed = None if book.epc in strangers else book
        books.append(Standing(book.epc, board, left_m, width, listed, book.barcode in moved))
        left_m += width
    return books
