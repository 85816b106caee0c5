"""Weeks of our own with their truth, in the form of the simulated one: as many as one likes.

Every week has another building, other visitors, and other errors of its sensors, as the data's README says of
them: counters miss some, not the same in and out, take two who pass together for one, one is dead for half a
day and one hangs the wrong way round for a day; CO2 is a mass balance with offset, drift and noise; seats are
held by bags; devices are not one a head.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.columns import DoorColumns, RoomColumns
from edge.fusion.spaces import Building
from edge.fusion.window import Window
from tests.bench.spaces_figures import Series
from tests.bench.spaces_people import (
    CLOSES_H,
    DAY_S,
    DAYS,
    MAKER,
    OPENS_H,
    READING,
    RESEARCH,
    Crossings,
    Rng,
    building,
    crossings,
    people,
)

START_NS: Final = 1_772_380_800_000_000_000  # a Monday, at midnight in Shanghai
MINUTE_NS: Final = 60_000_000_000
CO2_ML_H: Final = 18_000.0
_OUTSIDE_PPM: Final = 425.0
_TOGETHER_S: Final = 0.6
_BUSY_S, _IDLE_S = 10.0, 60.0
_LARGE_S, _SMALL_S = 300.0, 120.0
_SEATS: Final = 24
_IDLE_DEVICES: Final = 3.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What an oracle is told. By door (n, 2): `missed`, so many pass for one counted, less one, in and out,
    where the counter works. By space: `changes_h` by day and at night (n, 2), `offset_ppm` of its sensor at
    first, and `devices` that a person carries (0: not heard)."""

    missed: np.ndarray
    changes_h: np.ndarray
    offset_ppm: np.ndarray
    devices: np.ndarray


@dataclass(frozen=True, slots=True)
class Week:
    """A building, what its sensors said within a week, and how it was."""

    building: Building
    window: Window
    truth: Series
    facts: Facts


def week(seed: int) -> Week:
    """One week; the same for the same seed."""
    rng = np.random.default_rng(seed)
    where = building(rng)
    passed = crossings(where, rng)
    table = people(passed, where, 60.0)
    doors, missed = _counted(passed, where, rng)
    rooms = _Rooms(where, table, rng)
    changes_h, offset_ppm = rooms.air()
    devices = rooms.devices()
    rooms.seats()
    rooms.sound()
    rooms.presence()
    t_ns = START_NS + MINUTE_NS * np.arange(1, len(table) + 1)
    none = np.zeros(len(table))
    truth = {space.id: (t_ns, table[:, s], none, none) for s, space in enumerate(where.spaces)}
    end_ns = START_NS + round(DAYS * DAY_S * 1e9)
    window = Window(doors=doors, rooms=rooms.columns(), start_ns=START_NS, end_ns=end_ns)
    return Week(where, window, truth, Facts(missed, changes_h, offset_ppm, devices))


def _counted(passed: Crossings, where: Building, rng: Rng) -> tuple[DoorColumns, np.ndarray]:
    """What the counters report, and what each misses while it works."""
    n = len(where.doors)
    dead, turned = rng.choice(4, 2, replace=False).tolist()
    dead_s, turned_s = (2 * DAY_S + 9 * 3600, 2 * DAY_S + 21 * 3600), (3 * DAY_S, 4 * DAY_S)
    missed, rows = np.zeros((n, 2)), []
    for d in range(n):
        own = passed.door == d
        t_s, is_in = passed.t_s[own], passed.is_in[own]
        seen = _seen(t_s, is_in, rng)
        for k, way in enumerate((True, False)):
            missed[d, k] = (is_in == way).sum() / max(float(seen[is_in == way].sum()), 1.0) - 1
        if d == dead:
            seen = np.where((t_s > dead_s[0]) & (t_s < dead_s[1]), 0, seen)
        if d == turned:
            is_in = is_in ^ ((t_s > turned_s[0]) & (t_s < turned_s[1]))
        rows.append(_reports(t_s, is_in, seen, d, dead_s if d == dead else (0.0, 0.0), rng))
    t_ns, source, n_in, n_out = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.argsort(t_ns, kind="stable")
    names = tuple(door.source for door in where.doors)
    return DoorColumns(t_ns[order], source[order], n_in[order], n_out[order], names), missed


