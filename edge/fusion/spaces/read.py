"""A whole recording read, a window a step: in the light of all of it, or as the daemon lived through it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

import numpy as np

from edge.columns import I64
from edge.events import Record, SensorHealthChanged
from edge.fusion.repeats import once
from edge.fusion.spaces.bookings import Booking, BookingRules, Bookings, Watch
from edge.fusion.spaces.clocks import Clocks
from edge.fusion.spaces.cut import Run, counts, cut
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.health import SpaceHealth
from edge.fusion.spaces.hindsight import Hindsight
from edge.fusion.spaces.levels import Fullness
from edge.fusion.spaces.monitor import Monitor, NoiseLimit
from edge.fusion.spaces.now import Now
from edge.fusion.spaces.steps import MOST, Estimates, SpaceEstimate, Steps, quality
from edge.fusion.spaces.use import KindUse, Use, UseDay, UseHour, by_kind
from edge.fusion.spaces.visits import VisitDay, Visits
from edge.fusion.window import Window


@dataclass(slots=True)
class SpaceReport:
    """What a recording says of its spaces: `spaces` are the ids that each of `steps` has a row of;
    `n_repeats` counts of doors came twice, and were used once."""

    spaces: tuple[str, ...] = ()
    steps: list[Estimates] = field(default_factory=list)
    days: list[UseDay] = field(default_factory=list)
    bookings: list[Watch] = field(default_factory=list)
    health: list[SensorHealthChanged] = field(default_factory=list)
    events: list[Record] = field(default_factory=list)
    profile: list[UseHour] = field(default_factory=list)
    kinds: list[KindUse] = field(default_factory=list)
    visits: list[VisitDay] = field(default_factory=list)
    n_repeats: int = 0

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
    *,
    live: bool = False,
) -> SpaceReport:
    """Estimates every `step_ns`, use by day, and what became of the bookings.

    In the light of the whole recording, or, `live`, as the daemon would have told it then. What was found of
    sensors is told either way when it could be found.
    """
    report = SpaceReport(tuple(space.id for space in building.spaces))
    doors = once(window.doors)
    report.n_repeats, window = len(window.doors) - len(doors), replace(window, doors=doors)
    reader = _Reader(building, step_ns, Bookings(bookings, rules or BookingRules()), Monitor(building, noise))
    forward: Hindsight | Now = Now(building) if live else Hindsight(building)
    health, clocks = SpaceHealth(), Clocks(building)
    for run in runs(window, step_ns) if report.spaces else ():
        run, moved = clocks.put_right(run)
        reader.add_feedback(run)
        found = list(moved)
        while len(run):
            run = run.part(forward.take(run), len(run))
            found.extend(health.step(forward.faults))
        report.health.extend(sorted(found, key=attrgetter("t_ns")))
        for done in forward.ready():
            reader.take(done, report)
    for done in forward.rest():
        reader.take(done, report)
    reader.finish(report)
    return report


class _Reader:
    """What is made of the steps."""

    def __init__(self, building: Building, step_ns: int, watch: Bookings, monitor: Monitor) -> None:
        self.use, self._visits = Use(building.spaces, building.timezone), Visits(building)
        self._spaces, self._step_ns = building.spaces, step_ns
        self._space_of_source = building.space_of_source
        self._watch, self._monitor, self._fullness = watch, monitor, Fullness(building.spaces)
        booked = {one.booking.space for one in watch.watches}
        self._booked = [s for s, space in enumerate(building.spaces) if space.id in booked]

    def take(self, done: Steps, report: SpaceReport) -> None:
        """Add steps to the report, and to what it will hold at the end."""
        self.use.add(done, self._step_ns)
        self._visits.add(done, self._step_ns)
        events = [*self._monitor.step(done), *self._fullness.look(done.t_ns, done.numbers[..., 0])]
        report.events.extend(sorted(events, key=attrgetter("t_ns")))
        report.steps.extend(done.estimates())
        for now in done.estimates() if self._booked else ():
            self._watch.add(_rows(now, report.spaces, self._booked), self._step_ns)

    def add_feedback(self, run: Run) -> None:
        """Add what was said by buttons in a run."""
        rooms, spaces = run.rooms, [space.id for space in self._spaces]
        if "feedback" in rooms.quantities:
            is_own = (rooms.quantity == rooms.quantities.index("feedback")) & np.isfinite(rooms.value)
            ends_ns = run.ends_ns[np.searchsorted(run.room_ends, np.flatnonzero(is_own), "right")]
            for end_ns, source, value in zip(ends_ns, rooms.source[is_own], rooms.value[is_own], strict=True):
                space = self._space_of_source.get(rooms.sources[source])
                if space in spaces:
                    self.use.add_feedback(int(end_ns), spaces.index(space), float(value))

    def finish(self, report: SpaceReport) -> None:
        """What is known when all steps are."""
        report.days, report.profile = self.use.table(), self.use.profile()
        report.kinds = by_kind(report.days, self._spaces)
        report.visits = self._visits.table()
        report.bookings = self._watch.watches


def _rows(e: Estimates, spaces: tuple[str, ...], wanted: list[int]) -> Iterator[SpaceEstimate]:
    for s in wanted:
        people, sd, occupied = e.numbers[s].tolist()
        yield SpaceEstimate(spaces[s], e.t_ns, people, sd, occupied, quality(int(e.alive[s])))


def steps(window: Window, step_ns: int) -> Iterator[Window]:
    """The window in parts that end at whole multiples of `step_ns`; a reading of that moment is in them."""
    doors, rooms = window.doors, window.rooms
    if len(ends_ns := _ends_ns(window, step_ns)):
        start_ns = int(ends_ns[0]) - step_ns
        yield from cut(doors, rooms, start_ns, ends_ns, counts(doors, rooms, ends_ns, "right"))


def runs(window: Window, step_ns: int) -> Iterator[Run]:
    """The same steps, many at a time."""
    if len(ends_ns := _ends_ns(window, step_ns)):
        before = counts(window.doors, window.rooms, ends_ns, "right")
        whole = Run(window.doors, window.rooms, int(ends_ns[0]) - step_ns, ends_ns, *before)
        yield from (whole.part(a, a + MOST) for a in range(0, len(whole), MOST))


def _ends_ns(window: Window, step_ns: int) -> I64:
    times = [int(c.t_ns[k]) for c in (window.doors, window.rooms) if len(c) for k in (0, -1)]
    if not times:
        return np.empty(0, np.int64)
    return np.arange(-(-min(times) // step_ns) * step_ns, max(times) + step_ns, step_ns)
