"""The board's state: what records do to it, and what a page is sent."""

import asyncio
import json
from datetime import date
from typing import Any

from edge.board.config import SpaceChange
from edge.board.state import BoardState
from edge.config import Site
from edge.events import (
    DoorFlowed,
    ItemMisplaced,
    ItemMissing,
    ItemWrongStatus,
    Record,
    RoomMeasured,
    SensorHealthChanged,
    ShelfState,
    SourceCounted,
    SpaceCapacityChanged,
    SpaceNoiseChanged,
    SpaceOccupied,
    Spine,
    TagUnknown,
)
from tests.edge.board.site import MINUTE_NS, NOON_NS, books, clock, site


def shown(*records: Record) -> Any:
    """The snapshot after these records, as a page gets it."""
    state = BoardState(site(), clock(), books())
    state.preload(records)
    return json.loads(json.dumps(state.snapshot(), allow_nan=False))


def people(n: float, space: str = "hall", minute: int = 0, sd: float = 1.0) -> SpaceOccupied:
    return SpaceOccupied(NOON_NS + minute * MINUTE_NS, space, n, sd, 1.0, "doors")


def spine(n: int, x_m: float, *, misplaced: bool = False) -> Spine:
    return Spine(f"AA{n:02d}", f"b{n}", x_m, 0.006, 0.9, misplaced)


def misplaced(n: int, x_m: float, shelf: str = "a-1", minute: int = 0) -> ItemMisplaced:
    at = NOON_NS + minute * MINUTE_NS
    return ItemMisplaced(at, f"AA{n:02d}", f"b{n}", shelf, x_m, ("b0", "b1"), "a-2", ("b4", None), 0.95)


def row(*spines: Spine, shelf: str = "a-1", minute: int = 0) -> ShelfState:
    return ShelfState(NOON_NS + minute * MINUTE_NS, shelf, spines, 0.9)


