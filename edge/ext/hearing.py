"""What sensors and counters said in some steps, and what it shows of them: rhythm, silence, still values.

Tables, float64 unless said otherwise, by channel (one quantity of one source) and by door:

    told    VALUE, MEAN of the step, GAP_NS usually between readings (NaN: not known), LONGEST_NS that a value
            ever stood, STUCK_AFTER_NS at least, HEARD in the step, STUCK, three of the kernel's own, and
            BEYOND: how many values in a row could not be
    stamps  int64: LAST_NS heard, SINCE_NS the value stands
    place   intp: space (-1: none), kind, the bit of its evidence
    doors   N_IN, N_OUT in the step, HEARD, GAP_NS, RATE_H of people passing, TOTAL, SILENT, FLIPPED, JUMPED,
            MOVED_IN, MOVED_OUT (as counted, put right where FLIPPED), REAL_IN, REAL_OUT (those missed added)
    said    by space: CO2, heads, devices, sound, light, share of seats taken, their number, whether any
            was seen
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

VALUE, MEAN, GAP_NS, LONGEST_NS, STUCK_AFTER_NS, HEARD, STUCK = range(7)
CHANNEL_COLUMNS: Final = 11
BEYOND: Final = 10
LAST_NS, SINCE_NS = range(2)
KINDS: Final = (
    "co2_ppm",
    "people",
    "wifi_devices",
    "sound_dba",
    "illuminance_lux",
    "seat_taken",
    "sign",
    "other",
)
(
    N_IN,
    N_OUT,
    DOOR_HEARD,
    DOOR_GAP_NS,
    RATE_H,
    TOTAL,
    SILENT,
    FLIPPED,
    JUMPED,
    MOVED_IN,
    MOVED_OUT,
    REAL_IN,
    REAL_OUT,
) = range(13)
DOOR_COLUMNS: Final = 13
SAID_COLUMNS: Final = 8

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """Where steps end: at `t_ns` (T,), with so many of all readings `before` it (T,)."""

    t_ns: I64
    before: Index

    def check(self, n_readings: int) -> None:
        """Raises ValueError where these are not the ends of steps that have so many readings."""
        before = np.concatenate(([0], self.before))
        if len(self.t_ns) != len(self.before) or before[-1] > n_readings or (np.diff(before) < 0).any():
            raise ValueError("steps: expected as many ends as counts, and these to rise up to all readings")


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Readings of rooms. `channel`, intp (n_sources, n_quantities): that of each pair, below 0 where it has
    none yet; `possible` (2, n_quantities): the least and the most that can be, all else is as good as unsaid.
    """

    source: Index
    quantity: Index
    value: F64
    t_ns: I64
    channel: Index
    possible: F64

    def unknown(self) -> Index:
        """The pairs (n, 2), each once and in order, that readings are of and that have no channel.

        Raises ValueError where shapes or indices are wrong.
        """
        if not len(self.source) == len(self.quantity) == len(self.value) == len(self.t_ns):
            raise ValueError("expected a source, a quantity, a value and a time a reading")
        if self.possible.shape != (2, self.channel.shape[1]):
            raise ValueError("possible: expected two values a quantity")
        kernel: Callable[..., int] = load("hearing").known
        known = kernel(np.ascontiguousarray(self.source), np.ascontiguousarray(self.quantity), self.channel)
        if known < 0:
            raise ValueError("source and quantity: expected a row and a column of the table of channels")
        if known == len(self.source):
            return np.empty((0, 2), np.intp)
        met = np.zeros(self.channel.shape, np.bool_)
        met[self.source, self.quantity] = True
        return np.argwhere(met & (self.channel < 0))


def hear(
    samples: Samples, steps: Ends, told: F64, stamps: I64, place: Index, said: F64
) -> tuple[Index, Mask, Mask]:
    """Take in the samples of T steps; fills `told` and `stamps`, and `said` (T, n_spaces, SAID_COLUMNS).

    By step and space the bits of what is alive; by step and channel whether it is stuck, and whether its
    last three values could not be. Raises ValueError where shapes or indices are wrong, or a pair has no
    channel.
    """
    n, (n_steps, n_spaces) = len(told), said.shape[:2]
    if told.shape != (n, CHANNEL_COLUMNS) or stamps.shape != (n, 2) or place.shape != (n, 3):
        raise ValueError("told, stamps and place: expected a row a channel")
    if said.shape[2:] != (SAID_COLUMNS,) or len(steps.t_ns) != n_steps:
        raise ValueError("said: expected a row a step and space")
    steps.check(len(samples.t_ns))
    if len(samples.unknown()):
        raise ValueError("channel: expected one for each pair that was heard")
    _check("channel", samples.channel.reshape(-1), n)
    _check("space", place[:, 0], n_spaces)
    alive = np.empty((n_steps, n_spaces), np.intp)
    stuck, beyond = np.empty((n_steps, n), np.bool_), np.empty((n_steps, n), np.bool_)
    heard = np.empty((n_spaces, SAID_COLUMNS), np.intp)
    columns = (samples.source, samples.quantity, samples.value, samples.t_ns)
    readings = *(np.ascontiguousarray(column) for column in columns), samples.channel, samples.possible
    kernel: Callable[..., None] = load("hearing").hear
    flags = stuck.view(np.uint8), beyond.view(np.uint8)
    kernel(*readings, steps.before, steps.t_ns, told, stamps, place, said, heard, alive, *flags)
    return alive, stuck, beyond


