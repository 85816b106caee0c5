"""Fusion as the daemon runs it: one window after another in, records out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import C, take
from edge.events import Record
from edge.fusion.gates import GateModel, LiveGates
from edge.fusion.inventory import Board
from edge.fusion.live_health import LiveHealth
from edge.fusion.live_memory import LiveMemory
from edge.fusion.live_shelves import LiveShelves
from edge.fusion.locate import Calibration
from edge.fusion.measure import RoomMeans
from edge.fusion.presence import Presence, PresenceOptions
from edge.fusion.repeats import Repeats
from edge.fusion.spaces import Building
from edge.fusion.spaces.bookings import BookingRules
from edge.fusion.spaces.hourly import HourlyUse
from edge.fusion.spaces.hours import parse
from edge.fusion.spaces.live import LiveSpaces
from edge.fusion.spaces.live_bookings import LiveBookings
from edge.fusion.spaces.monitor import NoiseLimit
from edge.fusion.window import Window
from edge.library.shelf_list import ShelfList
from edge.times import IMPOSSIBLE_BEFORE_NS, moved

_MINUTE_NS: Final = 60_000_000_000
_LONGEST_BACK_NS: Final = 60 * _MINUTE_NS
"""As the pipeline's horizon: beyond it the clock was set back."""
_LONGEST_GAP_NS: Final = 2 * 1440 * _MINUTE_NS
_LONGEST_STOP_NS: Final = 10 * _MINUTE_NS
"""After a stop: estimates of a time in which nobody listened would be made up."""


@dataclass(frozen=True, slots=True)
class LiveModel:
    """What fusion must know of the site."""

    space_of_source: Mapping[str, str | None] = field(default_factory=dict)
    presence: PresenceOptions = field(default_factory=PresenceOptions)
    building: Building = field(default_factory=lambda: Building(()))
    noise: tuple[NoiseLimit, ...] = ()
    bookings: BookingRules = field(default_factory=BookingRules)
    boards: tuple[Board, ...] = ()
    books: ShelfList | None = None
    calibration: Calibration = field(default_factory=Calibration)
    gates: tuple[GateModel, ...] = ()


