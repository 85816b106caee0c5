"""Bookings as the daemon follows them: told over the broker, held against who is there, events out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from edge.events import Record, SpaceBookingChanged, SpaceOccupied
from edge.fusion.spaces.bookings import Booking, Bookings, Watch
from edge.fusion.spaces.estimator import SpaceEstimate

MOST: Final = 20_000
_LONGEST_STEP_NS: Final = 60_000_000_000
State = Literal["reserved", "arrived", "in_use", "away", "ghost", "walk_in", "released"]


@dataclass(slots=True)
class _Followed:
    bookings: Bookings
    said: State

    @property
    def booking(self) -> Booking:
        return self.bookings.watches[0].booking


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

    def __len__(self) -> int:
        return len(self._followed)

    def put(self, booking: Booking, t_ns: int, *, known: bool = False) -> Iterator[Record]:
        """A new booking, or one whose times have changed. `known`: it was said before, by an earlier run."""
        old = self._followed.get(booking.id)
        if (old is not None and old.booking == booking) or (old is None and len(self._followed) >= MOST):
            return
        self._followed[booking.id] = _Followed(Bookings([booking]), "reserved")
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
        for found in [one for one in self._followed.values() if one.booking.space == seen.space]:
            yield from self._judge(found, estimate, step_ns)

    def _judge(self, found: _Followed, estimate: SpaceEstimate, step_ns: int) -> Iterator[Record]:
        booking, watch = found.booking, found.bookings.watches[0]
        if estimate.t_ns > booking.end_ns:
            del self._followed[booking.id]
            yield SpaceBookingChanged(booking.end_ns, booking.space, booking.id, "released")
            return
        found.bookings.add([estimate], step_ns)
        state: State | None = {"used": "arrived", "ghost": "ghost"}.get(watch.outcome)  # type: ignore[assignment]
        if state is not None and state != found.said:
            found.said = state
            yield SpaceBookingChanged(estimate.t_ns, booking.space, booking.id, state)
