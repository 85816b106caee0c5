"""Fusion as the daemon runs it: one window after another in, records out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import take
from edge.events import Record
from edge.fusion.inventory import Board
from edge.fusion.live_health import LiveHealth
from edge.fusion.live_shelves import LiveShelves
from edge.fusion.locate import Calibration
from edge.fusion.measure import RoomMeans
from edge.fusion.presence import Presence, PresenceOptions
from edge.fusion.spaces import Building
from edge.fusion.spaces.hourly import HourlyUse
from edge.fusion.spaces.hours import parse
from edge.fusion.spaces.live import LiveSpaces
from edge.fusion.spaces.live_bookings import LiveBookings
from edge.fusion.window import Window
from edge.library.shelf_list import ShelfList


@dataclass(frozen=True, slots=True)
class LiveModel:
    """What fusion must know of the site."""

    space_of_source: Mapping[str, str | None] = field(default_factory=dict)
    presence: PresenceOptions = field(default_factory=PresenceOptions)
    building: Building = field(default_factory=lambda: Building(()))
    boards: tuple[Board, ...] = ()
    books: ShelfList | None = None
    calibration: Calibration = field(default_factory=Calibration)


class Live:
    """All live fusion of one site."""

    def __init__(self, model: LiveModel) -> None:
        self._means = RoomMeans(dict(model.space_of_source))
        self._presence = Presence(model.presence)
        self._spaces = LiveSpaces(model.building)
        self._hours = _hourly_use(model.building)
        self._health = LiveHealth()
        self.shelves = LiveShelves(model.boards, model.books, model.calibration)
        self.bookings = LiveBookings()
        self._moving: set[str] = set()

    def step(self, window: Window) -> list[Record]:
        """What the window's readings say, oldest first."""
        self._moving.update(window.poses.sources[s] for s in np.unique(window.poses.source))
        records: list[Record] = []
        records.extend(self._means.step(window))
        rooms = self._spaces.step(window)
        records.extend(rooms)
        records.extend(self.bookings.step(rooms))
        records.extend(self._presence.step(self._of_antennas(window, moving=False)))
        records.extend(self.shelves.step(self._of_antennas(window, moving=True)))
        records.extend(self._health.step(window))
        records.extend(self._hours.step(records))
        return sorted(records, key=lambda record: record.t_ns)

    def is_silent(self, source: str) -> bool:
        """Whether a sensor says nothing though by its habit it should."""
        return self._health.is_silent(source)

    def finish(self) -> list[Record]:
        """What can still be said when no more windows come."""
        rooms = [*self._means.finish(), *self._spaces.finish()]
        return [*rooms, *self.shelves.finish(), *self._hours.finish()]

    def _of_antennas(self, window: Window, *, moving: bool) -> Window:
        """The window with the reads of moving antennas only (which ever told a pose), or of the others."""
        wanted = np.array([(source in self._moving) == moving for source in window.tags.sources], np.bool_)
        if wanted.all():
            return window
        return replace(window, tags=take(window.tags, wanted[window.tags.source]))


def _hourly_use(building: Building) -> HourlyUse:
    opening = {space.id: parse(space.open) for space in building.spaces}
    return HourlyUse(ZoneInfo(building.timezone), opening)
