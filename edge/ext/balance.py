"""The balance of people and air over many spaces: one extended Kalman filter per block of spaces.

A block is a group of neighbouring spaces whose errors go together: a person that a door between them missed
is one too many here and one too few there. Each space has SPACE_STATES values, elsewhere GAUGE_STATES more,
and each door end two:

    PEOPLE       people in the space
    EXCESS       CO2 above the base, ppm
    AIR          ln of the usual air changes an hour
    SWING        ln of what the air changes are now, relative to the usual
    SOURCE       ln of what one person adds, ppm/h
    BASE         outdoor air and the sensor's offset, ppm
    (gauge) DEVICES  ln of the devices a person carries
    (gauge) IDLE     devices that nobody carries
    (gauge) SEATS    ln of the seats that a person takes
    (door) IN, OUT   people that the counter misses, as a share of those it counts

The mass balance dEXCESS/dt = SOURCE·PEOPLE − λ·EXCESS, λ = exp(AIR + SWING), is solved exactly over a step.
Arrays: x (blocks, states), P (blocks, states, states), float64 and C-contiguous; both change in place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

PEOPLE, EXCESS, AIR, SWING, SOURCE, BASE = range(6)
SPACE_STATES: Final = 6
DEVICES, IDLE, SEATS = range(3)
GAUGE_STATES: Final = 3
DOOR_STATES: Final = 2
NONE: Final = -1

F64 = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Flows:
    """n door ends with traffic: in `block`, from the space at `origin` to that at `target` (NONE: elsewhere).

    `missed` is the state that holds the door's share of missed entries (that of the exits follows it);
    `noise` is the variance that one counted person adds.
    """

    block: Index
    origin: Index
    target: Index
    missed: Index
    n_in: F64
    n_out: F64
    noise: F64


@dataclass(frozen=True, slots=True)
class Measurements:
    """n measurements z = scale · exp(x[gain]) · x[state] + x[offset] + noise of `variance`.

    `gain` and `offset` may be NONE (1 and 0). Innovations beyond `gate` deviations are drawn in to them.
    """

    block: Index
    state: Index
    gain: Index
    offset: Index
    scale: F64
    value: F64
    variance: F64
    gate: F64


def predict(x: F64, P: F64, n_spaces: Index, noise: F64, dt_h: float, keep: float) -> None:
    """Move every block on by `dt_h` hours: the air by its balance, SWING towards 0 by the factor `keep`.

    n_spaces: (blocks,), spaces in use; noise: (blocks, states), variance added to each state.
    Raises ValueError where shapes are wrong.
    """
    blocks, states = _check(x, P)
    if n_spaces.shape != (blocks,) or noise.shape != (blocks, states):
        raise ValueError("n_spaces and noise: expected one row a block")
    if blocks and (int(n_spaces.min()) < 0 or int(n_spaces.max()) * SPACE_STATES > states):
        raise ValueError("n_spaces: more spaces than states")
    kernel: Callable[..., None] = load("balance").predict
    kernel(x, P, n_spaces, np.ascontiguousarray(noise), float(dt_h), float(keep))


def flow(x: F64, P: F64, flows: Flows) -> None:
    """Move the people that were counted at doors, corrected for those missed. Raises ValueError as above."""
    blocks, states = _check(x, P)
    _check_index("block", flows.block, 0, blocks)
    _check_index("origin", flows.origin, NONE, states)
    _check_index("target", flows.target, NONE, states)
    _check_index("missed", flows.missed, 0, states - 1)
    kernel: Callable[..., None] = load("balance").flow
    kernel(
        x,
        P,
        flows.block,
        flows.origin,
        flows.target,
        flows.missed,
        *_floats(len(flows.block), flows.n_in, flows.n_out, flows.noise),
    )


def measure(x: F64, P: F64, rows: Measurements) -> tuple[F64, F64]:
    """Take the measurements in, one after another; each one's innovation and its variance, shape (n,).

    Raises ValueError where an index or a length is wrong, or a variance is not above 0.
    """
    blocks, states = _check(x, P)
    _check_index("block", rows.block, 0, blocks)
    _check_index("state", rows.state, 0, states)
    _check_index("gain", rows.gain, NONE, states)
    _check_index("offset", rows.offset, NONE, states)
    n = len(rows.block)
    numbers = _floats(n, rows.scale, rows.value, rows.variance, rows.gate)
    if n and not float(numbers[2].min()) > 0.0:
        raise ValueError("variance: expected a number above 0")
    innovation, spread = np.empty(n), np.empty(n)
    kernel: Callable[..., None] = load("balance").measure
    kernel(x, P, rows.block, rows.state, rows.gain, rows.offset, *numbers, innovation, spread)
    return innovation, spread


def keep_positive(x: F64, P: F64, n_spaces: Index, share: float) -> None:
    """Where fewer than 0 people came out, take 0 as a measurement that leaves `share` of the variance."""
    blocks, states = _check(x, P)
    if n_spaces.shape != (blocks,) or (blocks and int(n_spaces.max()) * SPACE_STATES > states):
        raise ValueError("n_spaces: expected at most as many spaces as there are states for")
    kernel: Callable[..., None] = load("balance").keep_positive
    kernel(x, P, n_spaces, float(share))


def _check(x: F64, P: F64) -> tuple[int, int]:
    if x.ndim != 2 or P.shape != (*x.shape, x.shape[1]):
        raise ValueError("x and P: expected shapes (blocks, states) and (blocks, states, states)")
    for array in (x, P):
        if array.dtype != np.float64 or not array.flags.c_contiguous:
            raise ValueError("x and P: expected contiguous float64")
    return x.shape[0], x.shape[1]


def _check_index(name: str, index: Index, low: int, high: int) -> None:
    if index.dtype != np.intp or index.ndim != 1 or not index.flags.c_contiguous:
        raise ValueError(f"{name}: expected one contiguous row of intp")
    if len(index) and (int(index.min()) < low or int(index.max()) >= high):
        raise ValueError(f"{name}: expected indices from {low} to {high - 1}")


def _floats(n: int, *columns: F64) -> list[F64]:
    if any(column.shape != (n,) for column in columns):
        raise ValueError(f"expected {n} values in every column")
    return [np.ascontiguousarray(column, np.float64) for column in columns]
