"""The plain twin of the hearing kernel: lists of what was said, one channel and one door after another."""

import math

import numpy as np
from numpy.typing import NDArray

VALUE, MEAN, GAP_NS, LONGEST_NS, STUCK_AFTER_NS, HEARD, STUCK, SUM, BEFORE, BEFORE_NS, BEYOND = range(11)
N_IN, N_OUT, DOOR_HEARD, DOOR_GAP_NS, RATE_H, TOTAL, SILENT, FLIPPED, JUMPED = range(9)
MOVED_IN, MOVED_OUT, REAL_IN, REAL_OUT = range(9, 13)
LISTENED, LEFT = 11, 12
SEAT, SIGN = 5, 6
HOUR_NS = 3.6e12

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_] | NDArray[np.uint8]


def known(source: Index, quantity: Index, channel: Index) -> int:
    for index, limit in zip((source, quantity), channel.shape, strict=True):
        if ((index < 0) | (index >= limit)).any():
            return -1
    without = np.flatnonzero(channel[source, quantity] < 0).tolist()
    return int(without[0]) if without else len(source)


def hear(
    source: Index,
    quantity: Index,
    value: F64,
    t_ns: I64,
    channel: Index,
    possible: F64,
    before: Index,
    ends_ns: I64,
    told: F64,
    stamps: I64,
    place: Index,
    said: F64,
    heard: Index,
    alive: Index,
    stuck: Mask,
    beyond: Mask,
) -> None:
    begin = 0
    low, high = possible[:, quantity]
    cannot_be = (value < low) | (value > high)
    value = np.where(cannot_be, np.nan, value)
    of = channel[source, quantity]
    for t, (end, end_ns) in enumerate(zip(before.tolist(), ends_ns.tolist(), strict=True)):
        own = slice(begin, end)
        _hear(of[own], value[own], t_ns[own], told, stamps, place, said[t], heard, alive[t], end_ns)
        for c, is_beyond in zip(of[own].tolist(), cannot_be[own].tolist(), strict=True):
            told[c, BEYOND] = told[c, BEYOND] + 1.0 if is_beyond else 0.0
        stuck[t], beyond[t] = told[:, STUCK], told[:, BEYOND] >= 3.0
        begin = end


def _hear(
    channel: Index,
    value: F64,
    t_ns: I64,
    told: F64,
    stamps: I64,
    place: Index,
    said: F64,
    heard: Index,
    alive: Index,
    end_ns: int,
) -> None:
    said_what = ~np.isnan(value)
    told[:, HEARD] = 0.0
    for c in np.unique(channel[said_what]).tolist():
        own = said_what & (channel == c)
        _follow(told[c], stamps[c], value[own], t_ns[own])
    for c in range(len(told)):
        stands = float(stamps[c, 0] - stamps[c, 1])
        told[c, STUCK] = stands > max(told[c, STUCK_AFTER_NS], 4.0 * told[c, LONGEST_NS])
    alive[:] = 0
    for s in range(len(said)):
        own = np.flatnonzero(place[:, 0] == s)
        for c in own.tolist():
            late_ns = max(900e9, 3.0 * float(np.nan_to_num(told[c, GAP_NS])))
            if end_ns - int(stamps[c, 0]) <= late_ns and not told[c, STUCK]:
                alive[s] |= place[c, 2]
        _tell(told[own], place[own, 1], said[s], heard[s])


def _follow(told: F64, stamps: I64, values: F64, t_ns: I64) -> None:
    """One channel's readings of a step."""
    told[SUM] = values.sum()
    told[BEFORE], told[BEFORE_NS], told[HEARD] = told[VALUE], float(stamps[0]), len(values)
    for value, t in zip(values.tolist(), t_ns.tolist(), strict=True):
        if t >= stamps[0]:
            told[VALUE], stamps[0] = value, t
    told[MEAN] = told[SUM] / len(values)
    gap = (float(stamps[0]) - told[BEFORE_NS]) / len(values)
    usual = float(told[GAP_NS])
    if told[BEFORE_NS] == 0.0:
        told[GAP_NS] = math.nan
    else:
        told[GAP_NS] = gap if math.isnan(usual) else usual + 0.1 * (min(gap, 3.0 * usual) - usual)
    if told[VALUE] != told[BEFORE] or told[MEAN] != told[BEFORE]:
        if stamps[1] > 0:
            told[LONGEST_NS] = max(told[LONGEST_NS], float(stamps[0] - stamps[1]))
        stamps[1] = stamps[0]


