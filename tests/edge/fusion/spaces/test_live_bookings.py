"""Bookings of the running daemon: reserved, arrived, in use and away, or ghost; released; walk-ins."""

from edge.events import Record, SpaceBookingChanged, SpaceOccupied
from edge.fusion.spaces.bookings import Booking
from edge.fusion.spaces.live_bookings import LiveBookings

MIN = 60_000_000_000
T0 = 1_790_000_040_000_000_000
BOOKED = Booking("b1", "room", T0, T0 + 60 * MIN)


def minutes(live: LiveBookings, occupied: list[float], start: int = -5) -> list[Record]:
    """A record a minute, from `start` on."""
    said: list[Record] = []
    for n, p in enumerate(occupied, start):
        said.extend(live.step([SpaceOccupied(T0 + n * MIN, "room", 2 * p, 0.1, p, "good")]))
    return said


def states(records: list[Record]) -> list[str]:
    return [one.state for one in records if isinstance(one, SpaceBookingChanged)]


def test_who_comes_is_told_once_and_the_end_releases() -> None:
    live = LiveBookings()
    assert states(list(live.put(BOOKED, T0 - 9 * MIN))) == ["reserved"]
    assert states(minutes(live, [0.0] * 8 + [1.0] * 60)) == ["arrived", "in_use", "released"]
    assert len(live) == 0


def test_nobody_comes() -> None:
    live = LiveBookings()
    list(live.put(BOOKED, T0))
    assert states(minutes(live, [0.0] * 40)) == ["ghost"]


def test_without_evidence_nobody_is_called_a_ghost() -> None:
    live = LiveBookings()
    list(live.put(BOOKED, T0))
    said = [*live.step([SpaceOccupied(T0 + n * MIN, "room", 0.0, 9.0, 0.0, "") for n in range(50)])]
    assert states(said) == []


def test_a_repeat_is_silent_and_a_cancelled_one_is_released() -> None:
    live = LiveBookings()
    list(live.put(BOOKED, T0))
    assert list(live.put(BOOKED, T0 + 1)) == []
    assert states(list(live.cancel("b1", T0))) == ["released"]
    assert list(live.cancel("b1", T0)) == []


def test_one_that_is_known_from_before_the_restart_is_not_told_again() -> None:
    assert list(LiveBookings().put(BOOKED, T0, known=True)) == []


def test_who_goes_for_long_is_away_and_comes_back_into_use() -> None:
    live = LiveBookings()
    list(live.put(BOOKED, T0))
    said = states(minutes(live, [0.0] * 5 + [1.0] * 10 + [0.0] * 20 + [1.0] * 15))
    assert said == ["arrived", "in_use", "away", "in_use"]


def test_a_short_absence_is_none() -> None:
    live = LiveBookings()
    list(live.put(BOOKED, T0))
    assert states(minutes(live, [0.0] * 5 + [1.0] * 10 + [0.0] * 8 + [1.0] * 15)) == ["arrived", "in_use"]


def test_a_use_without_a_booking_is_a_walk_in_until_they_are_gone() -> None:
    live = LiveBookings()
    list(live.put(BOOKED, T0))
    said = minutes(live, [1.0] * 20 + [0.0] * 20, start=-60)
    assert states(said) == ["walk_in", "released"]
    assert {one.booking for one in said if isinstance(one, SpaceBookingChanged)} == {None}


def test_a_room_that_nobody_ever_booked_has_no_walk_ins() -> None:
    assert states(minutes(LiveBookings(), [1.0] * 60)) == []
