"""What sensors and counters said in a step, and what it shows of them: rhythm, silence, values that stand.

Tables, float64 unless said otherwise, by channel (one quantity of one source) and by door:

    told    VALUE, MEAN of the step, GAP_NS usually between readings (NaN: not known), LONGEST_NS that a value
            ever stood, STUCK_AFTER_NS at least, HEARD in the step, STUCK, and three of the kernel's own
    stamps  int64: LAST_NS heard, SINCE_NS the value stands
    place   intp: space (-1: none), kind, the bit of its evidence
    doors   N_IN, N_OUT in the step, HEARD, GAP_NS, RATE_H of people passing, TOTAL, SILENT, FLIPPED, JUMPED,
            MOVED_IN, MOVED_OUT (as counted, put right where FLIPPED), REAL_IN, REAL_OUT (those missed added)
    said    by space: CO2, heads, devices, sound, light, share of seats taken, their number, whether any
            was seen
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

VALUE, MEAN, GAP_NS, LONGEST_NS, STUCK_AFTER_NS, HEARD, STUCK = range(7)
CHANNEL_COLUMNS: Final = 10
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


def hear(
    channel: Index, value: F64, t_ns: I64, told: F64, stamps: I64, place: Index, said: F64, end_ns: int
) -> Index:
    """Take in the readings of a step that ends at `end_ns` (channel -1: not wanted); fills `told`, `stamps`
    and `said`, and gives by space the bits of what is alive. Raises ValueError where shapes or indices are
    wrong."""
    n, spaces = len(told), len(said)
    if told.shape != (n, CHANNEL_COLUMNS) or stamps.shape != (n, 2) or place.shape != (n, 3):
        raise ValueError("told, stamps and place: expected a row a channel")
    if said.shape != (spaces, SAID_COLUMNS) or not len(channel) == len(value) == len(t_ns):
        raise ValueError("expected a channel, a value and a time a reading, and a row of said a space")
    _check("channel", channel, n)
    if n:
        _check("space", place[:, 0], spaces)
    heard, alive = np.empty((spaces, SAID_COLUMNS), np.intp), np.empty(spaces, np.intp)
    kernel: Callable[..., None] = load("hearing").hear
    kernel(channel, value, t_ns, told, stamps, place, said, heard, alive, end_ns)
    return alive


def count(
    source: Index,
    n_in: I64,
    n_out: I64,
    of_source: Index,
    doors: F64,
    last_ns: I64,
    sides: Index,
    spaces: F64,
    alive: Index,
    bit: int,
    end_ns: int,
    step_h: float,
) -> None:
    """Take in a step's counts; fills `doors`, `last_ns`, LISTENED and LEFT of `spaces`, and `bit` of `alive`.

    of_source: (n, 2): a source and a door of it, in order of source; sides: (n_doors, 2): origin and target,
    -1 for elsewhere.
    Raises ValueError where shapes or indices are wrong.
    """
    n = len(doors)
    if doors.shape != (n, DOOR_COLUMNS) or last_ns.shape != (n,) or sides.shape != (n, 2):
        raise ValueError("doors, last_ns and sides: expected a row a door")
    if not len(source) == len(n_in) == len(n_out) or of_source.ndim != 2 or len(alive) != len(spaces):
        raise ValueError("expected a source and two counts a reading, and as many bits as spaces")
    if n:
        _check("sides", sides.reshape(-1), len(spaces))
        _check("door", of_source[:, 1], n)
    kernel: Callable[..., None] = load("hearing").count
    kernel(source, n_in, n_out, of_source, doors, last_ns, sides, spaces, alive, bit, end_ns, float(step_h))


def correct(x: F64, ends: Index, sides: Index, doors: F64, n_spaces: int) -> F64:
    """Fills REAL_IN and REAL_OUT of `doors`; by space (n_spaces, 4): counted in and out, the same corrected.

    x, ends: of an `occupancy.Filter`, which has checked them.
    """
    if sides.shape != (len(doors), 2) or doors.shape[1] != DOOR_COLUMNS:
        raise ValueError("doors and sides: expected a row a door")
    _check("sides", sides.reshape(-1), n_spaces)
    if len(ends):
        _check("ends", ends[:, 4], len(doors))
    passed = np.empty((n_spaces, 4))
    kernel: Callable[..., None] = load("hearing").correct
    kernel(x, ends, sides, doors, passed)
    return passed


def _check(name: str, index: Index, high: int) -> None:
    if len(index) and (int(index.min()) < -1 or int(index.max()) >= high):
        raise ValueError(f"{name}: expected indices from -1 to {high - 1}")