def _seen(t_s: np.ndarray, is_in: np.ndarray, rng: Rng) -> np.ndarray:
    """How often each who passed was counted: not at all, once or twice."""
    share = np.where(is_in, rng.uniform(0.005, 0.03), rng.uniform(0.01, 0.04))
    seen = (rng.random(len(t_s)) >= share).astype(np.int64)
    seen += seen * (rng.random(len(t_s)) < rng.uniform(0.002, 0.009))
    for way in (True, False):
        own = np.flatnonzero(is_in == way)
        close = np.diff(t_s[own], prepend=-np.inf) < _TOGETHER_S
        seen[own[close & (rng.random(len(own)) < 0.35)]] = 0
    return seen


def _reports(
    t_s: np.ndarray, is_in: np.ndarray, seen: np.ndarray, d: int, dead_s: tuple[float, float], rng: Rng
) -> tuple[np.ndarray, ...]:
    """A door's reports: each ten seconds in which anybody was counted, and each minute."""
    bins = np.floor(t_s / _BUSY_S).astype(np.intp)
    n_bins = int(DAYS * DAY_S / _BUSY_S)
    counts = [np.bincount(bins, seen * (is_in == way), n_bins)[:n_bins] for way in (True, False)]
    told = (counts[0] + counts[1] > 0) | (np.arange(n_bins) % round(_IDLE_S / _BUSY_S) == 0)
    end_s = (np.arange(n_bins) + 1) * _BUSY_S
    told &= (end_s <= dead_s[0]) | (end_s >= dead_s[1])
    t_ns = START_NS + np.round(end_s[told] * 1e9).astype(np.int64) - round(float(rng.uniform(0, 5e9)))
    return (t_ns, np.full(len(t_ns), d, np.intp), *(c[told].astype(np.int64) for c in counts))


