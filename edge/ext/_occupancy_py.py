"""The plain twin of the occupancy kernel: a step at a time by the balance filter's own twin, row by row."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.ext import _balance_py as balance
from edge.ext import occupancy as t
from edge.ext._settled_py import mark
from edge.ext._sound_py import listen
from edge.ext.balance import AIR, BASE, DEVICES, EXCESS, IDLE, NONE, PEOPLE, SEATS, SWING
from edge.ext.settled import CUT, OFF, Tape

COME_H, GO_H = 0.5, 0.7
STRAY_H, STRAY_KNOWN_H = 0.25, 12.0
STRAYS, STRAYS_NOT = 0.7, 0.2

F64 = NDArray[np.float64]
Index = NDArray[np.intp]
Options = Mapping[str, float]


@dataclass
class Row:
    """A measurement of one space: value = scale · exp(gain) · state + offset."""

    value: float
    variance: float
    state: int = PEOPLE
    gain: int = NONE
    offset: int = NONE
    scale: float = 1.0
    gate: float = 1e6


LASTING = (
    t.CAPACITY,
    t.PLACES,
    t.USUAL,
    t.COUNTED,
    t.QUIET_H,
    t.TRUST,
    t.AIR_SEEN,
    t.AIR_AGE_H,
    t.ODDS,
    t.SEEN_H,
    t.INNOVATION,
    t.SPREAD,
    t.HINT,
    t.STRAY,
    t.STRAY_ON,
    t.STRAY_ALL,
)


def advance(
    x: F64,
    P: F64,
    drift: F64,
    where: Index,
    ends: Index,
    sizes: Index,
    in_order: Index,
    first: Index,
    spaces: F64,
    heard: F64,
    moved: F64,
    o: Options,
    step_h: F64,
    slow_h: F64,
    people: F64,
    missed: F64,
    cells: F64 = OFF.cells,
    on_tape: Index = OFF.used,
    number: int = 0,
) -> float:
    tape, fit = Tape(cells, on_tape), 0.0
    for n, (h, slow) in enumerate(zip(step_h.tolist(), slow_h.tolist(), strict=True)):
        now = spaces[n + 1]
        now[:, LASTING] = spaces[n][:, LASTING]
        _settle(now, h, slow)
        fit += _step(x, P, drift, where, now, ends, moved[n], o, h, slow, tape)
        _learn(x, where, now, o)
        listen(x, P, where, now, heard, h, cells, on_tape)
        people[n] = np.column_stack((x[where[:, 0], where[:, 1]], P[where[:, 0], where[:, 1], where[:, 1]]))
        if len(cells):
            mark(x, P, where, sizes, cells, on_tape, number + n)
        for block, _, _, place, d in ends.tolist():
            missed[n, d] = x[block, place : place + 2]
    return fit


def _step(
    x: F64,
    P: F64,
    drift: F64,
    where: Index,
    spaces: F64,
    ends: Index,
    moved: F64,
    o: Options,
    step_h: float,
    slow_h: float,
    tape: Tape,
) -> float:
    _predict(x, P, drift, where, spaces, o, step_h, tape)
    for block, origin, target, missed, d in ends.tolist():
        if moved[d, 0] + moved[d, 1] > 0:
            n_in, n_out, noise = (moved[d, k : k + 1] for k in range(3))
            balance.flow(x, P, *_ints(block, origin, target, missed), n_in, n_out, noise, tape)
    people = x[where[:, 0], where[:, 1] + PEOPLE]
    spaces[:, t.BELOW] = np.maximum(-people, 0.0)
    likelihood = -float(np.minimum(spaces[:, t.BELOW], 8.0).sum())
    _keep_positive(x, P, where, o["positive_share"], tape)
    for (b, at, gauges), space in zip(where.tolist(), spaces, strict=True):
        for row in _rows(x[b], P[b], at, gauges - at, space, o, slow_h, tape, b):
            nu, S = _measure(x, P, b, at, row, tape)
            if row.state == EXCESS:
                space[t.INNOVATION], space[t.SPREAD] = nu, S
            likelihood -= 0.05 * (min(nu * nu / S, 16.0) + math.log(S))
    _keep_positive(x, P, where, o["positive_share"], tape)
    return likelihood


def _predict(
    x: F64, P: F64, drift: F64, where: Index, spaces: F64, o: Options, step_h: float, tape: Tape
) -> None:
    keep = math.exp(-step_h / o["swing_time_h"])
    noise = drift * step_h
    for (b, at, _), space in zip(where.tolist(), spaces, strict=True):
        free = (o["free_share"] * space[t.CAPACITY]) ** 2 * (1.0 if space[t.OPEN] else 0.05)
        rough = o["air_noise_ppm"] ** 2 + (o["air_noise_share"] * x[b, at + EXCESS]) ** 2
        people = o["idle_noise"] if space[t.COUNTED] else free
        people += o["closing_noise"] if space[t.CLOSED_H] > o["closing_grace_h"] else 0.0
        firm = min(float(space[t.TRUST]) / o["trust_least"], 1.0) if space[t.COUNTED] else 1.0
        noise[b, at + AIR] += o["changes_drift"] ** 2 * firm * step_h
        if not space[t.COUNTED] and P[b, at + AIR, at + AIR] < o["changes_most_sd"] ** 2:
            noise[b, at + AIR] += o["changes_drift_alone"] ** 2 * step_h
        noise[b, at + PEOPLE] += people * step_h + space[t.UNSEEN]
        noise[b, at + EXCESS] += space[t.TRUST] * rough * step_h
        noise[b, at + SWING] += space[t.TRUST] * o["swing_sd"] ** 2 * (1 - keep * keep)
    used = np.bincount(where[:, 0], minlength=len(x)).astype(np.intp)
    balance.predict(x, P, used, noise, step_h, keep, tape)


def _keep_positive(x: F64, P: F64, where: Index, share: float, tape: Tape) -> None:
    """No space below nobody, in the order of the spaces."""
    for b, at, _ in where.tolist():
        below = float(x[b, at + PEOPLE])
        if below < 0.0:
            column = P[b, :, at + PEOPLE].copy()
            variance = float(column[at + PEOPLE])
            if variance > 0.0:
                h = np.zeros(x.shape[1])
                h[at + PEOPLE] = 1.0
                balance.note(tape, b, h, column, -below / variance, (1.0 - share) / variance)
                x[b] -= column * (below / variance)
                P[b] -= np.outer(column, column) * ((1.0 - share) / variance)
            x[b, at + PEOPLE] = 0.0


def _measure(x: F64, P: F64, b: int, at: int, row: Row, tape: Tape) -> tuple[float, float]:
    gain, offset = (NONE if k == NONE else k + at for k in (row.gain, row.offset))
    scale, value, variance, gate = (np.array([v]) for v in (row.scale, row.value, row.variance, row.gate))
    nu, S = np.empty(1), np.empty(1)
    places = _ints(b, row.state + at, gain, offset)
    balance.measure(x, P, *places, scale, value, variance, gate, nu, S, tape)
    return float(nu[0]), float(S[0])


def _ints(a: int, b: int, c: int, d: int) -> tuple[Index, Index, Index, Index]:
    found = np.array([[a], [b], [c], [d]], np.intp)
    return found[0], found[1], found[2], found[3]


def _rows(
    x: F64, P: F64, at: int, gauges: int, space: F64, o: Options, slow_h: float, tape: Tape, b: int
) -> Iterator[Row]:
    """All that was said of one space, each row when the one before has been taken in. `gauges`: how far they
    are from `at`."""
    space[t.SPREAD] = 0.0 if not math.isnan(space[t.CO2]) else space[t.SPREAD]
    if 250.0 < space[t.CO2] < 10_000.0:
        if not space[t.AIR_SEEN]:
            _begin_air(x, P, at, float(space[t.CO2]), o)
            for state in (BASE, EXCESS):
                tape.write(CUT, b, (at + state,))
        yield _air(space, o)
    if not math.isnan(space[t.HEADS]):
        yield _heads(x, P, at, float(space[t.HEADS]), o)
    if not math.isnan(space[t.DEVICES_HEARD]):
        expected = math.exp(x[at + gauges + DEVICES]) * max(float(x[at + PEOPLE]), 0.0)
        variance = (o["devices_noise"] * expected) ** 2 + 4.0 + 2.0 * expected
        places = {"gain": gauges + DEVICES, "offset": gauges + IDLE}
        yield Row(float(space[t.DEVICES_HEARD]), variance, gate=o["gate"], **places)
    if slow_h > 0.0:
        yield from _lasting(x, at, gauges, space, o, slow_h)


def _lasting(x: F64, at: int, gauges: int, space: F64, o: Options, slow_h: float) -> Iterator[Row]:
    if space[t.SEAT_SENSORS] >= 5:
        yield _seats(gauges, space, o, slow_h)
    chance = space[t.ODDS] / (1 + space[t.ODDS])
    if chance > o["sure_of_someone"] and x[at + PEOPLE] < 1.0:
        yield Row(1.0, 0.25)
    elif chance < o["sure_of_nobody"]:
        yield Row(0.0, max(float(x[at + PEOPLE]), 1.0) ** 2 * o["signs_time_h"] / slow_h)
    if space[t.CLOSED_H] > o["closing_grace_h"]:
        sd = o["closing_sd"] / max(float(space[t.CLOSED_H]), 0.5)
        yield Row(0.0, sd**2 / (2 * slow_h) * (1 + 0.02 * float(space[t.CAPACITY])), gate=o["gate"])
    if space[t.LISTENED] and space[t.QUIET_H] > o["quiet_after_h"]:
        yield Row(0.0, max(float(x[at + PEOPLE]), 0.5) * o["stay_h"] / (o["quiet_weight"] * slow_h))


def _begin_air(x: F64, P: F64, at: int, ppm: float, o: Options) -> None:
    """The first that is heard of a space's air."""
    base = min(max(ppm, 300.0), 440.0)
    for state, mean, sd in ((BASE, base, o["base_sd_ppm"]), (EXCESS, max(ppm - base, 0.0), 30.0)):
        x[at + state] = mean
        P[at + state, :] = P[:, at + state] = 0.0
        P[at + state, at + state] = sd**2


