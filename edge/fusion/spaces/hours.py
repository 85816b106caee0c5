"""Opening hours such as `mon-fri 08:00-22:00`, in the site's time zone, daylight saving included."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = rf"(?:{'|'.join(_DAYS)})(?:-(?:{'|'.join(_DAYS)}))?"
_HOURS: Final = re.compile(rf"({_DAY}(?:,{_DAY})*) (\d\d):(\d\d)-(\d\d):(\d\d)")
_MINUTES_A_DAY: Final = 24 * 60
_MINUTE_S: Final = 60
_MINUTES_KEPT: Final = 2_000


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A moment in the site's time zone."""

    date: date
    weekday: int
    minute: int

    @classmethod
    def at(cls, t_ns: int, zone: ZoneInfo) -> "LocalTime":
        return _local(t_ns // (_MINUTE_S * 1_000_000_000), zone)


@lru_cache(maxsize=_MINUTES_KEPT)
def _local(minute: int, zone: ZoneInfo) -> LocalTime:
    """That of a minute since 1970; who asks after another asks for the same ones."""
    moment = datetime.fromtimestamp(minute * _MINUTE_S, UTC).astimezone(zone)
    return LocalTime(moment.date(), moment.weekday(), moment.hour * 60 + moment.minute)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Of each weekday the stretches [from, to) in minutes; one that ends after midnight goes on next day."""

    by_day: tuple[tuple[tuple[int, int], ...], ...]

    def is_open(self, local: LocalTime) -> bool:
        today = self.by_day[local.weekday]
        yesterday = self.by_day[local.weekday - 1]
        return any(a <= local.minute < b for a, b in today) or any(
            local.minute < b - _MINUTES_A_DAY for _, b in yesterday
        )

    def minutes(self, weekday: int) -> int:
        """How many minutes a day of that weekday is open for."""
        return sum(b - a for a, b in self.by_day[weekday])


def parse(lines: Iterable[str]) -> OpeningHours:
    """The hours of a week. 23:59 is taken as the end of the day. Raises ValueError where one is malformed."""
    by_day: list[list[tuple[int, int]]] = [[] for _ in _DAYS]
    for line in lines:
        found = _HOURS.fullmatch(line.strip())
        if found is None:
            raise ValueError(f"expected hours such as 'mon-fri 08:00-22:00', found {line!r}")
        start, end = (int(found[n]) * 60 + int(found[n + 1]) for n in (2, 4))
        if end == _MINUTES_A_DAY - 1:
            end = _MINUTES_A_DAY
        for day in _weekdays(found[1]):
            by_day[day].append((start, end if end > start else end + _MINUTES_A_DAY))
    return OpeningHours(tuple(tuple(day) for day in by_day))


def _weekdays(text: str) -> list[int]:
    days: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        a, b = _DAYS.index(first), _DAYS.index(last or first)
        days.extend(day % 7 for day in range(a, b + 1 if b >= a else b + 8))
    return days
