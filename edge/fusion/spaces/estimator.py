"""People in every space, one window after another: doors move them, all other evidence corrects them.

An extended Kalman filter over the graph of spaces (`edge.ext.balance`). What is not known beforehand (how
many each counter misses, how fast the air changes, the sensors' offsets) is part of its state, so that each
night's empty rooms and each hour's balance teach it. There is no look-ahead: the same estimator reads a
recording and runs live. Not for life safety.
"""

import math
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import F64, DoorColumns, Index
from edge.ext import balance
from edge.ext.balance import AIR, BASE, DEVICES, EXCESS, IDLE, PEOPLE, SEATS, SWING
from edge.fusion.spaces import air, hours
from edge.fusion.spaces.channels import Channels, Mask
from edge.fusion.spaces.doors import Doors
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.layout import initial, layout
from edge.fusion.spaces.options import SpaceOptions
from edge.fusion.spaces.state import FilterState, Rows
from edge.fusion.window import Window

_HOUR_NS = 3_600_000_000_000
_NEVER_BELOW = 1e-12
_DOUBT_FROM = 2.0
_SURE_AFTER_H = 0.5
_LATE_NS = 900_000_000_000
_LATE_GAPS = 3.0
_NAMES = {
    "co2_ppm": "co2",
    "presence": "presence",
    "motion": "motion",
    "people": "heads",
    "seat_taken": "seats",
    "wifi_devices": "devices",
    "thermal_8x8": "thermal",
}


@dataclass(frozen=True, slots=True)
class Passage:
    """People into and out of a space in a step, as counted and as corrected for those missed."""

    space: str
    counted_in: float
    counted_out: float
    people_in: float
    people_out: float


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


