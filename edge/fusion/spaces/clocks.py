"""Sources whose clock is off by the site's distance from UTC, found and put right by when rooms are open.

The commonest fault of a logger's clock is local time taken for UTC, or UTC for local time. It shows where a
source hears, sees and breathes people when the room is closed and nobody when it is open, and all is well
once its stamps are moved by the offset. Readings that are stamped too early are held back for as long as
they are early, so that nothing is known before it was measured; stamps that lie ahead can only be told.

For recordings: what arrives live was measured when it arrived.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import I64, RoomColumns, concat, take
from edge.events import SensorHealthChanged
from edge.fusion.spaces import hours
from edge.fusion.spaces.cut import Run
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.rhythm import Rhythm

_HOUR_NS: Final = 3_600_000_000_000
_EVERY_NS: Final = 600_000_000_000
_AHEAD: Final = 0.5  # deviations by which the moved clock must fit better


@dataclass(slots=True)
class Clocks:
    """Pass all readings of a recording through `put_right`; `off_ns` tells the sources that were moved."""

    building: Building
    off_ns: dict[str, int] = field(default_factory=dict)
    _held: RoomColumns = field(default_factory=RoomColumns)
    _looked_ns: int = 0
    _rhythm: Rhythm = field(init=False)
    _zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        of_space = {space.id: hours.parse(space.open) for space in self.building.spaces}
        known = self.building.space_of_source.items()
        self._rhythm = Rhythm({source: of_space[space] for source, space in known if space in of_space})
        self._zone = ZoneInfo(self.building.timezone)

    def put_right(self, run: Run) -> tuple[Run, list[SensorHealthChanged]]:
        """The readings of a run, those of moved sources when it is time; what was found."""
        found: list[SensorHealthChanged] = []
        parts, first = [], 0
        for t, end_ns in enumerate(run.ends_ns.tolist()):
            if end_ns - self._looked_ns >= _EVERY_NS:
                parts.append(self._hold(run.part(first, t)))
                self._looked_ns, first = end_ns, t
                self._look(run.part(t, t + 1).rooms, end_ns)
                found += self._decide(end_ns)
        parts.append(self._hold(run.part(first, len(run))))
        return (run.with_rooms_of(parts) if self._early else run), found

    @property
    def _early(self) -> dict[str, int]:
        """The sources whose stamps are too early, and by how much."""
        return {source: off for source, off in self.off_ns.items() if off > 0}

    def _look(self, rooms: RoomColumns, end_ns: int) -> None:
        offset_ns = self._offset_ns(end_ns)
        if offset_ns and len(rooms):
            offsets_ns = (0, offset_ns, -offset_ns)
            self._rhythm.add(rooms, [hours.LocalTime.at(end_ns + off, self._zone) for off in offsets_ns])

    def _decide(self, end_ns: int) -> list[SensorHealthChanged]:
        offset_ns, found = self._offset_ns(end_ns), []
        sources, contrast = self._rhythm.contrasts()
        is_off = (contrast[:, 0] < 0.0) & (contrast.max(axis=1) > contrast[:, 0] + _AHEAD)
        for place in np.flatnonzero(is_off).tolist():
            if (source := sources[place]) not in self.off_ns:
                is_late = contrast[place, 1] >= contrast[place, 2]
                self.off_ns[source] = off_ns = offset_ns if is_late else -offset_ns
                hours_off = -off_ns / _HOUR_NS
                reason = f"its clock stands {hours_off:+g} h off: it tells of people while the room is closed"
                found.append(SensorHealthChanged(end_ns, source, "implausible", reason))
        return found

    def _hold(self, run: Run) -> Run:
        """Each reading of a moved source in the step in which it was measured; later ones are kept."""
        if not (early := self._early) or not len(run):
            return run
        by_source: I64 = np.array([early.get(source, 0) for source in run.rooms.sources], np.int64)
        off = by_source[run.rooms.source]
        moved = take(run.rooms, off > 0)
        waiting = concat([self._held, replace(moved, t_ns=moved.t_ns + off[off > 0])], RoomColumns)
        due = waiting.t_ns <= run.ends_ns[-1]
        self._held = take(waiting, ~due)
        rooms = concat([take(run.rooms, off == 0), take(waiting, due)], RoomColumns)
        came = np.searchsorted(run.room_ends, np.flatnonzero(off == 0), "right")
        step = np.concatenate((came, np.searchsorted(run.ends_ns, waiting.t_ns[due])))
        ends = np.bincount(step, minlength=len(run)).cumsum()
        return replace(run, rooms=take(rooms, np.argsort(step, kind="stable")), room_ends=ends)

    def _offset_ns(self, t_ns: int) -> int:
        """How far the site's clocks are ahead of UTC."""
        offset = datetime.fromtimestamp(t_ns // 1_000_000_000, UTC).astimezone(self._zone).utcoffset()
        return 0 if offset is None else round(offset.total_seconds()) * 1_000_000_000
