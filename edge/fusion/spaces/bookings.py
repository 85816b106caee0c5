"""Whether a booked room was used: an opaque id, a space and a time, held against who was there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from edge.fusion.spaces.steps import SpaceEstimate

_MINUTE_NS: Final = 60_000_000_000
Outcome = Literal["used", "ghost", "running", "unknown"]


@dataclass(frozen=True, slots=True)
class Booking:
    """A space booked from `start_ns` to `end_ns`; `id` is opaque, and nothing else is ever kept."""

    id: str
    space: str
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class BookingRules:
    """Times of the house. Who is there for `stay_min` within the grace has come; who has is away after
    `away_min`, of which hours of `meals` (such as `mon-fri 11:30-13:00`) do not count."""

    before_min: float = 10.0
    grace_min: float = 30.0
    stay_min: float = 4.0
    away_min: float = 15.0
    meals: tuple[str, ...] = ()
    sure: float = 0.5


@dataclass(slots=True)
class Watch:
    """What was seen of one booking so far."""

    booking: Booking
    arrived_ns: int | None = None
    outcome: Outcome = "unknown"
    there_ns: int = 0
    since_ns: int | None = None
    known_ns: int = 0
    away_ns: int = 0


@dataclass(slots=True)
class Bookings:
    """Follows all bookings; feed it every step's estimates."""

    bookings: Sequence[Booking]
    rules: BookingRules = field(default_factory=BookingRules)
    watches: list[Watch] = field(init=False)
    _open: dict[str, list[Watch]] = field(init=False)

    def __post_init__(self) -> None:
        self.watches = [Watch(booking) for booking in sorted(self.bookings, key=lambda b: (b.start_ns, b.id))]
        self._open = {}
        for watch in self.watches:
            self._open.setdefault(watch.booking.space, []).append(watch)

    @classmethod
    def going_on(cls, watch: Watch, rules: BookingRules) -> "Bookings":
        """One booking with what was seen of it before."""
        found = cls([watch.booking], rules)
        found.watches, found._open = [watch], {watch.booking.space: [watch]}
        return found

    def add(self, estimates: Iterable[SpaceEstimate], step_ns: int) -> None:
        """Take in one step of `step_ns` that ends at the estimates' time."""
        for estimate in estimates:
            waiting = self._open.get(estimate.space)
            while waiting and estimate.t_ns > waiting[0].booking.end_ns:
                waiting.pop(0)
            for watch in waiting or ():
                if watch.booking.start_ns > estimate.t_ns + self.rules.before_min * _MINUTE_NS:
                    break
                self._look(watch, estimate, step_ns)

    def _look(self, watch: Watch, estimate: SpaceEstimate, step_ns: int) -> None:
        booking, rules = watch.booking, self.rules
        if estimate.quality and estimate.t_ns >= booking.start_ns:
            watch.known_ns += step_ns
        if estimate.occupied < rules.sure:
            watch.since_ns = None
            watch.there_ns = 0
        else:
            if watch.since_ns is None:
                watch.since_ns = estimate.t_ns
            if estimate.t_ns > booking.start_ns:
                watch.there_ns += step_ns
        late = estimate.t_ns > booking.start_ns + rules.grace_min * _MINUTE_NS
        if watch.arrived_ns is None and not (late and watch.outcome == "ghost"):
            if watch.there_ns >= rules.stay_min * _MINUTE_NS:
                watch.arrived_ns, watch.outcome = watch.since_ns, "used"
            elif late and watch.since_ns is None:
                watch.outcome = "ghost" if watch.known_ns else "unknown"
            elif estimate.t_ns >= booking.start_ns:
                watch.outcome = "running" if watch.known_ns else "unknown"
