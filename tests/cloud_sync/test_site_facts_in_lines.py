"""What the encoder writes beside a record from the site file: the boards have no other way to know it."""

from cloud_sync.line_protocol import Lines, SiteFacts
from edge.events import DoorFlowed, ItemMisplaced, SpaceOccupied, SpaceUsed

FACTS = SiteFacts(
    {"hall": 60}, {"hall": 40}, {"hall": "cultural"}, {"hall": "voiced"}, {"a1": 9.0}, {"back": "out"}
)
LINES = Lines("main", "n1", FACTS)


def test_capacity_is_beside_people() -> None:
    assert "capacity=60i" in LINES.line(SpaceOccupied(1, "hall", 3.0, 1.0, 0.9, "doors"))
    assert "capacity" not in LINES.line(SpaceOccupied(1, "attic", 3.0, 1.0, 0.9, "doors"))


def test_visits_are_counted_in_the_direction_that_enters() -> None:
    line = LINES.line(DoorFlowed(2, 1, "back", 1, 7, 1.1, 7.5))
    assert "visits=7.5" in line
    assert "visits_raw=7i" in line
    assert "visits" not in LINES.line(DoorFlowed(2, 1, "inner", 1, 7, 1.1, 7.5))


def test_place_along_the_round_is_that_of_the_board_and_on_it() -> None:
    nobody = (None, None)
    assert "walk_m=9.5" in LINES.line(ItemMisplaced(1, "E2", "77", "a1", 0.5, nobody, None, nobody, 0.9))


def test_rate_of_seats_is_one_of_opening_hours() -> None:
    assert "seat_rate=0.5" in LINES.line(SpaceUsed(1, "hall", 1, 9, 20.0, 25.0, 1.0, 1.0, 3600.0))
    assert "seat_rate" not in LINES.line(SpaceUsed(1, "hall", 1, 3, 20.0, 25.0, 1.0, 0.0, 3600.0))