def _air(space: F64, o: Options) -> Row:
    ppm = float(space[t.CO2])
    gap_h = float(space[t.AIR_AGE_H]) if space[t.AIR_SEEN] else o["co2_time_h"]
    alike = max(1.0, o["co2_time_h"] / max(gap_h, 1 / 120))
    variance = (o["co2_sd_ppm"] ** 2 + (o["co2_sd_share"] * ppm) ** 2) * alike
    return Row(ppm, variance, state=EXCESS, offset=BASE, gate=o["gate"])


def _heads(x: F64, P: F64, at: int, people: float, o: Options) -> Row:
    apart = people - float(x[at + PEOPLE])
    if apart**2 > 4.0 * P[at + PEOPLE, at + PEOPLE]:
        P[at + PEOPLE, at + PEOPLE] += apart**2
    return Row(people, (o["heads_sd"] + o["heads_sd_share"] * people) ** 2, gate=30.0)


def _seats(gauges: int, space: F64, o: Options, slow_h: float) -> Row:
    share, n, places = (float(space[c]) for c in (t.SEAT_SHARE, t.SEAT_SENSORS, t.PLACES))
    p = min(max(share, 0.02), 0.98)
    sampling = p * (1 - p) / n * max(1 - n / places, 0.0)
    variance = (sampling + 0.02**2) * max(1.0, o["seats_time_h"] / slow_h)
    return Row(share, variance, gain=gauges + SEATS, scale=1 / places, gate=o["gate"])


