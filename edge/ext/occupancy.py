"""All evidence of some steps taken into the balance filter (`edge.ext.balance`), of many spaces in one call.

Columns of `spaces`, float64 (…, n_spaces, COLUMNS), by space:

    CAPACITY, PLACES           people that it is for; seats
    OPEN, CLOSED_H             1 while open; hours since closing
    COUNTED, QUIET_H           1 once a door of it was heard; hours since somebody left
    TRUST, AIR_SEEN, AIR_AGE_H how far the balance of the air errs; whether and how long ago it was measured
    ODDS, SEEN_H               odds for occupied by presence and motion (NaN: no sensor); hours seen
    LISTENED, LEFT, UNSEEN     a door was heard; people who left by it; variance of those whom no door counts
    CO2 … SEEN                 what was said in the step (`edge.ext.hearing`); NaN is nothing
    BELOW                      by how much the doors took more people than there were
    INNOVATION, SPREAD         of the CO2 reading, and its variance
    USUAL                      people on an average of all hours where none are counted; 0: not known
    HINT                       ln of the odds for anybody by what counts no people; 0: says nothing
    STRAY                      fading sum of the errors by which CO2 was foretold, in deviations
    STRAY_ON, STRAY_ALL        means of such an error's product with it, and of its square

Where nothing else is said, arrays are float64 or intp and C-contiguous, and change in place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.ext import load
from edge.ext.balance import DOOR_STATES, GAUGE_STATES, SPACE_STATES
from edge.ext.settled import OFF, Tape, most_a_step

(
    CAPACITY,
    PLACES,
    OPEN,
    CLOSED_H,
    COUNTED,
    QUIET_H,
    TRUST,
    AIR_SEEN,
    AIR_AGE_H,
    ODDS,
    SEEN_H,
    LISTENED,
    LEFT,
    UNSEEN,
    CO2,
    HEADS,
    DEVICES_HEARD,
    SOUND,
    LIGHT,
    SEAT_SHARE,
    SEAT_SENSORS,
    SEEN,
    BELOW,
    INNOVATION,
    SPREAD,
    USUAL,
    HINT,
    STRAY,
    STRAY_ON,
    STRAY_ALL,
) = range(30)
COLUMNS: Final = 30
SAID: Final = slice(CO2, SEEN + 1)
_HEARD_COLUMNS: Final = 8

OPTIONS: Final = (
    "free_share",
    "idle_noise",
    "air_noise_ppm",
    "air_noise_share",
    "changes_drift",
    "changes_drift_alone",
    "changes_most_sd",
    "swing_sd",
    "swing_time_h",
    "co2_sd_ppm",
    "co2_sd_share",
    "co2_time_h",
    "base_sd_ppm",
    "trust_rate",
    "trust_least",
    "trust_stiffest",
    "trust_least_alone",
    "trust_most",
    "telling_ppm",
    "gate",
    "heads_sd",
    "heads_sd_share",
    "devices_noise",
    "seats_time_h",
    "closing_grace_h",
    "closing_sd",
    "closing_noise",
    "quiet_after_h",
    "quiet_weight",
    "stay_h",
    "sure_of_someone",
    "sure_of_nobody",
    "signs_time_h",
    "positive_share",
    "sd_widening",
    "sd_least",
)
"""The names of the numbers that `options` must hold: `edge.fusion.spaces.options` says what they are."""

F64 = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """x (blocks, states), P (blocks, states, states), `drift` (blocks, states) in variance an hour; `where`
    (n_spaces, 3): block, place of PEOPLE and of the gauges; `ends` (n, 5): block, origin, target (-1:
    elsewhere), the place of the share missed, and the door; `sizes`: how many states each block has, the rest
    is room that only the largest needs; `in_order`: the spaces by block, then the ends by block, and `first`
    (blocks + 1, 2): where those of each block begin. What is done is put down on `tape`. Raises ValueError
    where shapes or indices are wrong."""

    x: F64
    P: F64
    drift: F64
    where: Index
    ends: Index
    tape: Tape = OFF
    sizes: Index = field(init=False)
    in_order: Index = field(init=False)
    first: Index = field(init=False)

    def __post_init__(self) -> None:
        x, P = self.x, self.P
        if x.ndim != 2 or P.shape != (*x.shape, x.shape[1]) or self.drift.shape != x.shape:
            raise ValueError("x, P and drift: expected (blocks, states), (blocks, states, states) and as x")
        if not all(a.dtype == np.float64 and a.flags.c_contiguous for a in (x, P, self.drift)):
            raise ValueError("x, P and drift: expected contiguous float64")
        blocks, states = x.shape
        _check(
            "where", self.where, [(0, blocks), *((0, states - n + 1) for n in (SPACE_STATES, GAUGE_STATES))]
        )
        doors = int(self.ends[:, 4].max()) + 1 if len(self.ends) else 1
        _check("ends", self.ends, [(0, blocks), (-1, states), (-1, states), (0, states - 1), (0, doors)])
        by_block = [rows[:, 0] for rows in (self.where, self.ends)]
        order = np.concatenate([np.argsort(blocks, kind="stable") for blocks in by_block])
        begin = [np.searchsorted(np.sort(blocks), np.arange(len(x) + 1)) for blocks in by_block]
        object.__setattr__(self, "sizes", self._sizes())
        object.__setattr__(self, "in_order", order.astype(np.intp))
        object.__setattr__(self, "first", np.ascontiguousarray(np.column_stack(begin), np.intp))
        for fixed in (self.where, self.ends, self.sizes, self.in_order, self.first):
            fixed.flags.writeable = False

    @property
    def most_cells(self) -> int:
        """What a step may take of a tape."""
        return most_a_step(len(self.where), len(self.ends), self.x.shape[1])

    def _sizes(self) -> Index:
        found = np.zeros(len(self.x), np.intp)
        np.maximum.at(found, self.where[:, 0], self.where[:, 1] + SPACE_STATES)
        np.maximum.at(found, self.where[:, 0], self.where[:, 2] + GAUGE_STATES)
        np.maximum.at(found, self.ends[:, 0], self.ends[:, 3] + DOOR_STATES)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """After each of T steps: `people` (T, n_spaces, 2), mean and variance; `missed` (T, n_doors, 2), the
    shares of those who pass in and out that each door misses. `fit`: the log-likelihood of all that was said
    (no constant)."""

    people: F64
    missed: F64
    fit: float


def advance(
    f: Filter,
    spaces: F64,
    heard: F64,
    moved: F64,
    options: Mapping[str, float],
    step_h: F64,
    slow_h: F64,
    number: int = 0,
) -> Known:
    """Move the filter on by T steps and take in all that was said in them.

    spaces: (T + 1, n_spaces, COLUMNS), the table before the first step, then those of the steps, in which
    OPEN, CLOSED_H, LISTENED, LEFT, UNSEEN and what was SAID are given and the rest is filled in (HINT and
    USUAL: as before). heard: what levels of sound say (`edge.ext.sound`). moved: (T, n_doors, 3): people in,
    people out, the variance that one adds. step_h: (T,); what lasts (seats, signs, being closed, quiet doors)
    is taken in for `slow_h` (T,) hours, 0 for not now. `number`: of the first step, on the tape.
    Raises ValueError where shapes are wrong, or the tape has no room.
    """
    n, steps, doors = len(f.where), len(step_h), moved.shape[1]
    if spaces.shape != (steps + 1, n, COLUMNS) or not spaces.flags.c_contiguous:
        raise ValueError(f"spaces: expected {COLUMNS} columns before and after each step, contiguous")
    if heard.shape != (n, _HEARD_COLUMNS) or not heard.flags.c_contiguous:
        raise ValueError("heard: expected a row a space")
    if moved.shape != (steps, doors, 3) or (len(f.ends) and int(f.ends[:, 4].max()) >= doors):
        raise ValueError("moved: expected three values a step and door")
    if slow_h.shape != (steps,):
        raise ValueError("slow_h: expected a time a step")
    if len(f.tape.cells) and f.tape.left < steps * f.most_cells:
        raise ValueError("tape: no room left")
    people, missed = np.empty((steps, n, 2)), np.zeros((steps, doors, 2))
    kernel: Callable[..., float] = load("occupancy").advance
    fixed = f.where, f.ends, f.sizes, f.in_order, f.first
    told = people, missed, f.tape.cells, f.tape.used, number
    fit = kernel(f.x, f.P, f.drift, *fixed, spaces, heard, moved, options, step_h, slow_h, *told)
    return Known(people, missed, fit)


def tell(people: F64, spaces: F64, options: Mapping[str, float]) -> F64:
    """By row of `spaces` whose people have the mean and variance `people` (n, 2): the people to be told,
    their deviation, and the probability that anyone is there; (n, 3).

    The deviation is that of people about the number told: their variance, how far the number was moved from
    their mean, and, by the chance that it is wrong of anybody or nobody, one person or all that were told.
    The people are the median: none where nobody is likelier than anybody, and else one at least. Where
    neither heads nor doors are counted, few are likelier than many: numbers that fall off exponentially with
    the mean USUAL move a normal mean down by variance / USUAL. The less so the surer it is that anybody is
    there, and not at all where only HINT makes it likely.
    """
    if spaces.ndim != 2 or spaces.shape[1] != COLUMNS or not spaces.flags.c_contiguous:
        raise ValueError(f"spaces: expected a contiguous table of {COLUMNS} columns")
    if people.shape != (len(spaces), 2) or not people.flags.c_contiguous:
        raise ValueError("people: expected mean and variance for each row of spaces")
    out = np.empty((len(spaces), 3))
    kernel: Callable[..., None] = load("occupancy").tell
    kernel(people, spaces, out, options)
    return out


def _check(name: str, table: Index, limits: list[tuple[int, int]]) -> None:
    if table.dtype != np.intp or table.ndim != 2 or table.shape[1] != len(limits):
        raise ValueError(f"{name}: expected {len(limits)} columns of intp")
    if not table.flags.c_contiguous:
        raise ValueError(f"{name}: expected a contiguous table")
    for column, (low, high) in zip(table.T, limits, strict=True):
        if len(column) and (int(column.min()) < low or int(column.max()) >= high):
            raise ValueError(f"{name}: expected indices from {low} to {high - 1}")
