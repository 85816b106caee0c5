"""The JSON document of `edge spaces` (CONTRACT clause 4): written piece by piece, since a week is long."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.columns import F64
from edge.fusion.spaces.estimator import Estimates, quality

if TYPE_CHECKING:
    from edge.fusion.spaces.bookings import Watch
    from edge.fusion.spaces.read import SpaceReport
    from edge.fusion.spaces.use import KindUse, UseDay
    from edge.fusion.spaces.visits import VisitDay

_ROW: Final = '{{"space": {}, "t_ns": %s, "people": %s, "people_sd": %s, "occupied": %s, "quality": "%s"}}'
_LARGEST: Final = 1000


def pieces(report: "SpaceReport") -> Iterator[str]:
    """The document's text, the occupancy a step at a time."""
    yield '{"occupancy": ['
    template = ", ".join(_ROW.format(json.dumps(space)) for space in report.spaces)
    for n, step in enumerate(report.steps):
        yield (", " if n else "") + template % _values(step)
    yield "]"
    for name, value in rest(report).items():
        yield f', "{name}": {json.dumps(value, ensure_ascii=False, allow_nan=False)}'
    yield "}\n"


def rest(report: "SpaceReport") -> dict[str, object]:
    """All but the occupancy, by name."""
    return {
        "use": [_use(day) for day in report.days],
        "visits": [_visits(day) for day in report.visits],
        "kinds": [_kind(kind) for kind in report.kinds],
        "bookings": [_booking(watch) for watch in report.bookings],
        "health": [asdict(event) for event in report.health],
        "events": [{"type": event.TYPE} | asdict(event) for event in report.events],
        "profile": [asdict(hour) for hour in report.profile],
    }


def _values(step: Estimates) -> tuple[str, ...]:
    people, sd, chance = step.numbers.T
    columns = (_texts(people, 2), _texts(sd, 2), _texts(chance, 4), map(quality, step.alive.tolist()))
    return tuple(chain.from_iterable(zip(repeat(str(step.t_ns)), *columns, strict=False)))


def _texts(values: F64, digits: int) -> list[str]:
    """Numbers from 0 on, rounded: looked up, which is three times as fast as writing each."""
    scale = 10**digits
    if values.max(initial=0.0) * scale >= len(_table(scale)) - 1 or not values.min(initial=0.0) >= 0.0:
        return [repr(round(value, digits)) for value in values.tolist()]
    texts: list[str] = _table(scale)[np.rint(values * scale).astype(np.intp)].tolist()
    return texts


@cache
def _table(scale: int) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    most = scale if scale > _LARGEST else _LARGEST * scale
    return np.array([repr(n / scale) for n in range(most + 2)], dtype=object)


def _use(day: "UseDay") -> dict[str, object]:
    return {
        "space": day.space,
        "date": day.date.isoformat(),
        "visits_in": round(day.visits_in),
        "visits_out": round(day.visits_out),
        "counted_in": round(day.counted_in),
        "counted_out": round(day.counted_out),
        "peak": round(day.peak),
        "mean_people": _rounded(day.mean_people),
        "seat_hours": round(day.seat_hours, 2),
        "occupancy_rate": _rounded(day.occupancy_rate),
        "hours_over_80": round(day.busy_hours, 2),
        "dwell_h": _rounded(day.dwell_h),
        "open_hours": round(day.open_hours, 2),
        "valid_hours": round(day.valid_hours, 2),
        "share_estimated": _rounded(day.share_estimated),
        "feedback": _rounded(day.mean_feedback),
        "feedbacks": round(day.feedbacks),
    }


def _visits(day: "VisitDay") -> dict[str, object]:
    return {
        "date": day.date.isoformat(),
        "counted_in": round(day.counted_in),
        "counted_out": round(day.counted_out),
        "gate_count": round(day.gate_count),
        "visits": round(day.entered),
        "share_estimated": _rounded(day.share_estimated),
    }


def _kind(kind: "KindUse") -> dict[str, object]:
    return {
        "kind": kind.kind,
        "spaces": kind.spaces,
        "seats": kind.seats,
        "seat_hours": round(kind.seat_hours, 2),
        "person_hours": round(kind.person_hours, 2),
        "hours_over_80": round(kind.busy_hours, 2),
        "occupancy_rate": _rounded(kind.occupancy_rate),
    }


def _booking(watch: "Watch") -> dict[str, object]:
    return {
        "id": watch.booking.id,
        "space": watch.booking.space,
        "outcome": watch.outcome,
        "arrived_ns": watch.arrived_ns,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
