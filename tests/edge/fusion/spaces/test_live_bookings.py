"""Bookings of the running daemon: reserved, arrived, in use and away, or ghost; released; walk-ins."""

from edge.events import Record, SpaceBookingChanged, SpaceOccupied
from edge.fusion import memory
from edge.fusion.live_memory import KINDS
from edge.fusion.spaces.bookings import Booking, BookingRules
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


def gone_for_forty_minutes(meals: tuple[str, ...]) -> list[str]:
    """There from 22:14 by the site's clock, gone from 22:24 on."""
    live = LiveBookings(BookingRules(meals=meals), "Asia/Shanghai")
    list(live.put(BOOKED, T0))
    return states(minutes(live, [0.0] * 5 + [1.0] * 10 + [0.0] * 40))


def test_who_is_at_a_meal_is_not_away() -> None:
    assert gone_for_forty_minutes(()) == ["arrived", "in_use", "away"]
    assert gone_for_forty_minutes(("mon-sun 22:00-23:30",)) == ["arrived", "in_use"]


def test_time_before_the_meal_counts_and_time_after_it_goes_on() -> None:
    assert gone_for_forty_minutes(("mon-sun 22:30-22:40",)) == ["arrived", "in_use", "away"]


def test_the_house_says_how_long_who_is_late_is_waited_for() -> None:
    live = LiveBookings(BookingRules(grace_min=10))
    list(live.put(BOOKED, T0))
    assert states(minutes(live, [0.0] * 20)) == ["ghost"]


def test_a_restart_at_any_moment_changes_no_booking() -> None:
    people = (
        [1.0] * 20 + [0.0] * 20 + [0.0] * 17 + [1.0] * 10 + [0.0] * 20 + [1.0] * 15 + [0.0] * 30 + [1.0] * 20
    )
    whole, parted = LiveBookings(), LiveBookings()
    expected, found = list(whole.put(BOOKED, T0)), list(parted.put(BOOKED, T0))
    for n, there in enumerate(people, -60):
        expected += minutes(whole, [there], n)
        found += minutes(parted, [there], n)
        again = LiveBookings()
        again.recall(memory.decode(memory.encode(parted.memory(), KINDS), KINDS))  # type: ignore[arg-type]
        parted = again
    assert found == expected
    assert {"walk_in", "away", "in_use", "released"} <= set(states(found))
