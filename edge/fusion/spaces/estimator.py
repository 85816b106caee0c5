"""People in every space, one window after another: doors move them, all other evidence corrects them.

An extended Kalman filter over the graph of spaces (`edge.ext.balance`). What is not known beforehand (how
many each counter misses, how fast the air changes, the sensors' offsets) is part of its state, so that each
night's empty rooms and each hour's balance teach it. There is no look-ahead: the same estimator reads a
recording and runs live. Not for life safety.
"""

import copy
import functools
import math
from dataclasses import dataclass

import numpy as np

from edge.columns import F64, Index, RoomColumns
from edge.ext import balance
from edge.ext.balance import AIR, EXCESS, PEOPLE, SWING, Flows
from edge.fusion.spaces.air import Air
from edge.fusion.spaces.channels import KINDS, Channels, Mask
from edge.fusion.spaces.doors import Doors
from edge.fusion.spaces.evidence import Evidence
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.habit import Habit
from edge.fusion.spaces.layout import drift, initial, layout
from edge.fusion.spaces.options import SpaceOptions
from edge.fusion.spaces.reversal import Reversal, Trial, log_likelihood
from edge.fusion.spaces.signs import Signs
from edge.fusion.spaces.state import FilterState, Rows
from edge.fusion.spaces.timetable import Timetable
from edge.fusion.window import Window

_HOUR_NS = 3_600_000_000_000
_LEAST_SD = 0.2
_SOMEONE = 0.5
_SLOW_H = 55 / 3600
_SIGNS = ("presence", "motion")


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


@dataclass(frozen=True, slots=True)
class Passage:
    """People into and out of a space in a step, as counted and as corrected for those missed."""

    space: str
    counted_in: float
    counted_out: float
    people_in: float
    people_out: float


@dataclass(frozen=True, slots=True)
class _Change:
    """What a step brings to a filter: noise, what it leaves of SWING, measurements."""

    noise: F64
    keep: float
    rows: Rows
    step_h: float


@dataclass(frozen=True, slots=True)
class _Told:
    """How a step went: by how much each space fell below nobody, innovations, and the log-likelihood."""

    below: F64
    innovation: F64
    spread: F64
    likelihood: float


