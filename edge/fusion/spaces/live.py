"""Spaces as the daemon runs them: windows of any length in, a record a space and a door each minute out."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from edge.columns import DoorColumns, RoomColumns, concat, take
from edge.events import DoorFlowed, Record, SpaceOccupied
from edge.fusion.spaces import snapshot
from edge.fusion.spaces.estimator import SpaceEstimate, SpaceEstimator
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.health import SpaceHealth, State
from edge.fusion.spaces.levels import Fullness, Level
from edge.fusion.spaces.monitor import Monitor, NoiseLimit
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
    """What the estimator has learnt, readings that no step has taken yet, and the minute that is not over."""

    estimator: dict[str, Any]
    doors: DoorColumns
    rooms: RoomColumns
    done_ns: int | None
    flows: dict[str, Flow]
    said: dict[str, float]
    faults: dict[str, State]
    levels: dict[str, Level]


class LiveSpaces:
    """All spaces of a building; feed it windows in order."""

    def __init__(self, building: Building, noise: tuple[NoiseLimit, ...] = ()) -> None:
        self._building = building
        self.estimator = SpaceEstimator(building)
        self._monitor = Monitor(building, noise)
        self._waiting = Window()
        self._done_ns: int | None = None
        self._flows: dict[str, Flow] = {}
        self._said: dict[str, float] = {}
        self._health = SpaceHealth(silence=False)
        self._fullness = Fullness({space.id: space.capacity for space in building.spaces})

    def step(self, window: Window) -> list[Record]:
        """Take one window; what is to be said of every minute that it ends."""
        records: list[Record] = []
        for part in self._parts(window):
            now = self.estimator.advance(part)
            estimates = now.rows(self.estimator.ids)
            self._count_doors(part.start_ns)
            records.extend(self._monitor.step(self.estimator, now))
            is_minute = part.end_ns // EVERY_NS > part.start_ns // EVERY_NS
            records.extend(self._occupied(estimates, everyone=is_minute))
            if is_minute:
                records.extend(self._fullness.step(estimates))
                records.extend(self._health.step(self.estimator))
                records.extend(self._flowed(part.end_ns))
        return records

    def _occupied(self, estimates: Iterable[SpaceEstimate], *, everyone: bool) -> Iterator[Record]:
        """All spaces each minute; in between those where people came or went, so that a board is live."""
        for estimate in estimates:
            said = self._said.get(estimate.space)
            if everyone or said is None or abs(estimate.people - said) >= CHANGE:
                self._said[estimate.space] = estimate.people
                yield _occupied(estimate)

    def finish(self) -> list[Record]:
        """The door counts of the minute that is not over, when no more windows come."""
        waiting, self._waiting = self._waiting, Window()
        if self._done_ns is None:
            return []
        times_ns = [int(c.t_ns.max()) + 1 for c in (waiting.doors, waiting.rooms) if len(c)]
        end_ns = max([self._done_ns, *times_ns])
        self.estimator.step(replace(waiting, start_ns=self._done_ns, end_ns=end_ns))
        self._count_doors(self._done_ns)
        self._done_ns = end_ns
        return list(self._flowed(end_ns))

    def memory(self) -> SpacesMemory:
        """All that a later process needs to go on."""
        return SpacesMemory(
            estimator=snapshot.dump(self.estimator),
            doors=self._waiting.doors,
            rooms=self._waiting.rooms,
            done_ns=self._done_ns,
            flows=self._flows,
            said=self._said,
            faults=self._health.said,
            levels=self._fullness.level,
        )

    def recall(self, memory: SpacesMemory) -> None:
        """Go on with what `memory` gave; of a building that was changed since, with the counts only."""
        with suppress(ValueError):
            snapshot.load(self.estimator, memory.estimator)
        self._waiting = replace(Window(), doors=memory.doors, rooms=memory.rooms)
        self._done_ns, self._flows = memory.done_ns, memory.flows
        known = {space.id for space in self._building.spaces}
        self._said = {space: said for space, said in memory.said.items() if space in known}
        self._fullness.level = {space: level for space, level in memory.levels.items() if space in known}
        self._health.said = memory.faults

    def held_rows(self) -> int:
        """Readings that no step has taken yet."""
        return len(self._waiting)

    def rest(self, start_ns: int) -> None:
        """Begin again at `start_ns`, long after or before what came last: with what was learnt, silently."""
        before_ns, self._done_ns = self._done_ns, start_ns // STEP_NS * STEP_NS
        self._waiting = Window()
        if before_ns is None:
            return
        if start_ns < before_ns:
            self.estimator = _at_another_time(self._building, self.estimator)
            return
        step_ns = max(STEP_NS, (start_ns - before_ns) // _STEPS_OF_REST)
        for at_ns in range(before_ns, start_ns, step_ns):
            self.estimator.step(Window(start_ns=at_ns, end_ns=min(at_ns + step_ns, start_ns)))

    def _parts(self, window: Window) -> Iterator[Window]:
        """Steps that end at whole multiples of STEP_NS; what is newer waits for the next window."""
        doors = concat([self._waiting.doors, window.doors], DoorColumns)
        rooms = concat([self._waiting.rooms, window.rooms], RoomColumns)
        start_ns = window.start_ns // STEP_NS * STEP_NS if self._done_ns is None else self._done_ns
        last_ns = window.end_ns // STEP_NS * STEP_NS
        step_ns = STEP_NS * max(1, (last_ns - start_ns) // STEP_NS // _MOST_STEPS)
        if len(doors) + len(rooms) > _MOST_STEPS:
            step_ns = STEP_NS
        while start_ns < last_ns:
            end_ns = min(start_ns + step_ns, last_ns)
            early, soon = doors.t_ns < end_ns, rooms.t_ns < end_ns
            yield Window(doors=take(doors, early), rooms=take(rooms, soon), start_ns=start_ns, end_ns=end_ns)
            doors, rooms = take(doors, ~early), take(rooms, ~soon)
            start_ns = end_ns
        self._done_ns = start_ns
        self._waiting = replace(Window(), doors=doors, rooms=rooms)

    def _count_doors(self, start_ns: int) -> None:
        for door, counts in self.estimator.door_counts().items():
            flow = self._flows.setdefault(door, Flow(start_ns))
            flow.n_in += counts[0]
            flow.n_out += counts[1]
            flow.corrected_in += counts[2]
            flow.corrected_out += counts[3]

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
    learnt = snapshot.dump(estimator)
    learnt["t_ns"] = None
    learnt["arrays"]["doors.last_ns"] = [0] * len(building.doors)
    again = SpaceEstimator(building)
    snapshot.load(again, learnt)
    return again


def _occupied(estimate: SpaceEstimate) -> SpaceOccupied:
    return SpaceOccupied(
        t_ns=estimate.t_ns,
        space=estimate.space,
        people=round(estimate.people, 2),
        people_sd=round(estimate.people_sd, 2),
        occupied=round(estimate.occupied, 4),
        quality=estimate.quality,
    )