class _Rooms:
    """The sensors of the rooms, by what they hear of a table of people each minute: (minutes, n_spaces)."""

    def __init__(self, where: Building, table: np.ndarray, rng: Rng) -> None:
        self._where, self._people, self._rng = where, table, rng
        self._rows: list[tuple[str, str, np.ndarray, np.ndarray]] = []
        hour = np.arange(len(table)) / 60 % 24
        self._fans = (hour >= OPENS_H - 1) & (hour < CLOSES_H)

    def air(self) -> tuple[np.ndarray, np.ndarray]:
        """Air changes by day and at night, and the offset of each sensor."""
        rng, n = self._rng, self._people.shape[1]
        changes_h = np.column_stack((rng.uniform(0.6, 2.6, n), rng.uniform(0.25, 0.5, n)))
        offset_ppm, stuck = rng.normal(0, 15, n), int(rng.choice(n))
        for s, space in enumerate(self._where.spaces):
            excess = self._excess(self._people[:, s], space.volume_m3, changes_h[s])
            step = round((_SMALL_S if s >= MAKER else _LARGE_S) / 60)
            days = np.arange(len(excess)) / 1440
            ppm = _OUTSIDE_PPM + offset_ppm[s] + float(rng.normal(0, 4)) * days + excess
            ppm = np.round(ppm + rng.normal(0, 9, len(ppm)))
            if s == stuck:
                ppm[4 * 1440 + 600 : 4 * 1440 + 1080] = ppm[4 * 1440 + 600]
            self._tell(f"co2-{space.id}", "co2_ppm", np.arange(step - 1, len(ppm), step), ppm)
        return changes_h, offset_ppm + _OUTSIDE_PPM

    def _excess(self, inside: np.ndarray, volume_m3: float, changes_h: np.ndarray) -> np.ndarray:
        rate = np.where(self._fans, *changes_h)
        keep = np.exp(-rate / 60)
        added = CO2_ML_H / volume_m3 * inside * (1 - keep) / rate
        found, ppm = np.empty(len(inside)), 0.0
        for minute, (k, more) in enumerate(zip(keep.tolist(), added.tolist(), strict=True)):
            ppm = found[minute] = ppm * k + more
        return found

    def devices(self) -> np.ndarray:
        """How many a person carries, by space."""
        found = np.zeros(self._people.shape[1])
        for s in (READING, RESEARCH):
            found[s] = self._rng.uniform(0.9, 1.8)
            at = np.arange(4, len(self._people), 5)
            heard = self._rng.poisson(found[s] * np.maximum(self._people[:, s], 0) + _IDLE_DEVICES)
            self._tell(f"wifi-{self._where.spaces[s].id}", "wifi_devices", at, heard)
        return found

    def seats(self) -> None:
        """Of two dozen seats: each is taken for a stay, as often as the room is full; two are stuck."""
        share = np.clip(self._people[:, READING] / self._where.spaces[READING].capacity, 0.0, 1.0)
        for n in range(_SEATS):
            draw, taken = self._rng.random((2, len(share))), np.zeros(len(share))
            state = 0.0
            for minute, p in enumerate(share.tolist()):
                if draw[0, minute] < 1 / 75 or (p <= 0.0 and state):
                    state = float(draw[1, minute] < p)
                taken[minute] = state
            if n < 2:
                taken[1440:] = float(n)
            told = np.diff(taken, prepend=-1.0) != 0
            told[59::120] = True
            self._tell(f"seat-{n:02d}", "seat_taken", np.flatnonzero(told), taken)

    def sound(self) -> None:
        """Energies add: the empty room's and each person's, and what else is loud for minutes."""
        for s in range(4):
            base, head = float(self._rng.uniform(30, 42)), float(self._rng.uniform(21, 36))
            level = 10 * np.log10(10 ** (base / 10) + self._people[:, s].clip(0) * 10 ** (head / 10))
            sway = self._rng.normal(0, 1.2, len(level))
            sway += np.repeat(self._rng.normal(0, 1.2, len(level) // 5 + 1), 5)[: len(level)]
            name = f"sound-{self._where.spaces[s].id}"
            self._tell(name, "sound_dba", np.arange(len(level)), np.round(level + sway, 1))

    def presence(self) -> None:
        """Who sits still is lost now and then."""
        for s in range(MAKER, self._people.shape[1]):
            inside = self._people[:, s].clip(0)
            chance = np.where(inside > 0, 1 - 0.45**inside, 0.002)
            name = f"presence-{self._where.spaces[s].id}"
            seen = (self._rng.random(len(inside)) < chance).astype(float)
            self._tell(name, "presence", np.arange(len(seen)), seen)

    def _tell(self, source: str, quantity: str, at: np.ndarray, values: np.ndarray) -> None:
        late_ns = self._rng.integers(1_000_000_000, 50_000_000_000)
        self._rows.append((source, quantity, START_NS + MINUTE_NS * (at + 1) - late_ns, values[at] * 1.0))

    def columns(self) -> RoomColumns:
        """All that was said, by time."""
        sources = tuple(row[0] for row in self._rows)
        quantities = tuple(dict.fromkeys(row[1] for row in self._rows))
        t_ns = np.concatenate([row[2] for row in self._rows]).astype(np.int64)
        value = np.concatenate([row[3] for row in self._rows]).astype(float)
        n = [len(row[2]) for row in self._rows]
        source = np.repeat(np.arange(len(sources)), n).astype(np.intp)
        quantity = np.repeat([quantities.index(row[1]) for row in self._rows], n).astype(np.intp)
        order = np.argsort(t_ns, kind="stable")
        return RoomColumns(t_ns[order], source[order], quantity[order], value[order], sources, quantities)