def count(
    source: Index,
    n_in: I64,
    n_out: I64,
    steps: Ends,
    step_h: F64,
    of_source: Index,
    doors: F64,
    last_ns: I64,
    sides: Index,
    spaces: F64,
    alive: Index,
    bit: int,
) -> None:
    """Take in the counts of T steps of `step_h` (T,); fills `doors` (T + 1, n_doors, DOOR_COLUMNS) and
    `last_ns` (T + 1, n_doors) after the first row, which is what was before; and LISTENED and LEFT of
    `spaces` (T + 1, n_spaces, …), and `bit` of `alive` (T, n_spaces).

    of_source: (n, 2): a source and a door of it, in order of source; sides: (n_doors, 2): origin and target,
    -1 for elsewhere.
    Raises ValueError where shapes or indices are wrong.
    """
    n_steps, n, n_spaces = len(step_h), len(sides), alive.shape[1]
    if doors.shape != (n_steps + 1, n, DOOR_COLUMNS) or last_ns.shape != (n_steps + 1, n):
        raise ValueError("doors and last_ns: expected a row a door before and after each step")
    if spaces.shape[:2] != (n_steps + 1, n_spaces) or len(alive) != n_steps:
        raise ValueError("spaces and alive: expected a row a space, before and after each step")
    if not len(source) == len(n_in) == len(n_out) or of_source.ndim != 2 or len(steps.t_ns) != n_steps:
        raise ValueError("expected a source and two counts a reading, and an end a step")
    steps.check(len(source))
    if n:
        _check("sides", sides.reshape(-1), n_spaces)
        _check("door", of_source[:, 1], n)
    if len(source) and int(source.min()) < 0:
        raise ValueError("source: expected indices from 0")
    kernel: Callable[..., None] = load("hearing").count
    readings = (np.ascontiguousarray(column) for column in (source, n_in, n_out))
    first = np.searchsorted(of_source[:, 0], np.arange(int(source.max(initial=-1)) + 2))
    tables = of_source, first, doors, last_ns, sides, spaces, alive
    kernel(*readings, steps.before, steps.t_ns, step_h, *tables, bit)


def correct(missed: F64, sides: Index, doors: F64, n_spaces: int) -> F64:
    """Fills REAL_IN and REAL_OUT of `doors` (T, n_doors, DOOR_COLUMNS); by step and space (T, n_spaces, 4):
    counted in and out, the same corrected. `missed` (T, n_doors, 2): the shares missed of those in and out.
    Raises ValueError where shapes or indices are wrong.
    """
    n_steps, n = doors.shape[:2]
    if doors.shape[2] != DOOR_COLUMNS or missed.shape != (n_steps, n, 2):
        raise ValueError("doors and missed: expected a row a door")
    doors[..., REAL_IN : REAL_OUT + 1] = doors[..., N_IN : N_OUT + 1] * (1.0 + missed)
    return passed(doors, sides, n_spaces)


def passed(doors: F64, sides: Index, n_spaces: int) -> F64:
    """By step and space who passed its doors (T, n_spaces, 4): in and out as counted, then corrected. `doors`
    (T, n_doors, DOOR_COLUMNS). Raises ValueError where shapes or indices are wrong.
    """
    if sides.shape != (doors.shape[1], 2) or doors.shape[2] != DOOR_COLUMNS:
        raise ValueError("doors and sides: expected a row a door")
    _check("sides", sides.reshape(-1), n_spaces)
    found = np.zeros((len(doors), n_spaces, 4))
    kernel: Callable[..., None] = load("hearing").passed
    kernel(sides, doors, found)
    return found


def _check(name: str, index: Index, high: int) -> None:
    if len(index) and (int(index.min()) < -1 or int(index.max()) >= high):
        raise ValueError(f"{name}: expected indices from -1 to {high - 1}")