class SpaceEstimator:
    """Feed it windows in order; get an estimate a space at each one's end."""

    def __init__(self, building: Building, options: SpaceOptions | None = None) -> None:
        self.building = building
        self.options = options or SpaceOptions()
        n = len(building.spaces)
        where = layout(building, self.options.spaces_per_block)
        self.state = FilterState(where, *initial(building, where, self.options))
        self.channels = Channels(building)
        self.doors = Doors(building, where)
        self.air = Air(self.options, n)
        self.signs = Signs(n)
        self.timetable = Timetable(building)
        self.habit = Habit(n, building.timezone)
        self.reversal = Reversal(self.doors.origin, self.doors.target, n)
        self.t_ns: int | None = None
        self._drift = drift(where, self.options)
        self._shadow: FilterState | None = None
        self._since_signs_h = 0.0
        self._capacity = np.array([space.capacity for space in building.spaces], np.float64)
        seats = np.array([space.seats or space.capacity for space in building.spaces], np.float64)
        self._evidence = Evidence(self.options, self._capacity, seats)
        self._quiet_h = np.zeros(n)
        self.counted: Mask = np.zeros(n, bool)
        self.usual_air: dict[tuple[int, bool], tuple[float, float]] = {}

    def step(self, window: Window) -> list[SpaceEstimate]:
        """Take in one window; estimates at its end."""
        if not self.building.spaces:
            return []
        end_ns = window.end_ns
        step_h = max(end_ns - (self.t_ns if self.t_ns is not None else window.start_ns), 0) / _HOUR_NS
        self.t_ns = end_ns
        for space, is_open in self.timetable.step(end_ns, step_h):
            self._change_air(space, is_open)
        self._go_on_as_usual(end_ns, step_h)
        noise, keep = self._noise(step_h)
        listened = self._listen(self.doors.take(window.doors, end_ns, step_h), step_h)
        rows, air_space = self._rows(window.rooms, listened, end_ns, step_h)
        flows = self.doors.flows(self.options.door_noise)
        self._live_on(_Change(noise, keep, rows, step_h), air_space, flows)
        return self._estimates(end_ns)

    def _live_on(self, change: _Change, air_space: Index, flows: Flows) -> None:
        """Move the filter on a step, and beside it the one that takes a suspected door the other way."""
        told = self._advance(self.state, change, flows)
        n_air = len(air_space)
        self.air.learn(self.state, air_space, told.innovation[:n_air], told.spread[:n_air])
        self.reversal.note(self.doors.net, told.below, change.step_h)
        self._try_reversal(change, told.likelihood)

    def _advance(self, state: FilterState, change: _Change, flows: Flows) -> _Told:
        """One step of one filter."""
        where, share = state.where, self.options.positive_share
        balance.predict(state.x, state.P, where.n_spaces, change.noise, change.step_h, change.keep)
        balance.flow(state.x, state.P, flows)
        below = np.maximum(-state.get(PEOPLE), 0.0)
        balance.keep_positive(state.x, state.P, where.n_spaces, share)
        innovation, spread = state.measure(change.rows)
        balance.keep_positive(state.x, state.P, where.n_spaces, share)
        likelihood = log_likelihood(below, innovation, spread)
        return _Told(below, innovation, spread, likelihood)

    def _try_reversal(self, change: _Change, likelihood: float) -> None:
        trial = self.reversal.trial
        if trial is None or self._shadow is None:
            door = self.reversal.suspect()
            if door is not None:
                self._shadow = self._reversed(door)
                self.reversal.trial = Trial(door)
            return
        flows = self.doors.flows(self.options.door_noise, flip=trial.door)
        other = self._advance(self._shadow, change, flows)
        verdict = self.reversal.decide(other.likelihood - likelihood, change.step_h)
        if verdict:
            self.state = self._shadow
            self.doors.flipped[trial.door] ^= True
        if verdict is not None:
            self._shadow = None

    def _reversed(self, door: int) -> FilterState:
        """The filter as it would be had the door been taken the other way round for the last hour."""
        other = copy.copy(self.state)
        other.x, other.P = self.state.x.copy(), self.state.P.copy()
        moved = float(self.reversal.moved[door])
        for side, sign in ((self.doors.target, -1), (self.doors.origin, 1)):
            s = int(side[door])
            if s >= 0:
                back = float(self.reversal.below[s])
                people = float(self.state.get(PEOPLE)[s]) + sign * 2 * moved - back
                other.set_apart(s, PEOPLE, max(people, 0.0), moved**2 + 4.0)
        return other

    def _go_on_as_usual(self, end_ns: int, step_h: float) -> None:
        """Where no door is counted, people come and go by habit."""
        if step_h > 0 and self.habit.weight.any():
            people = self.state.get(PEOPLE)
            change = self.habit.drift(end_ns - round(step_h * _HOUR_NS), end_ns, people)
            self.state.shift(
                PEOPLE, np.where(self.counted, 0.0, np.maximum(change, -np.maximum(people, 0.0)))
            )

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
        self.state.set_apart(space, AIR, mean, variance + 0.05**2)

    def _noise(self, step_h: float) -> tuple[F64, float]:
        """The variance that a step adds to every state, and what it leaves of SWING."""
        o, where = self.options, self.state.where
        keep = math.exp(-step_h / o.swing_time_h)
        noise = self._drift * step_h
        free = (o.free_share * self._capacity) ** 2 * np.where(self.timetable.open, 1.0, 0.05)
        people = np.where(self.counted, o.idle_noise, free) * step_h + self.doors.unseen(len(free), step_h)
        for which, variance in (
            (PEOPLE, people),
            (EXCESS, self.air.noise(self.state.get(EXCESS)) * step_h),
            (SWING, self.air.trust * o.swing_sd**2 * (1 - keep * keep)),
        ):
            noise[where.block, where.at + which] = variance
        return noise, keep

    def _listen(self, heard_door: Mask, step_h: float) -> Mask:
        """Which spaces had a door that was heard; for how long nobody has left them."""
        heard = np.zeros(len(self.building.spaces), bool)
        left = np.zeros(len(self.building.spaces))
        for side, n in ((self.doors.origin, self.doors.n_in), (self.doors.target, self.doors.n_out)):
            inside = side >= 0
            heard[side[inside & heard_door]] = True
            np.add.at(left, side[inside], n[inside])
        self.counted |= heard
        self._quiet_h = np.where(left > 0, 0.0, self._quiet_h + step_h)
        return heard

    def _rows(self, rooms: RoomColumns, listened: Mask, end_ns: int, step_h: float) -> tuple[Rows, Index]:
        """All that is measured in a step, the air first; and the spaces that the air was measured of."""
        rows, channels, evidence = Rows(), self.channels, self._evidence
        channels.take(rooms, end_ns)
        space, ppm = channels.by_space("co2_ppm")
        air_space = self.air.rows(rows, self.state, space, ppm, end_ns)
        heads = channels.by_space("people")
        evidence.heads(rows, self.state, *heads)
        self.habit.learn(end_ns, *heads)
        evidence.devices(rows, self.state, *channels.by_space("wifi_devices"))
        self._since_signs_h += step_h
        if self._since_signs_h >= _SLOW_H or channels.heard_any(_SIGNS):
            since_h, self._since_signs_h = self._since_signs_h, 0.0
            self._slow_rows(rows, listened, since_h)
        return rows, air_space

    def _slow_rows(self, rows: Rows, listened: Mask, since_h: float) -> None:
        """What says something by lasting: seats, signs, being closed, a door that is quiet."""
        if since_h <= 0:
            return
        evidence, channels = self._evidence, self.channels
        evidence.seats_taken(rows, *channels.share_of_seats(), since_h)
        evidence.signs(rows, self.state, self.signs.step(*channels.seen(), since_h), since_h)
        evidence.closed(rows, self.timetable.closed_h, since_h)
        evidence.quiet(rows, self.state, listened, self._quiet_h, since_h)

    def passages(self) -> list[Passage]:
        """People through the doors of each space in the last step, as counted and as corrected."""
        spaces, doors = self.building.spaces, self.doors
        sums = np.zeros((len(spaces), 4))
        n_in, n_out = doors.counted()
        real_in, real_out = n_in * self._correction(0), n_out * self._correction(1)
        for side, columns in (
            (doors.target, (n_in, n_out, real_in, real_out)),
            (doors.origin, (n_out, n_in, real_out, real_in)),
        ):
            inside = side >= 0
            for k, column in enumerate(columns):
                np.add.at(sums[:, k], side[inside], column[inside])
        return [Passage(spaces[s].id, *sums[s].tolist()) for s in np.flatnonzero(sums.any(axis=1)).tolist()]

    def door_counts(self) -> dict[str, tuple[float, float, float, float]]:
        """In and out in the last step by door: as counted, then as corrected; only doors that counted any."""
        n_in, n_out = self.doors.n_in, self.doors.n_out
        columns = np.column_stack((n_in, n_out, n_in * self._correction(0), n_out * self._correction(1)))
        counted = np.flatnonzero(n_in + n_out).tolist()
        return {self.building.doors[d].id: tuple(columns[d].tolist()) for d in counted}

    def _correction(self, direction: int) -> F64:
        """By what each door's counts are multiplied to make up for those it misses."""
        found = np.ones(len(self.building.doors))
        for end in self.state.where.ends:
            found[end.door] = 1.0 + self.state.x[end.block, end.missed + direction]
        return found

    def _estimates(self, end_ns: int) -> list[SpaceEstimate]:
        people = np.maximum(self.state.get(PEOPLE), 0.0)
        o = self.options
        variance = np.maximum(self.state.variance(PEOPLE), 0.0)
        sd = np.sqrt(o.sd_widening * variance + o.sd_least**2)
        chance = self._chance(people, sd)
        columns = zip(
            self.building.spaces,
            people.tolist(),
            sd.tolist(),
            chance.tolist(),
            self._quality(end_ns),
            strict=True,
        )
        return [SpaceEstimate(space.id, end_ns, m, s, p, quality) for space, m, s, p, quality in columns]

    def _chance(self, people: F64, sd: F64) -> F64:
        """The probability that anyone is there: by the count, and by what sensors have seen."""
        width = np.sqrt(2.0) * np.maximum(sd, _LEAST_SD)
        by_count = np.array([0.5 * math.erfc(z) for z in ((_SOMEONE - people) / width).tolist()])
        odds = by_count / np.maximum(1 - by_count, 1e-9) * self.signs.likelihood()
        chance: F64 = odds / (1 + odds)
        return chance

    def _quality(self, end_ns: int) -> list[str]:
        """The kinds of evidence that are alive, by space."""
        kinds = np.zeros(len(self.building.spaces) + 1, np.intp)  # the last stands for outside
        speaking = (self.doors.last_ns > 0) & ~self.doors.silent
        for side in (self.doors.origin, self.doors.target):
            kinds[side[speaking]] = 1 << KINDS.index("doors")
        self.channels.alive(kinds, end_ns)
        return [_names(bits) for bits in kinds[:-1].tolist()]


@functools.cache
def _names(bits: int) -> str:
    """The kinds of evidence whose bits are set."""
    return "+".join(sorted(kind for n, kind in enumerate(KINDS) if bits >> n & 1))
