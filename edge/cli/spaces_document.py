"""The JSON document of `edge spaces` (CONTRACT clause 4): written piece by piece, since a week is long."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.ext.estimates import rows
from edge.fusion.spaces.steps import quality

if TYPE_CHECKING:
    from edge.columns import Index
    from edge.fusion.spaces.bookings import Watch
    from edge.fusion.spaces.read import SpaceReport
    from edge.fusion.spaces.use import KindUse, UseDay, UseHour
    from edge.fusion.spaces.visits import VisitDay

_TOGETHER: Final = 60


def pieces(report: "SpaceReport") -> Iterator[bytes]:
    """The document's text, the occupancy some steps at a time."""
    yield b'{"occupancy": ['
    spaces, qualities = [_text(space) for space in report.spaces], _Qualities()
    for n in range(0, len(report.steps), _TOGETHER):
        steps = report.steps[n : n + _TOGETHER]
        texts = (rows(step.t_ns, step.numbers, spaces, qualities.of(step.alive)) for step in steps)
        yield (b", " if n else b"") + b", ".join(texts)
    yield b"]"
    for name, value in rest(report).items():
        yield f', "{name}": {json.dumps(value, ensure_ascii=False, allow_nan=False)}'.encode()
    yield b"}\n"


class _Qualities(dict[int, bytes]):
    """The JSON text of each quality, by the bits of its evidence."""

    _before: "tuple[Index, list[bytes]] | None" = None

    def __missing__(self, bits: int) -> bytes:
        return self.setdefault(bits, _text(quality(bits)))

    def of(self, alive: "Index") -> list[bytes]:
        """The texts of a step, by space: they are seldom others than those of the step before."""
        if self._before is None or not np.array_equal(alive, self._before[0]):
            self._before = alive, [self[bits] for bits in alive.tolist()]
        return self._before[1]


def rest(report: "SpaceReport") -> dict[str, object]:
    """All but the occupancy, by name."""
    return {
        "use": [_use(day) for day in report.days],
        "visits": [_visits(day) for day in report.visits],
        "kinds": [_kind(kind) for kind in report.kinds],
        "bookings": [_booking(watch) for watch in report.bookings],
        "health": [asdict(event) for event in report.health],
        "events": [{"type": event.TYPE} | asdict(event) for event in report.events],
        "profile": _profile(report.profile),
    }


def _profile(hours: "Sequence[UseHour]") -> list[dict[str, object]]:
    """As `asdict`, which takes a large building's week twenty times as long."""
    names = [one.name for one in fields(hours[0])] if hours else []
    return [{name: getattr(hour, name) for name in names} for hour in hours]


def _text(text: str) -> bytes:
    return json.dumps(text).encode()


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
