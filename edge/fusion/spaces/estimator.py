"""People in every space, some steps after others: doors move them, all other evidence corrects them.

An extended Kalman filter over the graph of spaces (`edge.ext.occupancy`, `edge.ext.balance`). What is not
known beforehand (how many each counter misses, how fast the air changes, the sensors' offsets) is part of its
state, so that each night's empty rooms and each hour's balance teach it. There is no look-ahead: the same
estimator runs live and goes forward through a recording (`hindsight` then goes back). Not for life safety.
"""

import math
from dataclasses import dataclass

import numpy as np

from edge.columns import F64, I64, Index
from edge.ext import hearing, occupancy, sound
from edge.ext.balance import AIR, PEOPLE
from edge.ext.hearing import FLIPPED, JUMPED, SILENT
from edge.ext.occupancy import (
    BELOW,
    CAPACITY,
    CLOSED_H,
    COUNTED,
    HEADS,
    HINT,
    ODDS,
    OPEN,
    PLACES,
    SAID,
    SEEN,
    STRAY_ALL,
    STRAY_ON,
    TRUST,
    USUAL,
    Known,
)
from edge.fusion.spaces.beside import Beside
from edge.fusion.spaces.channels import Channels
from edge.fusion.spaces.checkpoint import Checkpoint
from edge.fusion.spaces.cut import Run
from edge.fusion.spaces.doors import Doors
from edge.fusion.spaces.faults import NONE, Faults
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.habit import Habit
from edge.fusion.spaces.hints import Hints
from edge.fusion.spaces.layout import drift, initial, layout
from edge.fusion.spaces.options import SpaceOptions
from edge.fusion.spaces.reversal import Reversal, Trial
from edge.fusion.spaces.shadow import Shadow
from edge.fusion.spaces.state import FilterState, new_filter
from edge.fusion.spaces.steps import SpaceEstimate, Steps, as_steps
from edge.fusion.spaces.timetable import Timetable
from edge.fusion.spaces.usual import Usual
from edge.fusion.window import Window

_HOUR_NS = 3_600_000_000_000
_SLOW_H = 55 / 3600
_SILENT_NS = 900_000_000_000
_STRAYS_BEFORE = 0.2  # of both: errors of the air are taken to go on


@dataclass(frozen=True, slots=True)
class Turn:
    """A door is to be taken the other way round in what ends after `t_ns`."""

    t_ns: int
    door: int


@dataclass(frozen=True, slots=True, eq=False)
class _Lived:
    """What was taken in of T steps: how long each took (T,), the kernels' tables before them and after each,
    the bits of what is alive (T, n_spaces), what is known then; the step after which a door is suspected,
    and the door."""

    step_h: F64
    spaces: F64
    doors: F64
    alive: Index
    known: Known
    suspected: tuple[int, int] | None


