"""What the public sees: few people are not counted out, and nothing is of books or of single persons."""

import json
from typing import Any

from edge.board.public import public_view
from edge.board.state import BoardState
from edge.events import DoorFlowed, ItemMissing, Record
from tests.edge.board.site import NOON_NS, books, clock, site
from tests.edge.board.test_state import misplaced, people, row, spine


def public(*records: Record) -> Any:
    state = BoardState(site(), clock(), books())
    state.preload(records)
    return json.loads(json.dumps(public_view(state.snapshot())))


def test_counts_below_the_threshold_are_few_whatever_they_are() -> None:
    rooms = [public(people(n))["rooms"]["hall"] for n in (0, 1, 4.9)]
    assert all(room["few"] and room["people"] is None for room in rooms)
    assert rooms[0] == rooms[1] == rooms[2]


def test_small_room_does_not_tell_by_its_band_that_it_is_full() -> None:
    assert public(people(4, space="stacks"))["rooms"]["stacks"]["band"] == "few"


def test_other_counts_are_rounded_to_fives() -> None:
    assert [public(people(n))["rooms"]["hall"]["people"] for n in (5, 12.4, 13, 88)] == [5, 10, 15, 90]


def test_no_barcode_title_tag_door_or_history_is_in_it() -> None:
    found = public(
        people(50),
        misplaced(2, 0.3),
        row(spine(0, 0.1)),
        ItemMissing(NOON_NS, "b3", "a-1", 0.9),
        DoorFlowed(NOON_NS, NOON_NS, "main", 1, 1, 1.0, 1.0),
    )
    assert found.keys() == {"boot", "revision", "now", "site", "plan", "rooms", "public"}
    assert "history" not in found["rooms"]["hall"]
    assert "sd" not in found["rooms"]["hall"]
    assert found["plan"]["doors"] == []
    assert "b3" not in json.dumps(found | {"boot": ""})  # which is drawn, and may hold it


def test_patch_is_as_bare_as_the_snapshot() -> None:
    state = BoardState(site(), clock(), books())
    state.apply(people(2))
    state.apply(row(spine(0, 0.1)))
    assert public_view(state.since(0)).keys() == {"boot", "revision", "now", "rooms", "public"}
