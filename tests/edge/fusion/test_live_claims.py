"""One tag, one board: claims between boards that are scanned one after another."""

from dataclasses import replace

from edge.events import ShelfState, Spine
from edge.fusion import memory
from edge.fusion.live_claims import Claims
from edge.fusion.live_memory import KINDS
from edge.fusion.live_shelves import LiveShelves, ShelvesMemory


def row(shelf: str, *epcs: str, t_ns: int = 1) -> ShelfState:
    spines = tuple(Spine(epc, None, 0.1 * n, 0.01, 0.9) for n, epc in enumerate(epcs))
    return ShelfState(t_ns, shelf, spines, None)


def told(rows: list[ShelfState]) -> dict[str, tuple[str, ...]]:
    return {one.shelf: tuple(spine.epc for spine in one.books) for one in rows}


def test_tag_heard_less_on_the_next_board_stays_where_it_was() -> None:
    claims = Claims()
    list(claims.take([row("a1", "E1", "E2")], {"E1": 100, "E2": 100}))
    assert told(list(claims.take([row("a2", "E2", "E3")], {"E2": 40, "E3": 90}))) == {"a2": ("E3",)}


def test_tag_heard_better_on_the_next_board_is_withdrawn_from_the_last() -> None:
    claims = Claims()
    list(claims.take([row("a1", "E1", "E2")], {"E1": 100, "E2": 20}))
    found = list(claims.take([row("a2", "E2", t_ns=9)], {"E2": 90}))
    assert told(found) == {"a2": ("E2",), "a1": ("E1",)}
    assert {one.t_ns for one in found} == {9}


def test_board_scanned_again_gives_its_row_anew() -> None:
    claims = Claims()
    list(claims.take([row("a1", "E1")], {"E1": 100}))
    assert told(list(claims.take([row("a1", "E1", "E2")], {"E1": 30, "E2": 30}))) == {"a1": ("E1", "E2")}


def test_book_that_was_carried_to_another_board_is_found_there_when_its_old_one_was_scanned() -> None:
    claims = Claims()
    list(claims.take([row("a1", "E1", "E2")], {"E1": 100, "E2": 100}))
    list(claims.take([row("a1", "E1")], {"E1": 100}))
    assert told(list(claims.take([row("a2", "E2")], {"E2": 40}))) == {"a2": ("E2",)}


def test_restart_does_not_forget_whose_tag_it_is() -> None:
    claims = Claims()
    list(claims.take([row("a1", "E1", "E2")], {"E1": 100, "E2": 100}))
    before = LiveShelves()
    before.recall(replace(before.memory(), claims=claims))
    kept = memory.decode(memory.encode(before.memory(), KINDS), KINDS)
    assert isinstance(kept, ShelvesMemory)
    after = LiveShelves()
    after.recall(kept)
    later = after.memory().claims
    assert told(list(later.take([row("a2", "E2", "E3")], {"E2": 40, "E3": 90}))) == {"a2": ("E3",)}