class SpaceEstimator:
    """Feed it runs of steps in order; get an estimate a space and step.

    `faults` are those of the last run, `number` is that of the next step on a tape. `found` are the doors
    that it turned because of what they count; `turns` those it is told to turn. `fit` is the log-likelihood
    of all that was said (no constant). Where `is_asked` is False nobody wants the numbers that it tells:
    they are 0 where it does not want them itself.
    """

    def __init__(self, building: Building, options: SpaceOptions | None = None) -> None:
        self.building = building
        self.ids = tuple(space.id for space in building.spaces)
        self.options = options or SpaceOptions()
        self._for_kernel = self.options.for_kernel()
        n = len(building.spaces)
        where = layout(building, self.options.spaces_per_block)
        x, P = initial(building, where, self.options)
        self.state = FilterState(where, new_filter(x, P, drift(building, where, self.options), where))
        self.spaces = _table(building, self.options)
        self.heard = np.zeros((n, sound.COLUMNS))
        self.channels = Channels(building)
        self.doors = Doors(building)
        self.timetable = Timetable(building)
        self.habit = Habit(n, building.timezone)
        self.usual = Usual(self.spaces[:, USUAL].copy(), self.options.usual_least)
        self.hints = Hints(n, building.timezone)
        self.reversal = Reversal(self.doors.sides[:, 0], self.doors.sides[:, 1], n)
        self.beside = Beside(self.doors.sides)
        self.t_ns: int | None = None
        self.usual_air: dict[tuple[int, bool], tuple[float, float]] = {}
        self.shadow: Shadow | None = None
        self.since_slow_h = 0.0
        self.faults = NONE
        self.turns: list[Turn] = []
        self.found: list[Turn] = []
        self.fit = 0.0
        self.number = 0
        self.is_asked = True
        self._before: Checkpoint | None = None

    def step(self, window: Window) -> list[SpaceEstimate]:
        """Take in one window; estimates at its end."""
        return next(self.advance(Run.of(window)).estimates()).rows(self.ids) if self.ids else []

    def advance(self, run: Run) -> Steps:
        """Take in the first steps of a run: as many as go together, one at least."""
        run = run.part(0, self._together(run))
        written = self.state.filter.tape.written
        if len(run) > 1:
            self._before = Checkpoint.of(self, self._before)
        done, suspected = self._go(run)
        if self._before is not None and suspected is not None and suspected[0] + 1 < len(run):
            self._before.recall(self)
            self.state.filter.tape.used[0] = written
            done, suspected = self._go(run.part(0, suspected[0] + 1))
        if suspected is not None:
            self._try_reversed(suspected[1])
        return done

    def relive(self, run: Run, *, quiet: bool = False) -> int:
        """Take in the first steps of a run that `advance` took at once: for what it puts down on the tape.
        Nothing is told of them; how many they are. `quiet`: no door was turned by what it counted in them,
        so that trials, which change nothing else, are left out."""
        if quiet:
            self.shadow = self.reversal.trial = None
        run = run.part(0, self._together(run))
        lived = self._live(run, quiet=quiet)
        self._count_heads(int(run.ends_ns[-1]), lived.spaces[-1])  # such steps are taken by themselves
        self._end(lived)
        if lived.suspected is not None:
            self._try_reversed(lived.suspected[1])
        return len(run)

    def _together(self, run: Run) -> int:
        """The steps in which nothing but the filter has a say: no space opens or closes, no door is turned
        or on trial, no heads are counted."""
        if self.shadow is not None or self.habit.known or "people" in run.rooms.quantities:
            return 1
        n = self.timetable.together(run.ends_ns)
        if self.turns:
            n = min(n, max(1, int(np.searchsorted(run.ends_ns, self.turns[0].t_ns, "right"))))
        return n

    def _go(self, run: Run) -> tuple[Steps, tuple[int, int] | None]:
        """Take in all steps of a run; the first of them after which a door is suspected, and the door."""
        lived = self._live(run)
        spaces, doors, alive = lived.spaces, lived.doors, lived.alive
        numbers = self._tell(run.ends_ns, spaces, lived.known.people, alive, lived.step_h)
        passed = hearing.correct(lived.known.missed, self.doors.sides, doors[1:], len(self.ids))
        self._end(lived)
        done = as_steps(run.ends_ns, numbers, alive, passed, spaces[1:], doors[1:], self.doors.sides)
        return done, lived.suspected

    def _live(self, run: Run, *, quiet: bool = False) -> "_Lived":
        """Take in what all steps of a run say; where it is `quiet`, nobody looks for doors to suspect."""
        step_h = run.step_h(self.t_ns)
        end_ns, self.t_ns = int(run.ends_ns[-1]), int(run.ends_ns[-1])
        opened, closed_h = self.timetable.step(run.ends_ns, step_h)
        for space, is_open in opened:
            self._change_air(space, is_open)
        self._go_on_as_usual(end_ns, float(step_h[0]))
        while self.turns and self.turns[0].t_ns < int(run.ends_ns[0]):
            self._turn(self.turns.pop(0).door)
        spaces, doors, alive = self._hear(run, step_h, closed_h)
        beside = None if quiet else self.beside.follow(run.ends_ns, doors[1:])
        known, suspected = self._live_on(spaces, doors, step_h, beside)
        if self.found:
            doors[-1] = self.doors.table
            self.faults.turned[-1] = doors[-1, :, FLIPPED] != 0.0
        return _Lived(step_h, spaces, doors, alive, known, suspected)

    def _end(self, lived: "_Lived") -> None:
        """Go on from the last of some steps."""
        self.spaces[:], self.doors.table[:] = lived.spaces[-1], lived.doors[-1]

    def _hear(self, run: Run, step_h: F64, closed_h: F64) -> tuple[F64, F64, Index]:
        """What is said in the steps: the kernels' tables before them and after each, filled with it, and the
        bits of the evidence that is alive."""
        spaces = np.empty((len(run) + 1, *self.spaces.shape))
        spaces[0] = self.spaces
        spaces[1:, :, OPEN], spaces[1:, :, CLOSED_H] = self.timetable.open, closed_h
        alive, stuck, beyond = self.channels.take(run.rooms, run.sensed(), spaces[1:, :, SAID])
        doors, last_ns = self.doors.take(run.doors, run.counted(), step_h, spaces, alive)
        self.faults = Faults(
            t_ns=run.ends_ns,
            channels=self.channels.sources,
            doors=[door.source for door in self.building.doors],
            stuck=stuck,
            beyond=beyond,
            silent=(doors[1:, :, SILENT] != 0.0) & (run.ends_ns[:, None] - last_ns[1:] > _SILENT_NS),
            turned=doors[1:, :, FLIPPED] != 0.0,
            jumped=doors[1:, :, JUMPED] != 0.0,
        )
        return spaces, doors, alive

    def _count_heads(self, end_ns: int, spaces: F64) -> None:
        """Where heads are counted, habits are learnt, and nothing is taken for usual beforehand."""
        counted = np.flatnonzero(~np.isnan(spaces[:, HEADS]))
        if len(counted):
            self.habit.learn(end_ns, counted, spaces[counted, HEADS])
            spaces[counted, USUAL] = 0.0

    def door_counts(self) -> dict[str, tuple[float, float, float, float]]:
        """In and out in the last step by door: as counted, then as corrected; only doors that counted any."""
        table = self.doors.table
        columns = table[:, [hearing.N_IN, hearing.N_OUT, hearing.REAL_IN, hearing.REAL_OUT]]
        counted = np.flatnonzero(columns[:, 0] + columns[:, 1]).tolist()
        return {self.building.doors[d].id: tuple(columns[d].tolist()) for d in counted}

    def _slow(self, step_h: F64, signs: F64) -> F64:
        """By step, for how long what lasts is to be taken in: a minute or more, or when a sign was seen."""
        found, is_sign = np.zeros(len(step_h)), np.any(~np.isnan(signs), axis=1)
        for t, (taken_h, seen) in enumerate(zip(step_h.tolist(), is_sign, strict=True)):
            self.since_slow_h += taken_h
            if seen or self.since_slow_h >= _SLOW_H:
                found[t], self.since_slow_h = self.since_slow_h, 0.0
        return found

    def _live_on(
        self, spaces: F64, doors: F64, step_h: F64, beside: F64 | None
    ) -> tuple[Known, tuple[int, int] | None]:
        """Move the filter on, and beside it the one that takes a suspected door the other way; the step after
        which a door is suspected, and the door. `beside`: what doors say of those beside them; None: none is
        to be suspected."""
        moved = self.doors.moved(doors[1:], self.options.door_noise)
        slow_h = self._slow(step_h, spaces[1:, :, SEEN])
        given = spaces, moved, self._for_kernel, step_h, slow_h
        gain = self.shadow.step(self.state, self.heard, *given) if self.shadow is not None else 0.0
        known = self.state.advance(self.heard, *given, self.number)
        self.number, self.fit = self.number + len(step_h), self.fit + known.fit
        if beside is None:
            return known, None
        turned = doors[1:, :, FLIPPED] != 0.0
        suspected = self.reversal.note(moved[..., :2], spaces[1:, :, BELOW], turned, step_h, beside)
        if self.shadow is None:
            return known, suspected
        self._judge(self.shadow, gain, float(step_h[0]), float(beside[0, self.shadow.door]))
        return known, None

    def _tell(self, ends_ns: I64, spaces: F64, people: F64, alive: Index, step_h: F64) -> F64:
        """The numbers to be told of each step."""
        if self._all_counted(spaces[1:]) and self.hints.wait(alive, step_h):
            spaces[1:, :, HINT] = 0.0
            if not self.is_asked:
                return np.zeros((*alive.shape, 3))
            rows = people.reshape(-1, 2), spaces[1:].reshape(-1, occupancy.COLUMNS)
            return occupancy.tell(*rows, self._for_kernel).reshape(*alive.shape, 3)
        numbers = np.empty((*alive.shape, 3))
        for t, (end_ns, taken_h) in enumerate(zip(ends_ns.tolist(), step_h.tolist(), strict=True)):
            now = spaces[t + 1]
            now[:, USUAL] = spaces[t, :, USUAL]
            self._count_heads(end_ns, now)
            self.hints.give(now, alive[t], taken_h)
            numbers[t] = occupancy.tell(people[t], now, self._for_kernel)
            self.usual.learn(now, numbers[t, :, 0], alive[t], taken_h)
            self.hints.learn(end_ns, numbers[t, :, 2], alive[t], taken_h)
        return numbers

    def _all_counted(self, spaces: F64) -> bool:
        """Whether people are counted in all spaces, by doors alone: then no habit of theirs has a say."""
        by_doors = (spaces[..., COUNTED] != 0.0) & np.isnan(spaces[..., HEADS])
        return bool(by_doors.all())

    def _try_reversed(self, door: int) -> None:
        """Put a door on trial."""
        self.shadow = self._reversed(door)
        self.reversal.trial = Trial(door)

    def _judge(self, shadow: Shadow, gain: float, step_h: float, beside: float) -> None:
        """Go on with the trial of a door, whose filter fits better by `gain`."""
        verdict = self.reversal.decide(gain, step_h, beside)
        if verdict:
            shadow.adopt(self.state, self.heard)
            self._turn(shadow.door)
            self.found.append(Turn(self.t_ns or 0, shadow.door))
        if verdict is not None:
            self.shadow = None

    def _turn(self, door: int) -> None:
        self.doors.flip(door)
        self.beside.turned(door)

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
        is_counted = bool(self.spaces[space, COUNTED])
        again = min(float(self.spaces[space, TRUST]) / o.trust_least, 1.0) if is_counted else 1.0
        for state in (self.state, self.shadow) if self.shadow else (self.state,):
            state.set_apart(space, AIR, mean, variance + again * o.changes_again_sd**2)


def _table(building: Building, o: SpaceOptions) -> F64:
    """The kernel's table of spaces before the first reading."""
    table = np.zeros((len(building.spaces), occupancy.COLUMNS))
    table[:, CAPACITY] = [space.capacity for space in building.spaces]
    table[:, PLACES] = [space.seats or space.capacity for space in building.spaces]
    table[:, USUAL] = np.maximum(o.usual_share * table[:, CAPACITY], o.usual_least)
    table[:, TRUST] = 1.0
    table[:, [STRAY_ON, STRAY_ALL]] = _STRAYS_BEFORE
    table[:, ODDS] = np.nan
    return table
