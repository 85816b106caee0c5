"""Stock-takes of our own: whether they are what they say, and what the stock-take makes of one."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.bench.inventory_figures import scene_figures
from tests.bench.stocktake_books import KINDS, Kind, Library
from tests.bench.stocktake_scene import write

SMALL = Kind(books=70, boards=2, behind=8, moved=3, lost=2, absent=6, wrong_status=2, flat=1, unknown=1)


@pytest.mark.parametrize("name", KINDS)
def test_rows_are_ranked_from_left_to_right_and_moved_books_are_out_of_the_list_order(name: str) -> None:
    library = Library(KINDS[name], np.random.default_rng(5))
    for shelf in library.boards:
        row = [b for b in library.books + library.unknown if b.shelf == shelf and b.rank is not None]
        row.sort(key=lambda book: book.rank or 0)
        assert [book.left_m for book in row] == sorted(book.left_m for book in row)
        listed = [book.call_number for book in row if book.barcode and book.fault != "misplaced"]
        assert listed == sorted(listed)
        for book in row:
            if book.kind == "within_board":
                at = sum(b.left_m < book.left_m for b in row if b.barcode and b.fault != "misplaced")
                assert not all(n <= book.call_number for n in listed[:at]) or not all(
                    n >= book.call_number for n in listed[at:]
                )
    assert sum(book.fault == "misplaced" for book in library.books) == KINDS[name].moved


def test_same_seed_gives_the_same_scene(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write(tmp_path / folder, replace(SMALL, books=30, boards=1, moved=0), 3)
    one, two = (json.loads((tmp_path / folder / "truth.json").read_text()) for folder in ("one", "two"))
    assert one == two


@pytest.mark.slow
def test_stock_take_of_two_boards_finds_what_is_wrong(tmp_path: Path) -> None:
    write(tmp_path / "small", SMALL, 4)
    found = scene_figures(tmp_path / "small")
    assert found["missing_f1"] == 1.0
    assert found["misplaced_f1"] > 0.7
    assert found["order"] > 0.9
