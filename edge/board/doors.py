"""Doors: people in and out today, as counted and as corrected, hour by hour."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from edge.board.document import SECOND_NS, Object, ms, rounded
from edge.config import Door, Site
from edge.events import DoorFlowed, Record

_MOST_FLOWS: Final = 20_000


@dataclass(slots=True)
class DoorToday:
    """One door's flows of the last day seen, by when each began: a repeat replaces itself."""

    door: Door
    day: date | None = None
    flows: dict[int, DoorFlowed] = field(default_factory=dict)
    hours: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in range(24)])
    counted: tuple[int, int] = (0, 0)
    corrected: tuple[float, float] = (0.0, 0.0)
    last_ns: int | None = None

    def take(self, record: DoorFlowed, local: datetime) -> bool:
        """Add a flow of today; whether it was one."""
        if self.day is not None and local.date() < self.day:
            return False
        if local.date() != self.day or len(self.flows) >= _MOST_FLOWS:
            self._begin(local.date())
        self._add(self.flows.pop(record.start_ns, None), local.hour, -1)
        self.flows[record.start_ns] = record
        self._add(record, local.hour, 1)
        self.last_ns = max(self.last_ns or 0, record.t_ns)
        return True

    def _begin(self, day: date) -> None:
        if day != self.day:
            self.counted, self.corrected = (0, 0), (0.0, 0.0)
            self.hours = [[0, 0] for _ in range(24)]
        self.day = day
        self.flows.clear()

    def _add(self, record: DoorFlowed | None, hour: int, sign: int) -> None:
        if record is None:
            return
        self.counted = (self.counted[0] + sign * record.n_in, self.counted[1] + sign * record.n_out)
        self.corrected = (
            self.corrected[0] + sign * record.corrected_in,
            self.corrected[1] + sign * record.corrected_out,
        )
        self.hours[hour][0] += sign * record.n_in
        self.hours[hour][1] += sign * record.n_out


class Doors:
    """All doors of the site; a day begins at midnight of its time zone."""

    def __init__(self, site: Site) -> None:
        self.doors = {door.id: DoorToday(door) for door in site.doors}
        self._zone: ZoneInfo = site.timezone

    def apply(self, record: Record) -> str | None:
        if not isinstance(record, DoorFlowed) or record.door not in self.doors:
            return None
        local = datetime.fromtimestamp(record.t_ns // SECOND_NS, self._zone)
        return record.door if self.doors[record.door].take(record, local) else None

    def ids(self) -> list[str]:
        return list(self.doors)

    def row(self, row_id: str) -> Object:
        today = self.doors[row_id]
        return {
            "from": today.door.from_,
            "to": today.door.to,
            "source": today.door.source,
            "in": today.counted[0],
            "out": today.counted[1],
            "in_corrected": rounded(today.corrected[0], 0),
            "out_corrected": rounded(today.corrected[1], 0),
            "day": today.day and today.day.isoformat(),
            "hours": today.hours,
            "as_of": ms(today.last_ns),
        }
