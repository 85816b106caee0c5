"""Bookings: who came, who did not, and what can't be told."""

from edge.fusion.spaces import SpaceEstimate
from edge.fusion.spaces.bookings import Booking, Bookings
from tests.edge.fusion.spaces.rooms import MINUTE_NS, at

HOUR = 60


def outcome_of(there: range, until: int = 3 * HOUR, quality: str = "doors") -> tuple[str, int | None]:
    """A booking from 1:00 to 2:00 with someone there in the given minutes."""
    bookings = Bookings([Booking("bk-1", "room", at(HOUR), at(2 * HOUR))])
    for m in range(until):
        people = 2.0 if m in there else 0.0
        estimate = SpaceEstimate("room", at(m), people, 0.2, 0.99 if people else 0.01, quality)
        bookings.add([estimate], MINUTE_NS)
    return bookings.watches[0].outcome, bookings.watches[0].arrived_ns


def test_people_who_come_on_time_use_their_booking() -> None:
    assert outcome_of(range(65, 110)) == ("used", at(65))


def test_nobody_within_the_grace_is_a_ghost() -> None:
    assert outcome_of(range(0)) == ("ghost", None)


def test_those_who_were_there_before_and_leave_at_once_are_not_the_booking() -> None:
    assert outcome_of(range(20, 62))[0] == "ghost"


def test_a_booking_whose_grace_is_not_over_is_running() -> None:
    assert outcome_of(range(0), until=75)[0] == "running"


def test_without_evidence_nothing_can_be_said() -> None:
    assert outcome_of(range(0), quality="")[0] == "unknown"
