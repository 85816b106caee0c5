"""Hours of a space by the site's clock: what the week's heat map and the rate of seats are drawn from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from edge.events import Record, SpaceOccupied, SpaceUsed
from edge.fusion.spaces.hours import LocalTime, OpeningHours

_LONGEST_GAP_S: Final = 300.0
"""An estimate stands for so long at most when the next one does not come."""

Hour = tuple[date, int]


@dataclass(slots=True)
class OpenHour:
    """The estimates of an hour that is not over."""

    hour: Hour
    weekday: int
    last_ns: int
    people: list[float] = field(default_factory=list)
    occupied: float = 0.0
    open: int = 0
    valid_s: float = 0.0


class HourlyUse:
    """Feed it estimates in order; it gives each hour of each space when the hour is over."""

    def __init__(self, zone: ZoneInfo, opening: Mapping[str, OpeningHours]) -> None:
        self._zone = zone
        self._opening = opening
        self._hours: dict[str, OpenHour] = {}

    def step(self, records: Iterable[Record]) -> list[SpaceUsed]:
        """Take the estimates among `records`; an hour that has ended comes back."""
        return [used for r in records if isinstance(r, SpaceOccupied) for used in self._take(r)]

    def finish(self) -> list[SpaceUsed]:
        """The hours that have begun."""
        found = [_used(space, hour) for space, hour in self._hours.items()]
        self._hours.clear()
        return found

    def memory(self) -> dict[str, OpenHour]:
        """The hours that have begun, by space."""
        return self._hours

    def recall(self, memory: dict[str, OpenHour]) -> None:
        """Go on with what `memory` gave."""
        self._hours = {space: hour for space, hour in memory.items() if space in self._opening}

    def _take(self, r: SpaceOccupied) -> list[SpaceUsed]:
        local = LocalTime.at(r.t_ns, self._zone)
        hour = (local.date, local.minute // 60)
        now = self._hours.get(r.space)
        closed: list[SpaceUsed] = []
        if now is not None and hour > now.hour:
            closed.append(_used(r.space, now))
        if now is None or hour > now.hour:
            now = self._hours[r.space] = OpenHour(hour, local.weekday, now.last_ns if now else r.t_ns)
        now.people.append(r.people)
        now.occupied += r.occupied
        now.open += r.space in self._opening and self._opening[r.space].is_open(local)
        now.valid_s += min(max((r.t_ns - now.last_ns) / 1e9, 0.0), _LONGEST_GAP_S)
        now.last_ns = max(now.last_ns, r.t_ns)
        return closed


def _used(space: str, hour: OpenHour) -> SpaceUsed:
    n = len(hour.people)
    return SpaceUsed(
        t_ns=hour.last_ns,
        space=space,
        weekday=hour.weekday + 1,
        hour=hour.hour[1],
        people=round(sum(hour.people) / n, 3),
        peak=round(max(hour.people), 3),
        occupied=round(hour.occupied / n, 4),
        open_share=round(hour.open / n, 4),
        valid_s=round(hour.valid_s, 1),
    )
