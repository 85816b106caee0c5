"""What the library system told and what staff decided outlives the daemon."""

import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edge.fusion.inventory.approval import Approval
from edge.library.shelf_list import ShelfList
from edge.lsp.parts import books_of, shelf_list_of
from edge.lsp.store import KeptBooking, Store
from tests.conftest import ROOT
from tests.edge.lsp.lists import row


def test_list_and_changes_come_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "lsp.db")
    books = shelf_list_of(books_of([row(n) for n in range(5)])[0], [])
    store.replace_books(books, "abc")
    changed = books.change({"barcode": "0000003", "status": "missing"})
    store.change_books([changed], ["0000001"])
    store.close()
    again = Store(tmp_path / "lsp.db")
    found = again.books()
    assert again.fact("fingerprint") == "abc"
    assert len(found) == 4
    assert found.by_barcode("0000003") == changed
    assert found.by_barcode("0000002") == books.by_barcode("0000002")
    again.close()


def test_a_decision_is_kept_once_and_waits_until_it_is_passed_on(tmp_path: Path) -> None:
    store = Store(tmp_path / "lsp.db")
    one = Approval("id1", 1, "Li", "0000001", "a1")
    assert store.approve([one]) == [one]
    assert store.approve([one]) == []
    assert store.waiting() == [one]
    store.passed_on([one])
    assert store.waiting() == []
    assert store.is_approved("id1")
    store.close()


def test_bookings_that_are_over_are_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path / "lsp.db")
    late, early = KeptBooking("b", "hall", 50, 90), KeptBooking("a", "hall", 10, 20)
    store.keep_bookings([early, late], [], 5)
    store.keep_bookings([], [], 30)
    assert store.bookings() == [late]
    store.keep_bookings([], ["b"], 30)
    assert store.bookings() == []
    store.close()


@pytest.mark.slow
def test_200_000_books_come_in_are_kept_and_loaded_within_bounds(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.edge.lsp.large", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    found = json.loads(done.stdout)
    assert found["books"] == 200_000
    assert found["loaded_s"] < 5.0
    assert found["taken_s"] + found["kept_s"] < 15.0
    assert found["mb"] < 200.0


def test_threads_take_turns_and_closing_waits(tmp_path: Path) -> None:
    """Without turns this ends in a crash of the interpreter or in nested transactions."""
    store = Store(tmp_path / "lsp.db")

    def work(n: int) -> int:
        for k in range(4):
            store.keep_bookings([KeptBooking(f"b{n}-{k}", "hall", 10, 20)], [], 0)
            store.bookings()
        return n

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(work, range(4))) == [0, 1, 2, 3]
        assert len(store.bookings()) == 16
        late = pool.submit(store.books)
        store.close()
        assert isinstance(late.exception() or late.result(), ShelfList | sqlite3.ProgrammingError)
