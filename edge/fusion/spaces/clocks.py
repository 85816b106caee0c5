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

from edge.columns import F64, I64, RoomColumns, concat, take
from edge.events import SensorHealthChanged
from edge.fusion.spaces import hours
from edge.fusion.spaces.graph import Building

_HOUR_NS: Final = 3_600_000_000_000
_EVERY_NS: Final = 600_000_000_000
_TELLING: Final = ("sound_dba", "illuminance_lux", "co2_ppm", "motion", "presence")
_MOST_RISE_PPM: Final = 30.0
_ENOUGH: Final = 48 * 6  # samples of ten minutes, and of them open and closed each
_EACH: Final = 4 * 6
_AHEAD: Final = 0.5  # deviations by which the moved clock must fit better


@dataclass(slots=True)
class _Channel:
    """What a source said of one quantity: sums by how its clock is taken (as it is, later, earlier) and by
    whether the room was closed or open then."""

    sums: F64 = field(default_factory=lambda: np.zeros((3, 2)))
    counts: F64 = field(default_factory=lambda: np.zeros((3, 2)))
    squares: float = 0.0
    before: float = np.nan

    def add(self, value: float, is_open: list[bool]) -> None:
        at = np.arange(3), np.array(is_open, np.intp)
        self.sums[at] += value
        self.counts[at] += 1.0
        self.squares += value * value

    def contrast(self) -> F64 | None:
        """By how much it says more while open than while closed, in deviations; None: too little is known."""
        n = float(self.counts[0].sum())
        if n < _ENOUGH or self.counts.min() < _EACH:
            return None
        mean = float(self.sums[0].sum()) / n
        variance = self.squares / n - mean * mean
        if variance <= 1e-9 * mean * mean:
            return None
        means = self.sums / self.counts
        found: F64 = (means[:, 1] - means[:, 0]) / variance**0.5
        return found


@dataclass(slots=True)
class Clocks:
    """Pass all readings of a recording through `put_right`; `off_ns` tells the sources that were moved."""

    building: Building
    off_ns: dict[str, int] = field(default_factory=dict)
    _channels: dict[tuple[str, str], _Channel] = field(default_factory=dict)
    _held: RoomColumns = field(default_factory=RoomColumns)
    _looked_ns: int = 0
    _hours: dict[str, hours.OpeningHours] = field(init=False)
    _zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        of_space = {space.id: hours.parse(space.open) for space in self.building.spaces}
        known = self.building.space_of_source.items()
        self._hours = {source: of_space[space] for source, space in known if space in of_space}
        self._zone = ZoneInfo(self.building.timezone)

    def put_right(self, rooms: RoomColumns, end_ns: int) -> tuple[RoomColumns, list[SensorHealthChanged]]:
        """The readings of a step that ends then, those of moved sources when it is time; what was found."""
        found: list[SensorHealthChanged] = []
        if end_ns - self._looked_ns >= _EVERY_NS:
            self._looked_ns = end_ns
            self._look(rooms, end_ns)
            found = self._decide(end_ns)
        return self._hold(rooms, end_ns), found

    def _look(self, rooms: RoomColumns, end_ns: int) -> None:
        offset_ns = self._offset_ns(end_ns)
        if not offset_ns:
            return
        moments = [hours.LocalTime.at(end_ns + off, self._zone) for off in (0, offset_ns, -offset_ns)]
        for n in range(len(rooms)):
            source, quantity = rooms.sources[rooms.source[n]], rooms.quantities[rooms.quantity[n]]
            if quantity in _TELLING and source in self._hours and source not in self.off_ns:
                channel = self._channels.setdefault((source, quantity), _Channel())
                told = _told(channel, quantity, float(rooms.value[n]))
                if np.isfinite(told):
                    channel.add(told, [self._hours[source].is_open(moment) for moment in moments])

    def _decide(self, end_ns: int) -> list[SensorHealthChanged]:
        by_source: dict[str, list[F64]] = {}
        for (source, _), channel in self._channels.items():
            if source not in self.off_ns and (contrast := channel.contrast()) is not None:
                by_source.setdefault(source, []).append(contrast)
        offset_ns, found = self._offset_ns(end_ns), []
        for source, contrasts in by_source.items():
            mean = np.mean(contrasts, axis=0)
            best = int(np.argmax(mean))
            if best and mean[0] < 0.0 and mean[best] > mean[0] + _AHEAD:
                self.off_ns[source] = off_ns = offset_ns if best == 1 else -offset_ns
                hours_off = -off_ns / _HOUR_NS
                reason = f"its clock stands {hours_off:+g} h off: it tells of people while the room is closed"
                found.append(SensorHealthChanged(end_ns, source, "implausible", reason))
        return found

    def _hold(self, rooms: RoomColumns, end_ns: int) -> RoomColumns:
        early = {source: off for source, off in self.off_ns.items() if off > 0}
        if not early:
            return rooms
        by_source: I64 = np.array([early.get(source, 0) for source in rooms.sources], np.int64)
        off = by_source[rooms.source]
        moved = take(rooms, off > 0)
        waiting = concat([self._held, replace(moved, t_ns=moved.t_ns + off[off > 0])], RoomColumns)
        self._held = take(waiting, waiting.t_ns > end_ns)
        return concat([take(rooms, off == 0), take(waiting, waiting.t_ns <= end_ns)], RoomColumns)

    def _offset_ns(self, t_ns: int) -> int:
        """How far the site's clocks are ahead of UTC."""
        offset = datetime.fromtimestamp(t_ns // 1_000_000_000, UTC).astimezone(self._zone).utcoffset()
        return 0 if offset is None else round(offset.total_seconds()) * 1_000_000_000


def _told(channel: _Channel, quantity: str, value: float) -> float:
    """What speaks for people at once: CO2 stays when they have gone, its rise does not."""
    if quantity != "co2_ppm":
        return value
    rise = value - channel.before
    channel.before = value
    return min(max(rise, 0.0), _MOST_RISE_PPM) if np.isfinite(rise) else float("nan")
