"""Spaces as the daemon runs them: windows of any length in, a record a space and a door each minute out."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.columns import F64, I64, DoorColumns, Index, RoomColumns, concat, sort_by_time
from edge.events import DoorFlowed, Record, SpaceOccupied
from edge.fusion.spaces import snapshot
from edge.fusion.spaces.cut import Run, counts, cut, door_rows, room_rows
from edge.fusion.spaces.estimator import SpaceEstimator
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.health import SpaceHealth, State
from edge.fusion.spaces.levels import Fullness
from edge.fusion.spaces.monitor import Monitor, MonitorState, NoiseLimit
from edge.fusion.spaces.snapshot import EstimatorMemory
from edge.fusion.spaces.steps import Estimates, quality
from edge.fusion.window import Window

STEP_NS: Final = 10_000_000_000
EVERY_NS: Final = 60_000_000_000
CHANGE: Final = 1.0
_STEPS_OF_REST: Final = 200
_MOST_STEPS: Final = 2_000
"""In one silence: after days without a reading the steps grow, so that catching up costs little."""


@dataclass(slots=True)
class Flow:
    """The people through one door in a minute that is not over."""

    start_ns: int
    n_in: float = 0.0
    n_out: float = 0.0
    corrected_in: float = 0.0
    corrected_out: float = 0.0


@dataclass(frozen=True, slots=True)
class SpacesMemory:
    """What the estimator has learnt, readings that no step has taken yet, and the minute that is not over.

    By space, in the order of the estimator's: `said` people (NaN: nothing), `levels` of fullness, `monitor`.
    """

    estimator: EstimatorMemory
    doors: DoorColumns
    rooms: RoomColumns
    done_ns: int | None
    flows: dict[str, Flow]
    said: F64
    faults: dict[str, State]
    levels: Index
    monitor: MonitorState


class LiveSpaces:
    """All spaces of a building; feed it windows in order."""

    def __init__(self, building: Building, noise: tuple[NoiseLimit, ...] = ()) -> None:
        self._building = building
        self.estimator = SpaceEstimator(building)
        self._monitor = Monitor(building, noise)
        self._waiting: list[Window] = []
        self._done_ns: int | None = None
        self._flows: dict[str, Flow] = {}
        self._said = np.full(len(building.spaces), np.nan)
        self._health = SpaceHealth(silence=False)
        self._fullness = Fullness(building.spaces)

    def step(self, window: Window) -> list[Record]:
        """Take one window; what is to be said of every minute that it ends."""
        records: list[Record] = []
        for part in self._parts(window):
            done = self.estimator.advance(Run.of(part))
            (now,) = done.estimates()
            self._count_doors(part.start_ns)
            records.extend(self._monitor.step(done))
            is_minute = part.end_ns // EVERY_NS > part.start_ns // EVERY_NS
            records.extend(self._occupied(now, everyone=is_minute))
            if is_minute:
                records.extend(self._fullness.look([now.t_ns], now.numbers[None, :, 0]))
                records.extend(self._health.step(self.estimator.faults))
                records.extend(self._flowed(part.end_ns))
        return records

    def _occupied(self, e: Estimates, *, everyone: bool) -> Iterator[Record]:
        """All spaces each minute; in between those where people came or went, so that a board is live."""
        people = e.numbers[:, 0]
        is_news = np.isnan(self._said) | (np.abs(people - self._said) >= CHANGE) | everyone
        self._said = np.where(is_news, people, self._said)
        for s in np.flatnonzero(is_news).tolist():
            people_now, sd, chance = e.numbers[s].tolist()
            yield SpaceOccupied(
                t_ns=e.t_ns,
                space=self.estimator.ids[s],
                people=round(people_now, 2),
                people_sd=round(sd, 2),
                occupied=round(chance, 4),
                quality=quality(int(e.alive[s])),
            )

    def finish(self) -> list[Record]:
        """The door counts of the minute that is not over, when no more windows come."""
        doors, rooms = self._held()
        self._waiting = []
        if self._done_ns is None:
            return []
        times_ns = [int(c.t_ns[-1]) + 1 for c in (doors, rooms) if len(c)]
        end_ns = max([self._done_ns, *times_ns])
        self.estimator.step(Window(doors=doors, rooms=rooms, start_ns=self._done_ns, end_ns=end_ns))
        self._count_doors(self._done_ns)
        self._done_ns = end_ns
        return list(self._flowed(end_ns))

    def memory(self) -> SpacesMemory:
        """All that a later process needs to go on."""
        doors, rooms = self._held()
        return SpacesMemory(
            estimator=snapshot.dump(self.estimator),
            doors=doors,
            rooms=rooms,
            done_ns=self._done_ns,
            flows=self._flows,
            said=self._said,
            faults=self._health.said,
            levels=self._fullness.level,
            monitor=self._monitor.state,
        )

    def recall(self, memory: SpacesMemory) -> None:
        """Go on with what `memory` gave; of a building that was changed since, with the counts only."""
        self._hold(memory.doors, memory.rooms)
        self._done_ns, self._flows = memory.done_ns, memory.flows
        self._health.said = memory.faults
        with suppress(ValueError):
            snapshot.load(self.estimator, memory.estimator)
            self._said, self._fullness.level = memory.said, memory.levels
            self._monitor.state = memory.monitor

    def held_rows(self) -> int:
        """Readings that no step has taken yet."""
        return sum(len(window.doors) + len(window.rooms) for window in self._waiting)

    def rest(self, start_ns: int) -> None:
        """Begin again at `start_ns`, long after or before what came last: with what was learnt, silently."""
        before_ns, self._done_ns = self._done_ns, start_ns // STEP_NS * STEP_NS
        self._waiting = []
        if before_ns is None:
            return
        if start_ns < before_ns:
            self.estimator = _at_another_time(self._building, self.estimator)
            return
        step_ns = max(STEP_NS, (start_ns - before_ns) // _STEPS_OF_REST)
        for at_ns in range(before_ns, start_ns, step_ns):
            self.estimator.step(Window(start_ns=at_ns, end_ns=min(at_ns + step_ns, start_ns)))

    def _parts(self, window: Window) -> Iterator[Window]:
        """Steps that end at whole multiples of STEP_NS, where something was read or a minute ends; what is
        newer waits for the next window."""
        if len(window.doors) + len(window.rooms):
            self._waiting.append(window)
        start_ns = window.start_ns // STEP_NS * STEP_NS if self._done_ns is None else self._done_ns
        last_ns = window.end_ns // STEP_NS * STEP_NS
        if last_ns <= start_ns:
            self._done_ns = start_ns
            return
        doors, rooms = self._held()
        ends_ns = _ends(start_ns, last_ns, len(doors) + len(rooms))
        before = counts(doors, rooms, ends_ns, "left")
        is_read = np.diff(before.sum(axis=0), prepend=0) > 0
        is_minute = np.diff(ends_ns // EVERY_NS, prepend=start_ns // EVERY_NS) > 0
        ends_ns, before = ends_ns[is_read | is_minute], before[:, is_read | is_minute]
        yield from cut(doors, rooms, start_ns, ends_ns, before)
        self._done_ns = int(ends_ns[-1]) if len(ends_ns) else start_ns
        door, room = before[:, -1].tolist() if len(ends_ns) else (0, 0)
        self._hold(door_rows(doors, door, len(doors)), room_rows(rooms, room, len(rooms)))

    def _held(self) -> tuple[DoorColumns, RoomColumns]:
        """The readings that no step has taken yet, by time."""
        doors = concat([window.doors for window in self._waiting], DoorColumns)
        rooms = concat([window.rooms for window in self._waiting], RoomColumns)
        return sort_by_time(doors), sort_by_time(rooms)

    def _hold(self, doors: DoorColumns, rooms: RoomColumns) -> None:
        self._waiting = [Window(doors=doors, rooms=rooms)] if len(doors) + len(rooms) else []

    def _count_doors(self, start_ns: int) -> None:
        for door, passed in self.estimator.door_counts().items():
            flow = self._flows.setdefault(door, Flow(start_ns))
            flow.n_in += passed[0]
            flow.n_out += passed[1]
            flow.corrected_in += passed[2]
            flow.corrected_out += passed[3]

    def _flowed(self, end_ns: int) -> Iterator[DoorFlowed]:
        flows, self._flows = self._flows, {}
        for door, flow in flows.items():
            yield DoorFlowed(
                t_ns=end_ns,
                start_ns=flow.start_ns,
                door=door,
                n_in=round(flow.n_in),
                n_out=round(flow.n_out),
                corrected_in=round(flow.corrected_in, 2),
                corrected_out=round(flow.corrected_out, 2),
            )


def _at_another_time(building: Building, estimator: SpaceEstimator) -> SpaceEstimator:
    """What was learnt without when: the clock was set back."""
    again = SpaceEstimator(building)
    snapshot.load(again, snapshot.without_times(snapshot.dump(estimator)))
    return again


def _ends(start_ns: int, last_ns: int, n_readings: int) -> I64:
    """The ends of steps, the last one at `last_ns`."""
    step_ns = STEP_NS * max(1, (last_ns - start_ns) // STEP_NS // _MOST_STEPS)
    if n_readings > _MOST_STEPS:
        step_ns = STEP_NS
    ends_ns = np.arange(start_ns + step_ns, last_ns + step_ns, step_ns, dtype=np.int64)
    return np.minimum(ends_ns, last_ns)
