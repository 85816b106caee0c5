"""Bookings as the daemon follows them: told over the broker, held against who is there, events out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal
from zoneinfo import ZoneInfo

from edge.events import Record, SpaceBookingChanged, SpaceOccupied
from edge.fusion.spaces.bookings import Booking, BookingRules, Bookings, Watch
from edge.fusion.spaces.hours import LocalTime, OpeningHours, parse
from edge.fusion.spaces.steps import SpaceEstimate

MOST: Final = 20_000
_MINUTE_NS: Final = 60_000_000_000
_LONGEST_STEP_NS: Final = 60_000_000_000
State = Literal["reserved", "arrived", "in_use", "away", "ghost", "walk_in", "released"]


@dataclass(slots=True)
class _Followed:
    bookings: Bookings
    said: State

    @property
    def watch(self) -> Watch:
        return self.bookings.watches[0]

    @property
    def booking(self) -> Booking:
        return self.watch.booking


@dataclass(slots=True)
class WalkIn:
    """Somebody in a room that can be booked and is not: since when there, or gone; whether it was said."""

    there_since_ns: int | None = None
    gone_since_ns: int | None = None
    said: bool = False


@dataclass(frozen=True, slots=True)
class BookingsMemory:
    """What was seen of each booking, what was said of it, who came without one, and when each space was last
    told."""

    watches: dict[str, Watch]
    said: dict[str, State]
    seen_ns: dict[str, int]
    walk_ins: dict[str, WalkIn]


@dataclass(slots=True)
class LiveBookings:
    """Feed it bookings as they come and the records of spaces as they are made."""

    rules: BookingRules = field(default_factory=BookingRules)
    timezone: str = "UTC"
    _followed: dict[str, _Followed] = field(default_factory=dict)
    _by_space: dict[str, dict[str, _Followed]] = field(default_factory=dict)
    _seen_ns: dict[str, int] = field(default_factory=dict)
    _walk_ins: dict[str, WalkIn] = field(default_factory=dict)
    _meals: OpeningHours = field(init=False)

    def __post_init__(self) -> None:
        self._meals = parse(self.rules.meals)

    def __len__(self) -> int:
        return len(self._followed)

    def put(self, booking: Booking, t_ns: int, *, known: bool = False) -> Iterator[Record]:
        """A new booking, or one whose times have changed. `known`: it was said before, by an earlier run."""
        old = self._followed.get(booking.id)
        if (old is not None and old.booking == booking) or (old is None and len(self._followed) >= MOST):
            return
        self._forget(booking.id)
        self._follow(_Followed(Bookings([booking], self.rules), "reserved"))
        if not known:
            yield SpaceBookingChanged(t_ns, booking.space, booking.id, "reserved")

    def memory(self) -> BookingsMemory:
        """All bookings that are followed."""
        return BookingsMemory(
            watches={id_: found.watch for id_, found in self._followed.items()},
            said={id_: found.said for id_, found in self._followed.items()},
            seen_ns=self._seen_ns,
            walk_ins=self._walk_ins,
        )

    def recall(self, memory: BookingsMemory) -> None:
        """Go on with what `memory` gave. Raises LookupError where it contradicts itself."""
        self._followed, self._by_space = {}, {}
        self._seen_ns, self._walk_ins = memory.seen_ns, memory.walk_ins
        for id_, watch in memory.watches.items():
            self._follow(_Followed(Bookings.going_on(watch, self.rules), memory.said[id_]))

    def cancel(self, id_: str, t_ns: int) -> Iterator[Record]:
        """It will not be used."""
        found = self._forget(id_)
        if found is not None:
            yield SpaceBookingChanged(t_ns, found.booking.space, id_, "released")

    def step(self, records: Iterable[Record]) -> Iterator[Record]:
        """What the newest estimates of spaces say of their bookings."""
        for record in records:
            if isinstance(record, SpaceOccupied):
                yield from self._look(record)

    def _follow(self, found: _Followed) -> None:
        booking = found.booking
        self._followed[booking.id] = found
        self._by_space.setdefault(booking.space, {})[booking.id] = found
        self._walk_ins.setdefault(booking.space, WalkIn())

    def _forget(self, id_: str) -> _Followed | None:
        found = self._followed.pop(id_, None)
        if found is not None:
            del self._by_space[found.booking.space][id_]
        return found

    def _look(self, seen: SpaceOccupied) -> Iterator[Record]:
        if seen.space not in self._walk_ins:
            return
        before_ns = self._seen_ns.get(seen.space, seen.t_ns)
        self._seen_ns[seen.space] = seen.t_ns
        step_ns = min(max(seen.t_ns - before_ns, 0), _LONGEST_STEP_NS)
        estimate = SpaceEstimate(
            seen.space, seen.t_ns, seen.people, seen.people_sd, seen.occupied, seen.quality
        )
        of_space = list(self._by_space.get(seen.space, {}).values())
        for found in of_space:
            yield from self._judge(found, estimate, step_ns)
        booked = any(_is_now(one.booking, seen.t_ns, self.rules) for one in of_space)
        yield from _walk(self._walk_ins[seen.space], estimate, self.rules, booked=booked)

    def _judge(self, found: _Followed, estimate: SpaceEstimate, step_ns: int) -> Iterator[Record]:
        booking = found.booking
        if estimate.t_ns > booking.end_ns:
            self._forget(booking.id)
            yield SpaceBookingChanged(booking.end_ns, booking.space, booking.id, "released")
            return
        found.bookings.add([estimate], step_ns)
        state = self._state(found, estimate, step_ns)
        if state != found.said:
            found.said = state
            yield SpaceBookingChanged(estimate.t_ns, booking.space, booking.id, state)

    def _state(self, found: _Followed, estimate: SpaceEstimate, step_ns: int) -> State:
        """How the booking stands: who has arrived is in use from the next look on, and away once the room has
        been empty for longer than the rules allow; at meals nobody is."""
        watch = found.watch
        if watch.outcome != "used":
            return "ghost" if watch.outcome == "ghost" else found.said
        if estimate.occupied >= self.rules.sure or not estimate.quality:
            watch.away_ns = 0
            return "in_use" if found.said in ("arrived", "in_use", "away") else "arrived"
        if not self._is_meal(estimate.t_ns):
            watch.away_ns += step_ns
        return "away" if watch.away_ns >= self.rules.away_min * _MINUTE_NS else found.said

    def _is_meal(self, t_ns: int) -> bool:
        return bool(self.rules.meals) and self._meals.is_open(LocalTime.at(t_ns, ZoneInfo(self.timezone)))


def _is_now(booking: Booking, t_ns: int, rules: BookingRules) -> bool:
    """Whether the room is kept for the booking; who comes a little early has come for it."""
    early_ns = round(rules.before_min * _MINUTE_NS)
    return booking.start_ns - early_ns <= t_ns <= booking.end_ns


def _walk(walk: WalkIn, e: SpaceEstimate, rules: BookingRules, *, booked: bool) -> Iterator[Record]:
    """A use without a booking begins when somebody stays; it ends when they are gone or a booking begins."""
    if e.occupied >= rules.sure and not booked:
        walk.there_since_ns, walk.gone_since_ns = walk.there_since_ns or e.t_ns, None
        if not walk.said and e.t_ns - walk.there_since_ns >= rules.stay_min * _MINUTE_NS:
            walk.said = True
            yield SpaceBookingChanged(e.t_ns, e.space, None, "walk_in")
        return
    walk.there_since_ns, walk.gone_since_ns = None, walk.gone_since_ns or e.t_ns
    gone = booked or e.t_ns - walk.gone_since_ns >= rules.away_min * _MINUTE_NS
    if walk.said and gone:
        walk.said = False
        yield SpaceBookingChanged(e.t_ns, e.space, None, "released")
