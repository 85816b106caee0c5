"""Where those stand whom the list does not place: in which gap between a board's books that are in order.

Books out of order, books of other boards and strangers are guests of a row. A guest is right if its gap is; a
book is wrong if a guest stands at one side of it and was seated at the other. One that was seated two books
away does no harm to its order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from edge.columns import F64
from edge.fusion.inventory.layout import Standing
from edge.fusion.inventory.measured import likelihood, measured
from edge.fusion.inventory.row import Gaps, gaps, grid_m
from edge.fusion.inventory.setting import Setting


def seated(standing: Iterable[Standing], setting: Setting, scale: float) -> list[Standing]:
    """All tags with the guests in their gaps, and how sure every seat is.

    `standing` : each board's books that are in order come in the list's order; `scale` : of deviations
    """
    by_shelf: dict[str, list[Standing]] = {}
    for one in standing:
        by_shelf.setdefault(one.shelf, []).append(one)
    gaps_m = setting.gaps_m()
    return [
        one
        for shelf, of_board in by_shelf.items()
        for one in _seated(of_board, shelf, gaps_m[shelf], setting, scale)
    ]


def _seated(
    of_board: Sequence[Standing], shelf: str, gap_m: float, setting: Setting, scale: float
) -> list[Standing]:
    books = [one for one in of_board if one.is_in_order]
    guests = [one for one in of_board if not one.is_in_order]
    sure = _in_list_order(books)
    if not guests:
        return _with_seats(books, sure)
    x_m = np.array([one.x_m for one in of_board])
    length_m = setting.length_m.get(shelf)
    grid = grid_m(x_m[np.isfinite(x_m)], length_m)
    fits = [likelihood(grid, measured(one.tag, shelf, setting.offsets_m), scale) for one in books + guests]
    table = np.array(fits)
    odds = np.full(len(books), np.log(setting.options.prior.within))
    found = gaps(grid, table[: len(books)], odds, gap_m, table[len(books) :])
    for guest, p in zip(guests, found.p, strict=True):
        if guest.verdict is not None:
            sure *= 1.0 - _other_side(p, int(p.argmax()))
    return _with_seats(books, sure) + [
        _placed(one, books, found, n, length_m) for n, one in enumerate(guests)
    ]


def _with_seats(books: Sequence[Standing], sure: F64) -> list[Standing]:
    return [replace(book, seat_p=float(p)) for book, p in zip(books, sure, strict=True)]


def _in_list_order(books: Sequence[Standing]) -> F64:
    """P(each book stands right with respect to both beside it), by the list's word as far as they heed it."""
    out_p = np.array([one.verdict.out_p for one in books if one.verdict])
    pair = 1.0 - 0.5 * np.maximum(out_p[:-1], out_p[1:])
    sure: F64 = np.concatenate([[1.0], pair])[: len(out_p)] * np.concatenate([pair, [1.0]])[: len(out_p)]
    return sure


def _other_side(p: F64, place: int) -> F64:
    """float64[n] by a guest's n + 1 gaps: P(it stands beside a book, at the side where it is not seated)."""
    book = np.arange(len(p) - 1)
    other: F64 = np.where(place > book, p[book], p[book + 1])
    return other


def _placed(
    guest: Standing, books: Sequence[Standing], found: Gaps, n: int, length_m: float | None
) -> Standing:
    """The n-th guest between the books of its likeliest gap."""
    at = int(found.p[n].argmax())
    low_m = books[at - 1].x_m if at > 0 else 0.0
    high_m = books[at].x_m if at < len(books) else length_m or np.inf
    x_m = float(np.clip(found.x_m[n, at], np.nextafter(low_m, np.inf), np.nextafter(high_m, -np.inf)))
    return replace(guest, x_m=x_m, seat_p=float(found.p[n, at]))
