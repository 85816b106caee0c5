"""Ridge regression of people on what a room's sensors say, as the literature on CO2 counts has it.

It is taught, as nothing else in the table is: with the true people of every other day of the room, never with
those of the day that it is asked for. Hoerl & Kennard, Technometrics 12 (1970) 55-67.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import F64, I64, RoomColumns, concat, sort_by_time
from edge.fusion.spaces.clocks import Clocks
from edge.fusion.spaces.cut import Run
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.read import steps
from edge.fusion.window import Window

_MINUTE_NS: Final = 60_000_000_000
_BACK_NS: Final = (0, 15 * _MINUTE_NS, 60 * _MINUTE_NS)
_STRENGTH: Final = 1.0


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a space: its n moments, the true people, and by channel what is known then (n, 3)."""

    space: str
    t_ns: I64
    people: F64
    known: Mapping[str, F64]


def days_of(window: Window, building: Building, truth: Mapping[str, tuple[I64, F64]]) -> Iterator[Day]:
    """The days of a recording by the site's clock, where a truth is inside it.

    truth: by space, moments and people. The clocks of sources are put right as the estimator does it.
    """
    rooms, zone = _put_right(window, building), ZoneInfo(building.timezone)
    for space, (t_ns, people) in truth.items():
        known = _known_at(rooms, building, space, t_ns)
        inside = (t_ns >= window.start_ns) & (t_ns < window.end_ns)
        dates = np.array([_date(int(t), zone).toordinal() for t in t_ns])
        for day in np.unique(dates[inside]):
            own = inside & (dates == day)
            yield Day(space, t_ns[own], people[own], {name: columns[own] for name, columns in known.items()})


def by_day(days: list[Day]) -> list[F64]:
    """The people of each day of a space, as foretold from all its other days."""
    names = sorted({name for day in days for name in day.known})
    tables = _tables([_table(day, names) for day in days])
    squares = [table.T @ table for table in tables]
    products = [table.T @ day.people for table, day in zip(tables, days, strict=True)]
    penalty = np.diag(np.full(len(squares[0]), _STRENGTH))
    penalty[-1, -1] = 1e-9  # the mean is not drawn in
    total, wanted = np.sum(squares, axis=0) + penalty, np.sum(products, axis=0)
    return [
        np.maximum(table @ np.linalg.solve(total - square, wanted - product), 0.0)
        for table, square, product in zip(tables, squares, products, strict=True)
    ]


def _put_right(window: Window, building: Building) -> RoomColumns:
    clocks = Clocks(building)
    parts = [clocks.put_right(run)[0].rooms for run in map(Run.of, steps(window, 10 * _MINUTE_NS))]
    return sort_by_time(concat(parts, RoomColumns))


def _known_at(rooms: RoomColumns, building: Building, space: str, t_ns: I64) -> dict[str, F64]:
    """What every channel of the space said last at each moment, a quarter of an hour and an hour before."""
    channel = rooms.source.astype(np.intp) * len(rooms.quantities) + rooms.quantity
    found = {}
    for c in np.unique(channel).tolist():
        source, quantity = (
            rooms.sources[c // len(rooms.quantities)],
            rooms.quantities[c % len(rooms.quantities)],
        )
        if building.space_of_source.get(source) == space and quantity != "people":
            times, values = rooms.t_ns[channel == c], rooms.value[channel == c]
            found[f"{source} {quantity}"] = np.stack([_last(times, values, t_ns - b) for b in _BACK_NS], 1)
    return found


def _last(times: I64, values: F64, t_ns: I64) -> F64:
    place = np.searchsorted(times, t_ns, side="right") - 1
    return np.where(place >= 0, values[np.maximum(place, 0)], np.nan)


def _table(day: Day, names: list[str]) -> F64:
    missing = np.full((len(day.t_ns), len(_BACK_NS)), np.nan)
    return np.hstack([day.known.get(name, missing) for name in names])


def _tables(raw: list[F64]) -> list[F64]:
    """In deviations, what is missing at its mean, and a one for the mean of the people."""
    everything = np.concatenate(raw)
    mean, sd = np.nanmean(everything, axis=0), np.maximum(np.nanstd(everything, axis=0), 1e-9)
    scaled = [np.nan_to_num((table - mean) / sd) for table in raw]
    return [np.column_stack((table, np.ones(len(table)))) for table in scaled]


def _date(t_ns: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(t_ns // 1_000_000_000, UTC).astimezone(zone).date()