def _settle(spaces: F64, step_h: float, slow_h: float) -> None:
    for space in spaces:
        space[t.QUIET_H] = 0.0 if space[t.LEFT] > 0 else space[t.QUIET_H] + step_h
        space[t.AIR_AGE_H] += step_h
        space[t.COUNTED] = max(space[t.COUNTED], space[t.LISTENED])
        if slow_h > 0.0:
            _watch(space, slow_h)


def _watch(space: F64, step_h: float) -> None:
    rest, odds = COME_H / (COME_H + GO_H), float(space[t.ODDS])
    if not math.isnan(odds):
        chance = rest + (odds / (1 + odds) - rest) * math.exp(-(COME_H + GO_H) * step_h)
        odds = chance / (1 - chance)
    if not math.isnan(space[t.SEEN]):
        odds = COME_H / GO_H if math.isnan(odds) else odds
        seen = space[t.SEEN] > 0
        space[t.SEEN_H] = space[t.SEEN_H] + step_h if seen else 0.0
        always = space[t.SEEN_H] > 12.0
        odds *= (1.0 if always else 40.0) if seen else 0.66 ** min(step_h * 60, 10.0)
    space[t.ODDS] = odds if math.isnan(odds) else min(max(odds, 1e-4), 1e4)


def _learn(x: F64, where: Index, spaces: F64, o: Options) -> None:
    for (b, at, _), space in zip(where.tolist(), spaces, strict=True):
        if math.isnan(space[t.CO2]) or not space[t.SPREAD] > 0:
            continue
        is_telling = bool(x[b, at + EXCESS] > o["telling_ppm"])
        _stray(space, is_telling)
        space[t.AIR_SEEN], space[t.AIR_AGE_H] = 1.0, 0.0
        surprise = min(float(space[t.INNOVATION]) ** 2 / float(space[t.SPREAD]), 9.0) - 1
        if surprise > 0 or is_telling:
            trust = float(space[t.TRUST]) * math.exp(o["trust_rate"] * surprise)
            least = _least(space, o) if space[t.COUNTED] else o["trust_least_alone"]
            space[t.TRUST] = min(max(trust, least), o["trust_most"])


