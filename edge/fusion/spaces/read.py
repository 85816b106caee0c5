"""A whole recording read as the daemon would live through it: a window a step, one after another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

import numpy as np

from edge.events import Record, SensorHealthChanged
from edge.fusion.spaces.bookings import Booking, BookingRules, Bookings, Watch
from edge.fusion.spaces.clocks import Clocks
from edge.fusion.spaces.cut import counts, cut
from edge.fusion.spaces.estimator import Estimates, SpaceEstimate, SpaceEstimator, quality
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.health import SpaceHealth
from edge.fusion.spaces.levels import Fullness
from edge.fusion.spaces.monitor import Monitor, NoiseLimit
from edge.fusion.spaces.steps import Keeper
from edge.fusion.spaces.use import KindUse, Use, UseDay, UseHour, by_kind
from edge.fusion.spaces.visits import VisitDay, Visits
from edge.fusion.window import Window


@dataclass(slots=True)
class SpaceReport:
    """What a recording says of its spaces: `spaces` are the ids that each of `steps` has a row of."""

    spaces: tuple[str, ...] = ()
    steps: list[Estimates] = field(default_factory=list)
    days: list[UseDay] = field(default_factory=list)
    bookings: list[Watch] = field(default_factory=list)
    health: list[SensorHealthChanged] = field(default_factory=list)
    events: list[Record] = field(default_factory=list)
    profile: list[UseHour] = field(default_factory=list)
    kinds: list[KindUse] = field(default_factory=list)
    visits: list[VisitDay] = field(default_factory=list)

    @property
    def estimates(self) -> Iterator[SpaceEstimate]:
        """One estimate a space and step, in order of time."""
        return (row for step in self.steps for row in step.rows(self.spaces))


def read_spaces(
    window: Window,
    building: Building,
    step_ns: int,
    bookings: Sequence[Booking] = (),
    rules: BookingRules | None = None,
    noise: tuple[NoiseLimit, ...] = (),
) -> SpaceReport:
    """Estimates every `step_ns`, use by day, and what became of the bookings."""
    estimator = SpaceEstimator(building)
    use, visits = Use(building.spaces, building.timezone), Visits(building)
    watch, booked = Bookings(bookings, rules or BookingRules()), _booked(estimator.ids, bookings)
    report, health, clocks = SpaceReport(estimator.ids), SpaceHealth(), Clocks(building)
    monitor, fullness = Monitor(building, noise), Fullness(building.spaces)
    keeper = Keeper(estimator)

    def take() -> None:
        done = keeper.take()
        use.add(done, step_ns)
        visits.add(done, step_ns)
        events = [*monitor.step(done), *fullness.look(done.t_ns, done.numbers[..., 0])]
        report.events.extend(sorted(events, key=attrgetter("t_ns")))

    for part in steps(window, step_ns) if estimator.ids else ():
        rooms, moved = clocks.put_right(part.rooms, part.end_ns)
        report.health.extend(moved)
        estimates = estimator.advance(part if rooms is part.rooms else replace(part, rooms=rooms))
        report.steps.append(estimates)
        report.health.extend(health.step(estimator))
        use.add_feedback(estimates.t_ns, estimator.channels.sums("feedback"))
        if len(booked):
            watch.add(_rows(estimates, estimator.ids, booked), step_ns)
        keeper.add(estimates)
        if keeper.is_full:
            take()
    if len(keeper):
        take()
    report.days = use.table()
    report.profile = use.profile()
    report.kinds = by_kind(report.days, building.spaces)
    report.visits = visits.table()
    report.bookings = watch.watches
    return report


def _booked(spaces: tuple[str, ...], bookings: Sequence[Booking]) -> list[int]:
    """The places of the spaces that are booked."""
    booked = {booking.space for booking in bookings}
    return [s for s, space in enumerate(spaces) if space in booked]


def _rows(e: Estimates, spaces: tuple[str, ...], wanted: list[int]) -> Iterator[SpaceEstimate]:
    for s in wanted:
        people, sd, occupied = e.numbers[s].tolist()
        yield SpaceEstimate(spaces[s], e.t_ns, people, sd, occupied, quality(int(e.alive[s])))


def steps(window: Window, step_ns: int) -> Iterator[Window]:
    """The window in parts that end at whole multiples of `step_ns`; a reading of that moment is in them."""
    doors, rooms = window.doors, window.rooms
    times = [int(c.t_ns[k]) for c in (doors, rooms) if len(c) for k in (0, -1)]
    if not times:
        return
    first_ns = -(-min(times) // step_ns) * step_ns
    ends_ns = np.arange(first_ns, max(times) + step_ns, step_ns)
    yield from cut(doors, rooms, first_ns - step_ns, ends_ns, counts(doors, rooms, ends_ns, "right"))
