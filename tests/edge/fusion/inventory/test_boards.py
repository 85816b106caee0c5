"""Which board a tag stands on, by how the books of the list are heard."""

import numpy as np
import pytest

from edge.fusion.inventory.boards import BoardJudge, HeardTable, heard_table
from edge.fusion.inventory.evidence import Heard

SHELVES = ("left", "right")
BOOKS = 30
LENGTH_M = 0.9


def _from(shelf: str, board: str, x_m: float) -> Heard:
    """How a book at x_m on `board` is heard from the passes of `shelf`; the boards stand side by side."""
    ahead_m = LENGTH_M if board == "right" else 0.0
    begin_m = LENGTH_M if shelf == "right" else 0.0
    along_m = ahead_m + x_m - begin_m
    beyond_m = max(0.0, -along_m, along_m - LENGTH_M)
    reads = round(200 * np.exp(-beyond_m / 0.2))
    return Heard(reads, -45.0 - 25.0 * beyond_m, float(np.clip(along_m, -0.1, LENGTH_M + 0.1)), 2)


def _tag(board: str, x_m: float) -> dict[str, Heard]:
    heard = {shelf: _from(shelf, board, x_m) for shelf in SHELVES}
    return {shelf: one for shelf, one in heard.items() if one.reads}


def _judged(*others: dict[str, Heard]) -> tuple[HeardTable, BoardJudge]:
    """Both boards' books in their places, and others whose list has them on the right board."""
    places = np.linspace(0.02, 0.88, BOOKS)
    tags = [_tag(shelf, float(x)) for shelf in SHELVES for x in places]
    table = heard_table([*tags, *others], SHELVES)
    home = np.repeat([0, 1, 1], [BOOKS, BOOKS, len(others)])
    return table, BoardJudge(table, home)


@pytest.mark.parametrize(("x_m", "least"), [(0.5, 10.0), (0.6, 8.0), (0.8, 3.0)])
def test_book_carried_to_the_board_beside_is_seen_there(x_m: float, least: float) -> None:
    _, judge = _judged(_tag("left", x_m))
    board, ratio = judge.best(2 * BOOKS, 1)
    assert SHELVES[board] == "left"
    assert ratio > least


def test_books_at_the_near_end_stay_on_their_own_board_though_the_other_hears_them_well() -> None:
    table, judge = _judged()
    assert table.reads[BOOKS, 0] > 0.8 * table.reads[BOOKS, 1]
    assert [judge.best(n, 1)[0] for n in range(BOOKS, 2 * BOOKS)] == [1] * BOOKS


def test_a_board_that_never_heard_a_tag_is_not_its_board() -> None:
    _, judge = _judged({"right": Heard(40, -60.0, 0.5, 2)})
    assert judge.best(2 * BOOKS, 1) == (1, 0.0)
    assert judge.log_ratio(2 * BOOKS, 0, 1) < -20.0
