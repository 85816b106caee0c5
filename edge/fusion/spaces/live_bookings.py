"""Bookings as the daemon follows them: told over the broker, held against who is there, events out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from edge.events import Record, SpaceBookingChanged, SpaceOccupied
from edge.fusion.spaces.bookings import Booking, BookingRules, Bookings, Watch
from edge.fusion.spaces.estimator import SpaceEstimate

MOST: Final = 20_000
_MINUTE_NS: Final = 60_000_000_000
_RULES: Final = BookingRules()
_LONGEST_STEP_NS: Final = 60_000_000_000
State = Literal["reserved", "arrived", "in_use", "away", "ghost", "walk_in", "released"]


@dataclass(slots=True)
class _Followed:
    bookings: Bookings
    said: State

    @property
    def booking(self) -> Booking:
        return self.bookings.watches[0].booking


@dataclass(slots=True)
class _WalkIn:
    """Somebody in a room that can be booked and is not: since when there, or gone; whether it was said."""

    there_since_ns: int | None = None
    gone_since_ns: int | None = None
    said: bool = False


@dataclass(frozen=True, slots=True)
class BookingsMemory:
    """What was seen of each booking, what was said of it, and when each space was last told."""

    watches: dict[str, Watch]
    said: dict[str, State]
    seen_ns: dict[str, int]


@dataclass(slots=True)
class LiveBookings:
    """Feed it bookings as they come and the records of spaces as they are made."""

    _followed: dict[str, _Followed] = field(default_factory=dict)
    _seen_ns: dict[str, int] = field(default_factory=dict)
    _walk_ins: dict[str, _WalkIn] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._followed)

    def put(self, booking: Booking, t_ns: int, *, known: bool = False) -> Iterator[Record]:
        """A new booking, or one whose times have changed. `known`: it was said before, by an earlier run."""
        old = self._followed.get(booking.id)
        if (old is not None and old.booking == booking) or (old is None and len(self._followed) >= MOST):
            return
        self._followed[booking.id] = _Followed(Bookings([booking]), "reserved")
        self._walk_ins.setdefault(booking.space, _WalkIn())
        if not known:
            yield SpaceBookingChanged(t_ns, booking.space, booking.id, "reserved")

    def memory(self) -> BookingsMemory:
        """All bookings that are followed."""
        return BookingsMemory(
            watches={id_: found.bookings.watches[0] for id_, found in self._followed.items()},
            said={id_: found.said for id_, found in self._followed.items()},
            seen_ns=self._seen_ns,
        )

    def recall(self, memory: BookingsMemory) -> None:
        """Go on with what `memory` gave. Raises LookupError where it contradicts itself."""
        self._followed = {
            id_: _Followed(Bookings.going_on(watch), memory.said[id_])
            for id_, watch in memory.watches.items()
        }
        self._seen_ns = memory.seen_ns
        for found in self._followed.values():
            self._walk_ins.setdefault(found.booking.space, _WalkIn())

    def cancel(self, id_: str, t_ns: int) -> Iterator[Record]:
        """It will not be used."""
        found = self._followed.pop(id_, None)
        if found is not None:
            yield SpaceBookingChanged(t_ns, found.booking.space, id_, "released")

    def step(self, records: Iterable[Record]) -> Iterator[Record]:
        """What the newest estimates of spaces say of their bookings."""
        for record in records:
            if isinstance(record, SpaceOccupied):
                yield from self._look(record)

    def _look(self, seen: SpaceOccupied) -> Iterator[Record]:
        before_ns = self._seen_ns.get(seen.space, seen.t_ns)
        self._seen_ns[seen.space] = seen.t_ns
        step_ns = min(max(seen.t_ns - before_ns, 0), _LONGEST_STEP_NS)
        estimate = SpaceEstimate(
            seen.space, seen.t_ns, seen.people, seen.people_sd, seen.occupied, seen.quality
        )
        of_space = [one for one in self._followed.values() if one.booking.space == seen.space]
        for found in of_space:
            yield from self._judge(found, estimate, step_ns)
        if seen.space in self._walk_ins:
            booked = any(_is_now(one.booking, seen.t_ns) for one in of_space)
            yield from _walk(self._walk_ins[seen.space], estimate, booked=booked)

    def _judge(self, found: _Followed, estimate: SpaceEstimate, step_ns: int) -> Iterator[Record]:
        booking = found.booking
        if estimate.t_ns > booking.end_ns:
            del self._followed[booking.id]
            yield SpaceBookingChanged(booking.end_ns, booking.space, booking.id, "released")
            return
        found.bookings.add([estimate], step_ns)
        state = _state(found, estimate)
        if state != found.said:
            found.said = state
            yield SpaceBookingChanged(estimate.t_ns, booking.space, booking.id, state)


def _state(found: _Followed, estimate: SpaceEstimate) -> State:
    """How the booking stands: who has arrived is in use from the next look on, and away once the room has
    been empty for longer than the rules allow."""
    watch, rules = found.bookings.watches[0], found.bookings.rules
    if watch.outcome == "ghost":
        return "ghost"
    if watch.outcome != "used":
        return found.said
    there = estimate.occupied >= rules.sure or not estimate.quality
    watch.gone_since_ns = None if there else watch.gone_since_ns or estimate.t_ns
    if watch.gone_since_ns is not None:
        is_long = estimate.t_ns - watch.gone_since_ns >= rules.away_min * _MINUTE_NS
        return "away" if is_long or found.said == "away" else found.said
    return "in_use" if found.said in ("arrived", "in_use", "away") else "arrived"


def _is_now(booking: Booking, t_ns: int) -> bool:
    """Whether the room is kept for the booking; who comes a little early has come for it."""
    early_ns = round(_RULES.before_min * _MINUTE_NS)
    return booking.start_ns - early_ns <= t_ns <= booking.end_ns


def _walk(walk: _WalkIn, e: SpaceEstimate, *, booked: bool) -> Iterator[Record]:
    """A use without a booking begins when somebody stays; it ends when they are gone or a booking begins."""
    if e.occupied >= _RULES.sure and not booked:
        walk.there_since_ns, walk.gone_since_ns = walk.there_since_ns or e.t_ns, None
        if not walk.said and e.t_ns - walk.there_since_ns >= _RULES.stay_min * _MINUTE_NS:
            walk.said = True
            yield SpaceBookingChanged(e.t_ns, e.space, None, "walk_in")
        return
    walk.there_since_ns, walk.gone_since_ns = None, walk.gone_since_ns or e.t_ns
    gone = booked or e.t_ns - walk.gone_since_ns >= _RULES.away_min * _MINUTE_NS
    if walk.said and gone:
        walk.said = False
        yield SpaceBookingChanged(e.t_ns, e.space, None, "released")
