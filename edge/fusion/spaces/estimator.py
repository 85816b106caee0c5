"""People in every space, one window after another: doors move them, all other evidence corrects them.

An extended Kalman filter over the graph of spaces (`edge.ext.occupancy`, `edge.ext.balance`). What is not
known beforehand (how many each counter misses, how fast the air changes, the sensors' offsets) is part of its
state, so that each night's empty rooms and each hour's balance teach it. There is no look-ahead: the same
estimator runs live and goes forward through a recording (`hindsight` then goes back). Not for life safety.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np

from edge.columns import F64, Index
from edge.ext import hearing, occupancy, sound
from edge.ext.balance import AIR, PEOPLE
from edge.ext.occupancy import (
    BELOW,
    CAPACITY,
    CLOSED_H,
    COUNTED,
    ODDS,
    OPEN,
    PLACES,
    SAID,
    SEEN,
    TRUST,
    USUAL,
)
from edge.fusion.spaces.channels import EVIDENCE, Channels
from edge.fusion.spaces.doors import Doors
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.habit import Habit
from edge.fusion.spaces.hints import Hints
from edge.fusion.spaces.layout import drift, initial, layout
from edge.fusion.spaces.options import SpaceOptions
from edge.fusion.spaces.reversal import Reversal, Trial
from edge.fusion.spaces.shadow import Shadow
from edge.fusion.spaces.state import FilterState, new_filter
from edge.fusion.spaces.timetable import Timetable
from edge.fusion.spaces.usual import Usual
from edge.fusion.window import Window

_HOUR_NS = 3_600_000_000_000
_SLOW_H = 55 / 3600


@dataclass(frozen=True, slots=True)
class SpaceEstimate:
    """People in a space at `t_ns`; `occupied` is the probability that anyone is there; `quality` names the
    evidence that was alive, joined by +."""

    space: str
    t_ns: int
    people: float
    people_sd: float
    occupied: float
    quality: str


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """All spaces at `t_ns`: `numbers` (n_spaces, 3) are people, their deviation, and the probability that
    anyone is there; `alive` the bits of the evidence; `passed` (n_spaces, 4) people in and out since the
    step before, as counted, then with those missed."""

    t_ns: int
    numbers: F64
    alive: Index
    passed: F64

    def rows(self, spaces: tuple[str, ...]) -> list[SpaceEstimate]:
        """One estimate a space; `spaces` are their ids."""
        columns = zip(spaces, self.numbers.tolist(), self.alive.tolist(), strict=True)
        return [
            SpaceEstimate(space, self.t_ns, m, sd, p, quality(bits)) for space, (m, sd, p), bits in columns
        ]


@functools.cache
def quality(bits: int) -> str:
    """The names of the kinds of evidence whose bits are set."""
    return "+".join(sorted(kind for n, kind in enumerate(EVIDENCE) if bits >> n & 1))


@dataclass(frozen=True, slots=True)
class Turn:
    """A door is to be taken the other way round in what ends after `t_ns`."""

    t_ns: int
    door: int


class SpaceEstimator:
    """Feed it windows in order; get an estimate a space at each one's end.

    `found` are the doors that it turned because of what they count; `turns` those it is told to turn. `fit`
    is the log-likelihood of all that was said (no constant).
    """

    def __init__(self, building: Building, options: SpaceOptions | None = None) -> None:
        self.building = building
        self.ids = tuple(space.id for space in building.spaces)
        self.options = options or SpaceOptions()
        self._for_kernel = self.options.for_kernel()
        n = len(building.spaces)
        where = layout(building, self.options.spaces_per_block)
        x, P = initial(building, where, self.options)
        self.state = FilterState(where, new_filter(x, P, drift(where, self.options), where))
        self.spaces = _table(building, self.options)
        self.heard = np.zeros((n, sound.COLUMNS))
        self.channels = Channels(building)
        self.doors = Doors(building)
        self.timetable = Timetable(building)
        self.habit = Habit(n, building.timezone)
        self.usual = Usual(self.spaces[:, USUAL].copy(), self.options.usual_least)
        self.hints = Hints(n, building.timezone)
        self.reversal = Reversal(self.doors.sides[:, 0], self.doors.sides[:, 1], n)
        self.t_ns: int | None = None
        self.usual_air: dict[tuple[int, bool], tuple[float, float]] = {}
        self.shadow: Shadow | None = None
        self.since_slow_h = 0.0
        self.turns: list[Turn] = []
        self.found: list[Turn] = []
        self.fit = 0.0

    def step(self, window: Window) -> list[SpaceEstimate]:
        """Take in one window; estimates at its end."""
        return self.advance(window).rows(self.ids) if self.ids else []

    def advance(self, window: Window) -> Estimates:
        """The same, as columns."""
        end_ns = window.end_ns
        step_h = max(end_ns - (self.t_ns if self.t_ns is not None else window.start_ns), 0) / _HOUR_NS
        self._tell_time(end_ns, step_h)
        self._go_on_as_usual(end_ns, step_h)
        self.t_ns = end_ns
        while self.turns and self.turns[0].t_ns < end_ns:
            self.doors.flip(self.turns.pop(0).door)
        alive = self.channels.take(window.rooms, end_ns)
        self.spaces[:, SAID] = self.channels.said
        self.doors.take(window.doors, self.spaces, alive, end_ns, step_h)
        self._count_heads(end_ns)
        slow_h = self._slow(step_h)
        occupancy.settle(self.spaces, step_h, slow_h)
        self._live_on(step_h, slow_h)
        self.hints.give(self.spaces, alive, step_h)
        numbers = occupancy.estimate(self.state.filter, self.spaces, self._for_kernel)
        self.usual.learn(self.spaces, numbers[:, 0], alive, step_h)
        self.hints.learn(end_ns, numbers[:, 2], alive, step_h)
        passed = hearing.correct(
            self.state.x, self.state.filter.ends, self.doors.sides, self.doors.table, len(self.ids)
        )
        return Estimates(end_ns, numbers, alive, passed)

    def _count_heads(self, end_ns: int) -> None:
        """Where heads are counted, habits are learnt, and nothing is taken for usual beforehand."""
        heads = self.spaces[:, occupancy.HEADS]
        counted = np.flatnonzero(~np.isnan(heads))
        if len(counted):
            self.habit.learn(end_ns, counted, heads[counted])
            self.spaces[counted, USUAL] = 0.0

    def door_counts(self) -> dict[str, tuple[float, float, float, float]]:
        """In and out in the last step by door: as counted, then as corrected; only doors that counted any."""
        table = self.doors.table
        columns = table[:, [hearing.N_IN, hearing.N_OUT, hearing.REAL_IN, hearing.REAL_OUT]]
        counted = np.flatnonzero(columns[:, 0] + columns[:, 1]).tolist()
        return {self.building.doors[d].id: tuple(columns[d].tolist()) for d in counted}

    def _tell_time(self, end_ns: int, step_h: float) -> None:
        for space, is_open in self.timetable.step(end_ns, step_h):
            self._change_air(space, is_open)
        self.spaces[:, OPEN] = self.timetable.open
        self.spaces[:, CLOSED_H] = self.timetable.closed_h

    def _slow(self, step_h: float) -> float:
        """For how long what lasts is to be taken in now: a minute or more, or when a sign was seen."""
        self.since_slow_h += step_h
        if self.since_slow_h < _SLOW_H and np.isnan(self.spaces[:, SEEN]).all():
            return 0.0
        since_h, self.since_slow_h = self.since_slow_h, 0.0
        return since_h

    def _live_on(self, step_h: float, slow_h: float) -> None:
        """Move the filter on a step, and beside it the one that takes a suspected door the other way."""
        o = self._for_kernel
        moved = self.doors.moved(self.options.door_noise)
        gain = 0.0
        if self.shadow is not None:
            gain = self.shadow.step(self.state, self.spaces, moved, o, step_h, slow_h)
        self.fit += occupancy.advance(self.state.filter, self.spaces, moved, o, step_h, slow_h)
        occupancy.learn(self.state.filter, self.spaces, o)
        sound.listen(self.state.filter, self.spaces, self.heard, step_h)
        self.reversal.note(moved[:, :2], self.spaces[:, BELOW], step_h)
        self._try_reversal(gain, step_h)

    def _try_reversal(self, gain: float, step_h: float) -> None:
        if self.shadow is None:
            door = self.reversal.suspect()
            if door is not None:
                self.shadow = self._reversed(door)
                self.reversal.trial = Trial(door)
            return
        verdict = self.reversal.decide(gain, step_h)
        if verdict:
            self.shadow.adopt(self.state, self.heard)
            self.doors.flip(self.shadow.door)
            self.found.append(Turn(self.t_ns or 0, self.shadow.door))
        if verdict is not None:
            self.shadow = None

    def _reversed(self, door: int) -> Shadow:
        """The filter as it would be had the door been taken the other way round for the last hour."""
        other = Shadow.of(door, self.state, self.heard)
        moved = float(self.reversal.moved[door])
        for side, sign in ((1, -1), (0, 1)):
            s = int(self.doors.sides[door, side])
            if s >= 0:
                back = float(self.reversal.below[s])
                people = float(self.state.get(PEOPLE)[s]) + sign * 2 * moved - back
                other.set_apart(s, PEOPLE, max(people, 0.0), moved**2 + 4.0)
        return other

    def _go_on_as_usual(self, end_ns: int, step_h: float) -> None:
        """Where no door is counted, people come and go by habit."""
        if step_h > 0 and self.habit.known:
            people = self.state.get(PEOPLE)
            change = self.habit.drift(end_ns - round(step_h * _HOUR_NS), end_ns, people)
            change = np.maximum(change, -np.maximum(people, 0.0))
            self.state.shift(PEOPLE, np.where(self.spaces[:, COUNTED] > 0, 0.0, change))

    def _change_air(self, space: int, is_open: bool) -> None:
        """Keep what was learnt of the air changes in these hours, and take up what is known of the others."""
        o = self.options
        at = np.array([space])
        self.usual_air[space, not is_open] = (
            float(self.state.get(AIR, at)[0]),
            float(self.state.variance(AIR, at)[0]),
        )
        changes = o.changes_open_h if is_open else o.changes_closed_h
        mean, variance = self.usual_air.get((space, is_open), (math.log(changes), o.changes_sd**2))
        for state in (self.state, self.shadow) if self.shadow else (self.state,):
            state.set_apart(space, AIR, mean, variance + 0.05**2)


def _table(building: Building, o: SpaceOptions) -> F64:
    """The kernel's table of spaces before the first reading."""
    table = np.zeros((len(building.spaces), occupancy.COLUMNS))
    table[:, CAPACITY] = [space.capacity for space in building.spaces]
    table[:, PLACES] = [space.seats or space.capacity for space in building.spaces]
    table[:, USUAL] = np.maximum(o.usual_share * table[:, CAPACITY], o.usual_least)
    table[:, TRUST] = 1.0
    table[:, ODDS] = np.nan
    return table
