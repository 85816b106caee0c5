"""What the estimates of people stand: recordings with one trouble more each, ours beside a plain baseline.

    python -m tests.bench.spaces_troubles [--only TEXT]

The troubles are drawn the same way in every run. A day of each room with doors, and with CO2 alone, a room
with Wi-Fi, and a simulated week. The baseline is told the same: the doors' in − out, from 0 each day at
04:00, and nobody where no door counts. Where a set has nothing that could be wrong so, nothing is.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from edge.columns import DoorColumns, RoomColumns, readings_by_time, take
from edge.config import load_site
from edge.fusion.spaces import Building
from edge.fusion.window import Window
from edge.recording import read
from edge.space_models import building_of
from tests.bench.spaces_figures import (
    DATA,
    Recording,
    Score,
    always_nobody,
    ours,
    recordings,
    reset_at_night,
    truth_of,
)

Rng = np.random.Generator
Kind = TypeVar("Kind", DoorColumns, RoomColumns)
Given = tuple[Window, Building, int]
"""A recording, its building, and the steps at which it is looked at."""
Trouble = Callable[[Window, Building, int, Rng], Given]

_MINUTE_NS: Final = 60_000_000_000
_DAY_NS: Final = 1440 * _MINUTE_NS
_LATE_NS: Final = 90 * _MINUTE_NS
_SETS: Final = {"sdu doors-hard": 15, "sdu co2": 15, "robod all": 2, "sim week": 1}
"""Of each set, every so manyth recording: the middle one of so many."""


def as_it_is(window: Window, building: Building, step_ns: int, rng: Rng) -> Given:
    """Nothing more."""
    del rng
    return window, building, step_ns


def lost(share: float) -> Trouble:
    """Messages that never came."""

    def trouble(window: Window, building: Building, step_ns: int, rng: Rng) -> Given:
        return _each(window, lambda c: take(c, rng.random(len(c)) >= share)), building, step_ns

    return trouble


def _each(window: Window, change: Callable[[Kind], Kind]) -> Window:
    """The window with its counts and its samples changed alike."""
    return replace(window, doors=change(window.doors), rooms=change(window.rooms))


def silent_half_a_day(window: Window, building: Building, step_ns: int, rng: Rng) -> Given:
    """One source, drawn from all, says nothing for twelve hours from the middle of the recording on."""
    start_ns = (window.start_ns + window.end_ns) // 2
    return _without_one(window, start_ns, start_ns + _DAY_NS // 2, rng), building, step_ns


def _without_one(window: Window, start_ns: int, end_ns: int, rng: Rng) -> Window:
    of = [(c, s) for c in (window.doors, window.rooms) for s in range(len(c.sources))]
    chosen, source = of[int(rng.integers(len(of)))]

    def kept(c: DoorColumns | RoomColumns) -> np.ndarray:
        gone = (c.t_ns >= start_ns) & (c.t_ns < end_ns) & (c.source == source)
        return ~gone if c is chosen else np.ones(len(c), bool)

    doors, rooms = take(window.doors, kept(window.doors)), take(window.rooms, kept(window.rooms))
    return replace(window, doors=doors, rooms=rooms)


def hours_missing(window: Window, building: Building, step_ns: int, rng: Rng) -> Given:
    """Nothing at all for three hours of each day, drawn for each."""
    gone = window.start_ns + _DAY_NS * np.arange(-(-(window.end_ns - window.start_ns) // _DAY_NS))
    gone = gone + rng.integers(0, _DAY_NS * 7 // 8, len(gone))

    def kept(c: Kind) -> Kind:
        since = c.t_ns[:, None] - gone
        return take(c, ~((since >= 0) & (since < _DAY_NS // 8)).any(axis=1))

    return _each(window, kept), building, step_ns


def doubled(window: Window, building: Building, step_ns: int, rng: Rng) -> Given:
    """A tenth of all messages come twice, as an impatient sender repeats them."""

    def again(c: Kind) -> Kind:
        return take(c, np.sort(np.append(np.arange(len(c)), np.flatnonzero(rng.random(len(c)) < 0.1))))

    return _each(window, again), building, step_ns


def clock_off(window: Window, building: Building, step_ns: int, rng: Rng) -> Given:
    """One source's clock is ten minutes late."""
    of = [(kind, s) for kind in ("doors", "rooms") for s in range(len(getattr(window, kind).sources))]
    kind, source = of[int(rng.integers(len(of)))]
    c = getattr(window, kind)
    moved = replace(c, t_ns=c.t_ns + 10 * _MINUTE_NS * (c.source == source))
    return _by_time(replace(window, **{kind: moved})), building, step_ns