def _stray(space: F64, is_telling: bool) -> None:
    gap_h = min(float(space[t.AIR_AGE_H]), 1.0)
    keep = math.exp(-gap_h / STRAY_H)
    error = min(max(float(space[t.INNOVATION]) / math.sqrt(space[t.SPREAD]), -3.0), 3.0)
    if is_telling:
        weight = 1.0 - math.exp(-gap_h / STRAY_KNOWN_H)
        goes_on = error * space[t.STRAY] * math.sqrt(1.0 - keep * keep)
        space[t.STRAY_ON] += weight * (goes_on - space[t.STRAY_ON])
        space[t.STRAY_ALL] += weight * (error * error - space[t.STRAY_ALL])
    space[t.STRAY] = space[t.STRAY] * keep + error


def _least(space: F64, o: Options) -> float:
    goes_on = float(space[t.STRAY_ON]) / max(float(space[t.STRAY_ALL]), 1e-6)
    stiff = min(max((STRAYS - goes_on) / (STRAYS - STRAYS_NOT), 0.0), 1.0)
    return float(o["trust_least"] * o["trust_stiffest"] ** stiff)


def tell(known: F64, spaces: F64, out: F64, o: Options) -> None:
    for s, (mean, variance) in enumerate(np.maximum(known, 0.0).tolist()):
        people, usual = mean, float(spaces[s, t.USUAL])
        if not spaces[s, t.COUNTED] and usual > 0.0:
            fewer = max(variance, 1e-9)
            people = max(people - fewer / usual * math.exp(-0.25 * people**2 / fewer), 0.0)
        sd = math.sqrt(o["sd_widening"] * variance + o["sd_least"] ** 2)
        chance = 0.5 * math.erfc((0.5 - people) / (math.sqrt(2) * max(sd, 0.2)))
        odds = chance / max(1 - chance, 1e-9)
        if not math.isnan(spaces[s, t.ODDS]):
            odds *= float(spaces[s, t.ODDS]) * GO_H / COME_H
        hinted = odds * math.exp(spaces[s, t.HINT])
        if odds < 1.0 <= hinted:
            people = float(known[s, 0])
        chance = hinted / (1 + hinted)
        told = max(people, 1.0) if hinted >= 1.0 else 0.0
        wrong = min(chance, 1 - chance) * max(told, 1.0) ** 2
        moved = (mean - told) ** 2
        out[s] = told, math.sqrt(sd**2 + moved + wrong), chance