class Live:
    """All live fusion of one site."""

    def __init__(self, model: LiveModel) -> None:
        self._model = model
        self.forget()

    def forget(self) -> None:
        """Begin anew, with nothing learnt."""
        model = self._model
        self._means = RoomMeans(dict(model.space_of_source))
        self._presence = Presence(model.presence)
        self._spaces = LiveSpaces(model.building, model.noise)
        self._hours = _hourly_use(model.building)
        self._health = LiveHealth()
        self.shelves = LiveShelves(model.boards, model.books, model.calibration)
        self.bookings = LiveBookings(model.bookings, model.building.timezone)
        self._gates = LiveGates(model.gates, model.books)
        self._moving: set[str] = set()
        self._repeats = Repeats()
        self._now_ns: int | None = None
        self._longest_gap_ns = _LONGEST_GAP_NS

    def step(self, window: Window) -> list[Record]:
        """What the window's readings say, oldest first."""
        records: list[Record] = []
        longest_ns, self._longest_gap_ns = self._longest_gap_ns, _LONGEST_GAP_NS
        for piece in _without_jumps(self._repeats.fresh(window), longest_ns):
            records.extend(self._begin_again_if_elsewhere(piece, longest_ns))
            found = self._follow(piece)
            found.extend(self.shelves.step(self._of_antennas(piece, moving=True)))
            records.extend(sorted(found, key=lambda record: record.t_ns))
        return records

    def finish(self) -> list[Record]:
        """What can still be said when no more windows come."""
        return [*self.pause(), *self._hours.finish()]

    def pause(self) -> list[Record]:
        """What there is to say of minutes and boards that are not over, before a stop; hours go on."""
        return [*self._means.finish(), *self._spaces.finish(), *self.shelves.finish()]

    def is_silent(self, source: str) -> bool:
        """Whether a sensor says nothing though by its habit it should."""
        return self._health.is_silent(source)

    # Over a restart

    def memory(self) -> LiveMemory:
        """All that a later process needs to go on. It shares its parts with this: to be written at once."""
        return LiveMemory(
            now_ns=self._now_ns or 0,
            moving=frozenset(self._moving),
            means=self._means.memory(),
            spaces=self._spaces.memory(),
            presence=self._presence.memory(),
            hours=self._hours.memory(),
            health=self._health.memory(),
            shelves=self.shelves.memory(),
            bookings=self.bookings.memory(),
            seen=self._repeats.memory(),
        )

    def recall(self, memory: LiveMemory) -> None:
        """Go on with what `memory` gave. Raises ValueError where it contradicts itself."""
        self._presence.recall(memory.presence)
        self._means.recall(memory.means)
        self._spaces.recall(memory.spaces)
        self._hours.recall(memory.hours)
        self._health.recall(memory.health)
        self.shelves.recall(memory.shelves)
        self.bookings.recall(memory.bookings)
        self._repeats.recall(memory.seen)
        self._moving = set(memory.moving)
        self._now_ns = memory.now_ns
        self._longest_gap_ns = _LONGEST_STOP_NS

    def relive(self, window: Window) -> None:
        """Take a window that was taken before: what it said is said."""
        for piece in _without_jumps(self._repeats.fresh(window), _LONGEST_GAP_NS):
            self._begin_again_if_elsewhere(piece, _LONGEST_GAP_NS)
            self._follow(piece)
            self.shelves.relive(self._of_antennas(piece, moving=True))

    @property
    def n_repeats(self) -> int:
        """Readings that came twice and were used once."""
        return self._repeats.n_found

    def held_rows(self) -> int:
        """Readings that are neither used up nor summed up: what a memory is large by."""
        return self.shelves.held_rows() + self._spaces.held_rows()

    # Within

    def _follow(self, window: Window) -> list[Record]:
        """All but the shelves."""
        self._now_ns = window.end_ns
        self._moving.update(window.poses.sources[s] for s in np.unique(window.poses.source))
        records: list[Record] = []
        records.extend(self._means.step(window))
        rooms = self._spaces.step(window)
        records.extend(rooms)
        records.extend(self.bookings.step(rooms))
        records.extend(self._presence.step(self._of_antennas(window, moving=False)))
        records.extend(self._gates.step(window))
        records.extend(self._health.step(window))
        records.extend(self._hours.step(records))
        return records

    def _begin_again_if_elsewhere(self, window: Window, longest_ns: int) -> list[Record]:
        """Where the clock was set, or nobody listened for long, nothing goes on from before then."""
        if self._now_ns is None:
            return []
        is_back = window.end_ns < self._now_ns - _LONGEST_BACK_NS
        if is_back or _first_ns(window) > self._now_ns + longest_ns:
            return self._begin_again(window)
        return []

    def _begin_again(self, window: Window) -> list[Record]:
        """Tell what is open as it is, with its own times, and go on at the window's first reading."""
        before_ns, start_ns = self._now_ns or 0, _first_ns(window)
        told = self.finish()
        self._spaces.rest(start_ns)
        self._health.rest(start_ns)
        self._presence.rest()
        self.shelves.rest()
        if before_ns < IMPOSSIBLE_BEFORE_NS <= start_ns:
            # A board without a clock chip woke in 1970: what it told then ended where the right time began.
            return [moved(record, start_ns - before_ns) for record in told]
        return told

    def _of_antennas(self, window: Window, *, moving: bool) -> Window:
        """The window with the reads of moving antennas only (which ever told a pose), or of the others."""
        wanted = np.array([(source in self._moving) == moving for source in window.tags.sources], np.bool_)
        if wanted.all():
            return window
        return replace(window, tags=take(window.tags, wanted[window.tags.source]))


def _without_jumps(window: Window, longest_ns: int) -> Iterator[Window]:
    """The window, cut where nothing was read for so long: the clock was set in between."""
    if window.end_ns - window.start_ns <= longest_ns or not len(window):
        yield window
        return
    times_ns = np.sort(np.concatenate([columns.t_ns for columns in window.kinds()]))
    cuts = np.flatnonzero(np.diff(times_ns) > longest_ns)
    starts = [min(window.start_ns, int(times_ns[0])), *times_ns[cuts + 1].tolist()]
    ends = [*(times_ns[cuts] + 1).tolist(), window.end_ns]
    for start_ns, end_ns in zip(starts, ends, strict=True):
        yield _between(window, start_ns, end_ns)


def _between(window: Window, start_ns: int, end_ns: int) -> Window:
    def of(columns: C) -> C:
        return take(columns, (columns.t_ns >= start_ns) & (columns.t_ns < end_ns))

    first_ns = max(start_ns, window.start_ns)
    kinds = of(window.tags), of(window.poses), of(window.doors), of(window.rooms)
    return Window(*kinds, start_ns=first_ns, end_ns=end_ns)


def _first_ns(window: Window) -> int:
    return min((int(c.t_ns.min()) for c in window.kinds() if len(c)), default=window.end_ns)


def _hourly_use(building: Building) -> HourlyUse:
    opening = {space.id: parse(space.open) for space in building.spaces}
    return HourlyUse(ZoneInfo(building.timezone), opening)