def test_room_shows_people_with_their_deviation_and_time() -> None:
    room = shown(people(42.26, sd=3.14))["rooms"]["hall"]
    assert (room["people"], room["sd"], room["as_of"]) == (42.3, 3.1, NOON_NS // 1_000_000)


def test_room_shows_its_last_changes_the_newest_first() -> None:
    days = [SpaceChange(space="hall", date=date(2026, month, 2), text=f"of {month}") for month in (1, 3, 2)]
    rooms = BoardState(site(), clock(), changes=days).snapshot()["rooms"]
    assert isinstance(rooms, dict)
    assert rooms["hall"]["changes"] == [["2026-03-02", "of 3"], ["2026-02-02", "of 2"]]


def test_band_is_a_word_that_follows_capacity() -> None:
    bands = [shown(people(n))["rooms"]["hall"]["band"] for n in (0, 10, 60, 85, 100, 130)]
    assert bands == ["empty", "quiet", "moderate", "near", "full", "over"]
    assert shown()["rooms"]["hall"]["band"] == "unknown"


def test_level_of_fusion_outlasts_a_flicker_at_the_limit() -> None:
    near = SpaceCapacityChanged(NOON_NS, "hall", "near", 81, 100)
    assert shown(near, people(79))["rooms"]["hall"]["band"] == "near"
    back = SpaceCapacityChanged(NOON_NS, "hall", "ok", 70, 100)
    assert shown(near, back, people(70))["rooms"]["hall"]["band"] == "moderate"


def test_trend_needs_more_change_than_the_uncertainty() -> None:
    steps = [people(20 + 3 * minute, minute=minute) for minute in range(12)]
    assert shown(*steps)["rooms"]["hall"]["trend"] == "rising"
    vague = [people(20 + 3 * minute, minute=minute, sd=40.0) for minute in range(12)]
    assert shown(*vague)["rooms"]["hall"]["trend"] == "steady"


def test_estimate_that_comes_late_does_not_replace_a_newer_one() -> None:
    assert shown(people(50, minute=5), people(10, minute=1))["rooms"]["hall"]["people"] == 50


def test_history_is_bounded() -> None:
    state = BoardState(site(), clock())
    for minute in range(1000):
        state.apply(people(minute, minute=minute))
    rooms: Any = state.snapshot()["rooms"]
    assert len(rooms["hall"]["history"]) == 180


def test_door_counts_of_today_add_up_and_a_repeat_counts_once() -> None:
    flow = DoorFlowed(NOON_NS, NOON_NS - MINUTE_NS, "main", 5, 2, 5.1, 2.2)
    later = DoorFlowed(NOON_NS + MINUTE_NS, NOON_NS, "main", 1, 1, 1.0, 1.1)
    door = shown(flow, flow, later)["doors"]["main"]
    assert (door["in"], door["out"], door["in_corrected"], door["out_corrected"]) == (6, 3, 6, 3)
    assert door["hours"][12] == [6, 3]


def test_door_begins_again_at_midnight_of_the_site() -> None:
    flow = DoorFlowed(NOON_NS, NOON_NS - MINUTE_NS, "main", 5, 2, 5.0, 2.0)
    midnight = NOON_NS + 12 * 60 * MINUTE_NS
    after = DoorFlowed(midnight + MINUTE_NS, midnight, "main", 1, 0, 1.0, 0.0)
    door = shown(flow, after)["doors"]["main"]
    assert (door["in"], door["day"]) == (1, "2025-11-22")
    assert shown(flow, after, flow)["doors"]["main"]["in"] == 1


def test_spines_are_in_the_order_read_with_what_a_person_needs() -> None:
    shelf = shown(row(spine(0, 0.1), spine(2, 0.2)))["shelves"]["a-1"]
    assert [book["title"] for book in shelf["books"]] == ["Sensors", "Databases"]
    assert shelf["books"][0]["call_number"] == "TP0/1"


def test_misplaced_book_says_where_it_belongs() -> None:
    found = shown(misplaced(2, 0.3), row(spine(0, 0.1), spine(2, 0.3, misplaced=True)))
    book = found["shelves"]["a-1"]["books"][1]
    assert book["misplaced"]["shelf"] == "a-2"
    assert [one["barcode"] for one in book["misplaced"]["between"]] == ["b4", None]
    assert found["todo"][0]["kind"] == "misplaced"


def test_book_that_was_put_right_leaves_the_list() -> None:
    before = [misplaced(2, 0.3), row(spine(2, 0.3, misplaced=True))]
    assert shown(*before, row(spine(2, 0.3), minute=1))["todo"] == []
    assert shown(*before, row(spine(0, 0.1), minute=1))["todo"] == []
    assert len(shown(*before, row(spine(2, 0.3, misplaced=True), minute=1))["todo"]) == 1


def test_missing_book_that_is_seen_leaves_the_list() -> None:
    gone = ItemMissing(NOON_NS, "b3", "a-1", 0.97)
    found = shown(gone)
    assert found["shelves"]["a-1"]["missing"][0]["title"] == "Algorithms"
    assert [task["kind"] for task in found["todo"]] == ["missing"]
    assert shown(gone, row(spine(3, 0.2), shelf="a-2", minute=1))["todo"] == []


def test_unknown_tag_is_marked_and_goes_with_its_tag() -> None:
    stranger = Spine("BB00", None, 0.2, 0.01, 0.8)
    tag = TagUnknown(NOON_NS, "BB00", "a-1", 0.2)
    found = shown(tag, row(stranger))
    assert found["shelves"]["a-1"]["books"][0]["unknown"]
    assert found["todo"][0]["kind"] == "unknown-tag"
    assert shown(tag, row(stranger), row(spine(0, 0.1), minute=1))["todo"] == []


def test_tasks_come_urgent_first_then_in_walking_order() -> None:
    found = shown(
        misplaced(1, 0.5, shelf="a-2"),
        misplaced(2, 0.7),
        misplaced(3, 0.2),
        ItemWrongStatus(NOON_NS, "AA05", "b5", "a-1", "on_loan"),
        people(10, space="stacks"),
        SensorHealthChanged(NOON_NS, "co2-hall", "silent", "no reading for 300 s"),
        SpaceNoiseChanged(NOON_NS, "reading", "too-loud", 61.0, 50.0),
    )
    walked = [(task["kind"], task.get("shelf") or task.get("space")) for task in found["todo"]]
    assert walked == [
        ("sensor-silent", "hall"),
        ("room-loud", "reading"),
        ("room-full", "stacks"),
        ("wrong-status", "a-1"),
        ("misplaced", "a-1"),
        ("misplaced", "a-1"),
        ("misplaced", "a-2"),
    ]
    assert [task["x_m"] for task in found["todo"][4:6]] == [0.2, 0.7]


def test_sensor_that_speaks_again_is_in_order() -> None:
    gone = SensorHealthChanged(NOON_NS, "cart", "silent", "no reading")
    back = SensorHealthChanged(NOON_NS + MINUTE_NS, "cart", "ok", "")
    assert shown(gone)["sensors"]["cart"]["state"] == "silent"
    assert shown(gone, back)["sensors"]["cart"]["state"] == "ok"
    assert shown(SourceCounted(NOON_NS, "cart", 5, 4, 1, 1, 0))["sensors"]["cart"]["received"] == 5


def test_records_of_places_that_the_site_does_not_have_change_nothing() -> None:
    strange = [
        people(5, space="nowhere"),
        row(spine(0, 0.1), shelf="z-9"),
        DoorFlowed(NOON_NS, NOON_NS, "nowhere", 1, 1, 1.0, 1.0),
        SourceCounted(NOON_NS, "nobody", 1, 1, 0, 0, 0),
        RoomMeasured(NOON_NS, "x", None, "co2_ppm", 500.0),
    ]
    assert shown(*strange)["revision"] == 0


def test_page_gets_only_the_rows_that_changed() -> None:
    state = BoardState(site(), clock())
    state.apply(people(5))
    before = state.revision
    state.apply(people(6, space="reading"))
    patch: Any = state.since(before)
    assert list(patch["rooms"]) == ["reading"]
    assert "shelves" not in patch
    assert "site" not in patch
    assert state.since(state.revision).keys() == {"boot", "revision", "now"}


async def test_whoever_waits_for_news_wakes_when_a_record_comes() -> None:
    state = BoardState(site(), clock())
    waiting = asyncio.ensure_future(state.news(0, 5.0))
    await asyncio.sleep(0)
    state.apply(people(5))
    assert await waiting
    assert not await state.news(state.revision, 0.01)


def test_large_library_sends_the_books_of_some_boards_and_counts_the_others() -> None:
    space = {"id": "s", "kind": "learning", "zone": "quiet", "capacity": 9, "open": ["mon-sun 08:00-22:00"]}
    large = Site.model_validate(
        {
            "schema": 1,
            "site": {"id": "main", "timezone": "UTC"},
            "space": [space],
            "shelf": [{"id": f"b-{n}", "space": "s", "length_m": 0.9} for n in range(200)],
        }
    )
    state = BoardState(large, clock())
    for n in range(200):
        state.apply(row(spine(n, 0.1, misplaced=n == 3), shelf=f"b-{n}", minute=n))
    state.apply(misplaced(3, 0.1, shelf="b-3", minute=3))
    shelves: Any = state.snapshot()["shelves"]
    with_books = [shelf for shelf, one in shelves.items() if one["books"]]
    assert len(with_books) == 60
    assert "b-3" in with_books
    assert "b-199" in with_books
    assert shelves["b-0"]["folded"] == 1
    one: Any = state.shelf("b-0")
    assert len(one["books"]) == 1
    assert state.shelf("nowhere") is None