def _tell(told: F64, kind: Index, said: F64, heard: Index) -> None:
    """What the channels of one space say together."""
    said[:], heard[:] = math.nan, 0
    spoke, works = told[:, HEARD] > 0, told[:, STUCK] == 0.0
    for k in range(SEAT):
        means = told[(kind == k) & spoke & works, MEAN]
        heard[k] = len(means)
        if len(means):
            said[k] = means.sum() / len(means)
    seats = told[(kind == SEAT) & works & ~np.isnan(told[:, VALUE]), VALUE] > 0.0
    heard[SEAT], said[SEAT + 1] = len(seats), len(seats)
    if len(seats):
        said[SEAT] = seats.sum() / len(seats)
    signs = told[(kind == SIGN) & spoke, MEAN]
    heard[SIGN + 1] = len(signs)
    if len(signs):
        said[SIGN + 1] = float((signs > 0.0).any())


def count(
    source: Index,
    n_in: I64,
    n_out: I64,
    before: Index,
    ends_ns: I64,
    step_h: F64,
    of_source: Index,
    first: Index,
    doors: F64,
    last_ns: I64,
    sides: Index,
    spaces: F64,
    alive: Index,
    bit: int,
) -> None:
    begin = 0
    for t, (end, end_ns, h) in enumerate(
        zip(before.tolist(), ends_ns.tolist(), step_h.tolist(), strict=True)
    ):
        own = slice(begin, end)
        doors[t + 1], last_ns[t + 1] = doors[t], last_ns[t]
        tables = doors[t + 1], last_ns[t + 1], sides, spaces[t + 1], alive[t]
        _count(source[own], n_in[own], n_out[own], of_source, *tables, bit, end_ns, h)
        begin = end


def _count(
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
    spaces[:, [LISTENED, LEFT]] = 0.0
    doors[:, [N_IN, N_OUT, DOOR_HEARD, JUMPED]] = 0.0
    for s, d in of_source.tolist():
        for counts in zip(n_in[source == s].tolist(), n_out[source == s].tolist(), strict=True):
            doors[d, DOOR_HEARD] = 1.0
            if min(counts) >= 0 and max(counts) < _most(int(last_ns[d]), end_ns):
                doors[d, [N_IN, N_OUT]] += counts
            else:
                doors[d, JUMPED] = 1.0
    for d in range(len(doors)):
        last_ns[d] = _listen(doors[d], int(last_ns[d]), end_ns, step_h)
        for side, n in ((int(sides[d, 0]), N_IN), (int(sides[d, 1]), N_OUT)):
            if side >= 0 and doors[d, DOOR_HEARD]:
                spaces[side, LISTENED] = 1.0
                spaces[side, LEFT] += doors[d, n]
            if side >= 0 and last_ns[d] > 0 and not doors[d, SILENT]:
                alive[side] |= bit


def _most(last_ns: int, end_ns: int) -> float:
    """Of people through one door since its last reading: two a second for an hour, then one in two."""
    seconds = max((end_ns - last_ns) / 1e9, 0.0) if last_ns > 0 else 86_400.0
    return 200 + 2 * seconds if seconds < 3600 else 7400 + (seconds - 3600) / 2


def _listen(door: F64, last_ns: int, end_ns: int, step_h: float) -> int:
    """One door's rhythm, rate and silence; when it was last heard."""
    passed = float(door[N_IN] + door[N_OUT])
    since_h, gap_h = (end_ns - last_ns) / HOUR_NS, float(door[DOOR_GAP_NS]) / HOUR_NS
    heard, known = bool(door[DOOR_HEARD]), last_ns > 0
    if heard and known:
        if since_h <= 4.0 * max(step_h, gap_h):
            now = passed / max(since_h, step_h, 1e-6)
            door[RATE_H] += min(step_h, 1.0) * (now - door[RATE_H])
        gap_h += 0.1 * (min(since_h, 3.0 * max(gap_h, step_h)) - gap_h) if gap_h else since_h
        door[DOOR_GAP_NS] = gap_h * HOUR_NS
    door[TOTAL] += passed
    longest_h = 3.0 * max(gap_h, step_h, 1 / 60) if gap_h else 25.0
    door[SILENT] = known and not heard and since_h > longest_h
    way = [N_OUT, N_IN] if door[FLIPPED] else [N_IN, N_OUT]
    door[[MOVED_IN, MOVED_OUT]] = door[way]
    return end_ns if heard else last_ns


def passed(sides: Index, doors: F64, found: F64) -> None:
    for d, (origin, target) in enumerate(sides.tolist()):
        inward = doors[:, d][:, [N_IN, N_OUT, REAL_IN, REAL_OUT]]
        outward = inward[:, [1, 0, 3, 2]]
        back = doors[:, d, FLIPPED, None] != 0.0
        if target >= 0:
            found[:, target] += np.where(back, outward, inward)
        if origin >= 0:
            found[:, origin] += np.where(back, inward, outward)
