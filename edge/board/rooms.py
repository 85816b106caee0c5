"""Rooms: people, how full it is in one word, which way it goes, and what the air is like."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from edge.board.config import SpaceChange
from edge.board.document import SECOND_NS, Object, ms, rounded
from edge.config import Site, Space
from edge.events import (
    Record,
    RoomMeasured,
    SpaceBookingChanged,
    SpaceCapacityChanged,
    SpaceNoiseChanged,
    SpaceOccupied,
)

Band = Literal["unknown", "empty", "quiet", "moderate", "near", "full", "over"]
Trend = Literal["rising", "steady", "falling"]

HISTORY: Final = 180
_HISTORY_STEP_NS: Final = 60 * SECOND_NS
_TREND_NS: Final = 10 * 60 * SECOND_NS
_MODERATE: Final = 0.4
_NEAR: Final = 0.8
_CHANGES: Final = 2


@dataclass(slots=True)
class Room:
    """What is known of one room."""

    space: Space
    occupied: SpaceOccupied | None = None
    capacity: SpaceCapacityChanged | None = None
    noise: SpaceNoiseChanged | None = None
    booking: SpaceBookingChanged | None = None
    measures: dict[str, RoomMeasured] = field(default_factory=dict)
    history: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=HISTORY))

    @property
    def band(self) -> Band:
        """How full it is. Near its limits the fusion's own level counts, which does not flicker."""
        if self.occupied is None:
            return "unknown"
        ratio = self.occupied.people / self.space.capacity
        if self.capacity is not None and self.capacity.level != "ok":
            return self.capacity.level
        if self.occupied.people < 0.5:
            return "empty"
        if self.capacity is None and ratio >= _NEAR:
            return "over" if ratio > 1 else "full" if ratio == 1 else "near"
        return "quiet" if ratio < _MODERATE else "moderate"

    @property
    def trend(self) -> Trend:
        """Against ten minutes ago; a change that the uncertainty covers is none."""
        if self.occupied is None:
            return "steady"
        before = [people for t_ns, people in self.history if t_ns <= self.occupied.t_ns - _TREND_NS]
        if not before:
            return "steady"
        change = self.occupied.people - before[-1]
        least = max(2.0, self.occupied.people_sd, 0.05 * self.space.capacity)
        return "rising" if change > least else "falling" if change < -least else "steady"

    def occupy(self, record: SpaceOccupied) -> None:
        """Take an estimate; one that is older than the last is of no use here."""
        if self.occupied is not None and record.t_ns < self.occupied.t_ns:
            return
        self.occupied = record
        if not self.history or record.t_ns - self.history[-1][0] >= _HISTORY_STEP_NS:
            self.history.append((record.t_ns, record.people))


class Rooms:
    """All rooms of the site."""

    def __init__(self, site: Site, changes: Sequence[SpaceChange] = ()) -> None:
        self.rooms = {space.id: Room(space) for space in site.spaces}
        self._changes = sorted(changes, key=lambda change: change.date, reverse=True)

    def apply(self, record: Record) -> str | None:
        space = getattr(record, "space", None)
        room = self.rooms.get(space) if isinstance(space, str) else None
        if room is None:
            return None
        match record:
            case SpaceOccupied():
                room.occupy(record)
            case SpaceCapacityChanged():
                room.capacity = record
            case SpaceNoiseChanged():
                room.noise = record
            case SpaceBookingChanged():
                room.booking = record
            case RoomMeasured():
                room.measures[record.quantity] = record
            case _:
                return None
        return room.space.id

    def remember(self, space: str, points: Iterable[tuple[int, float]]) -> None:
        """Put earlier people on a room's curve."""
        if space in self.rooms:
            self.rooms[space].history.extend(points)

    def ids(self) -> list[str]:
        return list(self.rooms)

    def row(self, row_id: str) -> Object:
        room = self.rooms[row_id]
        space, now = room.space, room.occupied
        return {
            "name": space.name,
            "kind": space.kind,
            "zone": space.zone,
            "capacity": space.capacity,
            "seats": space.seats,
            "open": space.open,
            "people": rounded(now.people if now else None, 1),
            "sd": rounded(now.people_sd if now else None, 1),
            "occupied": rounded(now.occupied if now else None, 2),
            "quality": now.quality if now else None,
            "as_of": ms(now.t_ns if now else None),
            "band": room.band,
            "trend": room.trend,
            "history": [[ms(t_ns), round(people, 1)] for t_ns, people in room.history],
            "changes": self._changes_of(row_id),
            "noise": room.noise and room.noise.level,
            "booking": room.booking and room.booking.state,
            "measures": {
                quantity: [rounded(record.value, 1), ms(record.t_ns)]
                for quantity, record in sorted(room.measures.items())
            },
        }

    def _changes_of(self, space: str) -> list[list[str]]:
        """Day and text of the last changes, the newest first."""
        own = [change for change in self._changes if change.space == space]
        return [[change.date.isoformat(), change.text] for change in own[:_CHANGES]]