class SpaceEstimator:
    """Feed it windows in order; get an estimate a space at each one's end."""

    def __init__(self, building: Building, options: SpaceOptions | None = None) -> None:
        self.building = building
        self.options = options or SpaceOptions()
        n = len(building.spaces)
        where = layout(building, self.options.spaces_per_block)
        self.state = FilterState(where, *initial(building, where, self.options))
        self.channels = Channels()
        self.doors = Doors(building, where)
        self.air = air.Air(self.options, n)
        self.t_ns: int | None = None
        self._zone = ZoneInfo(building.timezone)
        self._hours = [hours.parse(space.open) for space in building.spaces]
        self._place = {space.id: s for s, space in enumerate(building.spaces)}
        self._capacity = np.array([space.capacity for space in building.spaces], np.float64)
        self._seats = np.array([space.seats or space.capacity for space in building.spaces], np.float64)
        self._space_of_channel = np.empty(0, np.intp)
        self._open: Mask = np.zeros(n, bool)
        self._closed_h = np.zeros(n)
        self._quiet_h = np.zeros(n)
        self._counted: Mask = np.zeros(n, bool)
        self._usual_air: dict[tuple[int, bool], tuple[float, float]] = {}
        self._from, self._to = self._door_spaces()

    def step(self, window: Window) -> list[SpaceEstimate]:
        """Take in one window; estimates at its end."""
        if not self.building.spaces:
            return []
        end_ns = window.end_ns
        step_h = max(end_ns - (self.t_ns if self.t_ns is not None else window.start_ns), 0) / _HOUR_NS
        self.t_ns = end_ns
        self._look_at_clock(end_ns, step_h)
        self._predict(step_h)
        heard = self._move(window.doors, end_ns, step_h)
        self._correct(window, heard, end_ns, step_h)
        return self._estimates(end_ns)

    def _look_at_clock(self, end_ns: int, step_h: float) -> None:
        """Opening and closing: the air is changed differently then, and in time nobody is there any more."""
        local = hours.LocalTime.at(end_ns, self._zone)
        now = np.array([week.is_open(local) for week in self._hours], bool)
        if step_h > 0:
            for s in np.flatnonzero(now != self._open).tolist():
                self._change_air(s, bool(now[s]))
        self._open = now
        self._closed_h = np.where(now, 0.0, self._closed_h + step_h)

    def _change_air(self, space: int, is_open: bool) -> None:
        """Keep what was learnt of the air changes in these hours, and take up what is known of the others."""
        o = self.options
        at = np.array([space])
        self._usual_air[space, not is_open] = (
            float(self.state.get(AIR, at)[0]),
            float(self.state.variance(AIR, at)[0]),
        )
        changes = o.changes_open_h if is_open else o.changes_closed_h
        mean, variance = self._usual_air.get((space, is_open), (math.log(changes), o.changes_sd**2))
        self.state.set_apart(space, AIR, mean, variance + 0.05**2)

    def _predict(self, step_h: float) -> None:
        o, where = self.options, self.state.where
        keep = math.exp(-step_h / o.swing_time_h)
        noise = np.zeros_like(self.state.x)
        trust = self.air.trust
        free = (o.free_share * self._capacity) ** 2 * np.where(self._open, 1.0, 0.05)
        people = np.where(self._counted, o.idle_noise, free) * step_h
        unseen = self.doors.unseen(step_h)
        np.add.at(people, self._from[self._from >= 0], unseen[self._from >= 0])
        np.add.at(people, self._to[self._to >= 0], unseen[self._to >= 0])
        for which, variance in (
            (PEOPLE, people),
            (EXCESS, trust * o.air_noise_ppm**2 * step_h),
            (AIR, o.changes_drift**2 * step_h),
            (SWING, trust * o.swing_sd**2 * (1 - keep * keep)),
            (BASE, o.base_drift_ppm**2 * step_h),
            (DEVICES, 0.02**2 * step_h),
            (IDLE, 0.1 * step_h),
            (SEATS, 0.02**2 * step_h),
        ):
            noise[where.block, where.at + which] = variance
        for end in where.ends:
            noise[end.block, end.missed : end.missed + 2] = o.missed_drift**2 * step_h
        balance.predict(self.state.x, self.state.P, where.n_spaces, noise, step_h, keep)

    def _move(self, counts: DoorColumns, end_ns: int, step_h: float) -> Mask:
        """Let people through the doors; which spaces had a door that was heard."""
        heard_door = self.doors.take(counts, end_ns, step_h)
        balance.flow(self.state.x, self.state.P, self.doors.flows(self.options.door_noise, step_h))
        balance.keep_positive(
            self.state.x, self.state.P, self.state.where.n_spaces, self.options.positive_share
        )
        heard = np.zeros(len(self.building.spaces), bool)
        left = np.zeros(len(self.building.spaces))
        for side, n in ((self._from, self.doors.n_in), (self._to, self.doors.n_out)):
            inside = side >= 0
            heard[side[inside & heard_door]] = True
            np.add.at(left, side[inside], n[inside])
        self._counted |= heard
        self._quiet_h = np.where(left > 0, 0.0, self._quiet_h + step_h)
        return heard

    def _correct(self, window: Window, heard: Mask, end_ns: int, step_h: float) -> None:
        rows = Rows()
        channel = self.channels.take(window.rooms)
        self._seat_channels()
        space = self._air_rows(rows, channel, end_ns)
        n_air = len(rows)
        self._head_rows(rows, channel)
        self._empty_rows(rows, heard, step_h)
        innovation, spread = self.state.measure(rows)
        self.air.learn(self.state, space, innovation[:n_air], spread[:n_air])
        balance.keep_positive(
            self.state.x, self.state.P, self.state.where.n_spaces, self.options.positive_share
        )

    def _air_rows(self, rows: Rows, channel: Index, end_ns: int) -> Index:
        co2 = self._heard(channel, "co2_ppm")
        co2 = np.setdiff1d(co2, air.stuck(self.channels, co2, end_ns))
        space, ppm = self._by_space(co2, self.channels.mean)
        return self.air.rows(rows, self.state, ppm, space, end_ns)

    def _head_rows(self, rows: Rows, channel: Index) -> None:
        """Heads counted by staff or camera, devices, and seats taken."""
        o = self.options
        heads = self._heard(channel, "people")
        people = self.channels.value[heads]
        self._doubt_where_heads_differ(self._space_of_channel[heads], people)
        rows.add(self._space_of_channel[heads], PEOPLE, people, (0.4 + 0.03 * people) ** 2, gate=30.0)
        space, devices = self._by_space(self._heard(channel, "wifi_devices"), self.channels.value)
        expected = np.exp(self.state.get(DEVICES, space)) * np.maximum(self.state.get(PEOPLE, space), 0.0)
        variance = (o.devices_noise * expected) ** 2 + 4.0 + 2.0 * expected
        rows.add(space, PEOPLE, devices, variance, gain=DEVICES, offset=IDLE, gate=o.gate)

    def _doubt_where_heads_differ(self, space: Index, people: F64) -> None:
        """Who counted heads saw it: a difference that the filter can't explain is the filter's fault."""
        apart = people - self.state.get(PEOPLE, space)
        beyond = apart**2 > _DOUBT_FROM**2 * self.state.variance(PEOPLE, space)
        for n in np.flatnonzero(beyond).tolist():
            self.state.loosen(int(space[n]), PEOPLE, float(apart[n] ** 2))

    def _empty_rows(self, rows: Rows, heard: Mask, step_h: float) -> None:
        """Nobody stays long after closing; and where people are, now and then one leaves."""
        o = self.options
        if step_h <= 0:
            return
        closed = np.flatnonzero(self._closed_h > o.closing_grace_h)
        sd = o.closing_sd / np.maximum(self._closed_h[closed], _SURE_AFTER_H)
        variance = sd**2 / (2 * step_h) * (1 + 0.02 * self._capacity[closed])
        rows.add(closed, PEOPLE, np.zeros(len(closed)), variance, gate=o.gate)
        quiet = np.flatnonzero(heard & (self._quiet_h > o.quiet_after_h))
        people = np.maximum(self.state.get(PEOPLE, quiet), 0.5)
        rows.add(quiet, PEOPLE, np.zeros(len(quiet)), people * o.stay_h / (o.quiet_weight * step_h))

    def passages(self) -> list[Passage]:
        """People through the doors of each space in the last step, as counted and as corrected."""
        spaces = self.building.spaces
        sums = np.zeros((len(spaces), 4))
        n_in, n_out = self.doors.n_in, self.doors.n_out
        real_in, real_out = n_in * self._correction(0), n_out * self._correction(1)
        for side, columns in (
            (self._to, (n_in, n_out, real_in, real_out)),
            (self._from, (n_out, n_in, real_out, real_in)),
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
        sd = np.sqrt(np.maximum(self.state.variance(PEOPLE), _NEVER_BELOW))
        chance = [
            0.5 * math.erfc((0.5 - m) / (math.sqrt(2) * max(s, 0.2)))
            for m, s in zip(people.tolist(), sd.tolist(), strict=True)
        ]
        columns = zip(
            self.building.spaces, people.tolist(), sd.tolist(), chance, self._quality(end_ns), strict=True
        )
        return [SpaceEstimate(space.id, end_ns, m, s, p, quality) for space, m, s, p, quality in columns]

    def _quality(self, end_ns: int) -> list[str]:
        """The kinds of evidence that are alive, by space."""
        alive: list[set[str]] = [set() for _ in self.building.spaces]
        speaking = (self.doors.last_ns > 0) & ~self.doors.silent
        for side in (self._from, self._to):
            for s in side[(side >= 0) & speaking].tolist():
                alive[s].add("doors")
        late_ns = np.maximum(_LATE_GAPS * np.nan_to_num(self.channels.gap_ns), _LATE_NS)
        fresh = end_ns - self.channels.t_ns <= late_ns
        for c in np.flatnonzero(fresh & (self._space_of_channel >= 0)).tolist():
            alive[self._space_of_channel[c]].add(_NAMES.get(self.channels.keys[c][1], ""))
        return ["+".join(sorted(kinds - {""})) for kinds in alive]

    def _heard(self, channel: Index, quantity: str) -> Index:
        """Those of the heard channels that are of that quantity, in a space that we know."""
        return np.array(
            [
                c
                for c in channel.tolist()
                if self.channels.keys[c][1] == quantity and self._space_of_channel[c] >= 0
            ],
            np.intp,
        )

    def _by_space(self, channel: Index, values: F64) -> tuple[Index, F64]:
        """The mean over each space's channels."""
        space = self._space_of_channel[channel]
        n = len(self.building.spaces)
        count = np.bincount(space, minlength=n)
        total = np.bincount(space, values[channel], minlength=n)
        found = np.flatnonzero(count)
        return found, total[found] / count[found]

    def _seat_channels(self) -> None:
        """The space of each channel that was heard for the first time."""
        new = [
            self._place.get(self.building.space_of_source.get(source, ""), -1)
            for source, _ in self.channels.keys[len(self._space_of_channel) :]
        ]
        if new:
            self._space_of_channel = np.concatenate((self._space_of_channel, np.array(new, np.intp)))

    def _door_spaces(self) -> tuple[Index, Index]:
        doors = self.building.doors
        return (
            np.array([self._place.get(door.origin, -1) for door in doors], np.intp),
            np.array([self._place.get(door.target, -1) for door in doors], np.intp),
        )