def stamped_late(window: Window, building: Building, step_ns: int, rng: Rng) -> Given:
    """One message of twenty has the time at which it came, up to an hour and a half late."""

    def late(c: Kind) -> Kind:
        return replace(c, t_ns=c.t_ns + rng.integers(0, _LATE_NS, len(c)) * (rng.random(len(c)) < 0.05))

    return _by_time(_each(window, late)), building, step_ns


def _by_time(window: Window) -> Window:
    """In order of time, within the recording."""
    ordered = readings_by_time(window)
    inside = replace(window, doors=ordered.doors, rooms=ordered.rooms)
    return _each(inside, lambda c: take(c, c.t_ns < window.end_ns))


def co2(change: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Trouble:
    """Every CO2 sensor tells something else, by the days since the start and what it told."""

    def trouble(window: Window, building: Building, step_ns: int, rng: Rng) -> Given:
        del rng
        rooms = window.rooms
        if "co2_ppm" not in rooms.quantities:
            return window, building, step_ns
        own = rooms.quantity == rooms.quantities.index("co2_ppm")
        value = rooms.value.copy()
        value[own] = change((rooms.t_ns[own] - window.start_ns) / _DAY_NS, value[own])
        return replace(window, rooms=replace(rooms, value=value)), building, step_ns

    return trouble


def one_door(change: Callable[[np.ndarray, np.ndarray, Rng], tuple[np.ndarray, np.ndarray]]) -> Trouble:
    """One counter, drawn from all, reports other people in and out."""

    def trouble(window: Window, building: Building, step_ns: int, rng: Rng) -> Given:
        doors = window.doors
        if len(doors):
            own = np.flatnonzero(doors.source == int(rng.integers(len(doors.sources))))
            n_in, n_out = doors.n_in.copy(), doors.n_out.copy()
            n_in[own], n_out[own] = change(n_in[own], n_out[own], rng)
            window = replace(window, doors=replace(doors, n_in=n_in, n_out=n_out))
        return window, building, step_ns

    return trouble


def _swapped(n_in: np.ndarray, n_out: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    del rng
    return n_out, n_in


def _spike(n_in: np.ndarray, n_out: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    found = n_in.copy()
    found[int(rng.integers(len(found)))] = 5000
    return found, n_out


def _restarted(n_in: np.ndarray, n_out: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """A running total that began again at 0: its difference is less than nothing, once."""
    at = len(n_in) * 2 // 3
    found_in, found_out = n_in.copy(), n_out.copy()
    found_in[at], found_out[at] = -n_in[:at].sum(), -n_out[:at].sum()
    return found_in, found_out


def site(capacity: float = 1.0, volume: float = 1.0) -> Trouble:
    """The site file is wrong by these factors."""

    def trouble(window: Window, building: Building, step_ns: int, rng: Rng) -> Given:
        del rng
        told = tuple(replace(one, capacity=round(one.capacity * capacity)) for one in building.spaces)
        if volume != 1.0:
            told = tuple(replace(one, area_m2=one.volume_m3 * volume / 3.0, height_m=3.0) for one in told)
        return window, replace(building, spaces=told), step_ns

    return trouble


def steps_of_five(window: Window, building: Building, step_ns: int, rng: Rng) -> Given:
    """Looked at each five minutes."""
    del rng
    return window, building, max(step_ns, 5 * _MINUTE_NS)


def first_day(window: Window, building: Building, step_ns: int, rng: Rng) -> Given:
    """Only the first day was recorded."""
    del rng
    end_ns = min(window.end_ns, window.start_ns + _DAY_NS)
    first = _each(window, lambda c: take(c, c.t_ns < end_ns))
    return replace(first, end_ns=end_ns), building, step_ns


TROUBLES: Final[dict[str, Trouble]] = {
    "as it is": as_it_is,
    "a tenth of the messages lost": lost(0.1),
    "half of the messages lost": lost(0.5),
    "three hours missing each day": hours_missing,
    "a source silent for half a day": silent_half_a_day,
    "a tenth of the messages twice": doubled,
    "one of twenty up to 90 min late": stamped_late,
    "a source's clock 10 min late": clock_off,
    "CO2 150 ppm high": co2(lambda days, ppm: ppm + 150.0),
    "CO2 rises 20 ppm a day": co2(lambda days, ppm: ppm + 20.0 * days),
    "CO2 stuck from the beginning": co2(lambda days, ppm: np.full(len(ppm), 640.0)),
    "a counter the wrong way round": one_door(_swapped),
    "a counter tells 5,000 once": one_door(_spike),
    "a counter begins again at 0": one_door(_restarted),
    "capacity told twice as large": site(capacity=2.0),
    "capacity told half as large": site(capacity=0.5),
    "volume told twice as large": site(volume=2.0),
    "volume told half as large": site(volume=0.5),
    "steps of 5 minutes": steps_of_five,
    "only the first day": first_day,
}


def figures(data_dir: Path, only: str = "") -> dict[str, dict[str, tuple[float, float]]]:
    """{trouble: {set: (MAE of ours, of the baseline)}}."""
    scores: dict[str, dict[str, tuple[Score, Score]]] = {}
    for recording in _chosen(data_dir):
        window, _ = read([recording.path])
        building = building_of(load_site(recording.site))
        for name, trouble in TROUBLES.items():
            if only in name:
                given = trouble(window, building, recording.every_ns, np.random.default_rng(1))
                both = scores.setdefault(name, {}).setdefault(recording.set, (Score(), Score()))
                _add(both, recording, given)
    return {
        name: {key: (one.error / one.n, other.error / other.n) for key, (one, other) in sets.items()}
        for name, sets in scores.items()
    }


def _add(both: tuple[Score, Score], recording: Recording, given: Given) -> None:
    window, building, step_ns = given
    plain = reset_at_night if len(window.doors) else always_nobody
    truth = truth_of(recording.truth)
    for score, method in zip(both, (ours, plain), strict=True):
        found = method(window, building, step_ns)
        score.add(found, truth, step_ns, window.start_ns, window.end_ns - 1)


def _chosen(data_dir: Path) -> Iterator[Recording]:
    seen: dict[str, int] = {}
    for recording in recordings(data_dir):
        n = seen[recording.set] = seen.get(recording.set, -1) + 1
        every = _SETS.get(recording.set)
        if every and n % every == every // 2:
            yield recording


def table(found: dict[str, dict[str, tuple[float, float]]]) -> Iterator[str]:
    """A trouble a line: MAE in people, ours and the baseline's."""
    yield f"{'MAE in people, ours and plain':32} " + " ".join(f"{name:>14}" for name in _SETS)
    for trouble, sets in found.items():
        cells = (f"{sets[name][0]:.2f} {sets[name][1]:.2f}" if name in sets else "–" for name in _SETS)
        yield f"{trouble:32} " + " ".join(f"{cell:>14}" for cell in cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="troubles whose name holds this")
    for line in table(figures(DATA, parser.parse_args().only)):
        print(line)


if __name__ == "__main__":
    main()
