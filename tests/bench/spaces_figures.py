"""Accuracy of people per space on the development data, beside honest baselines, by one scorer.

    python -m tests.bench.spaces_figures [--json] [--only TEXT]

Every recording of `occupancy/manifest.csv` with a truth, and every simulated week. Scored at every truth time
between the first and the last reading: the last estimate not older than two steps; one that is missing is
never less than one person wrong.
"""

import argparse
import csv
import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from edge.config import load_site
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.hours import LocalTime
from edge.fusion.spaces.read import read_spaces, steps
from edge.fusion.window import Window
from edge.recording import read
from edge.space_models import building_of
from tests.bench.baselines.ridge import Day, by_day, days_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
_COVER = 1.64
_RESET_HOUR = 4
_LAMP_LUX = 365.0

Series = dict[str, tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]
"""By space: times, people, deviation, chance that anyone is there."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording with its truth."""

    name: str
    set: str
    path: Path
    site: Path
    truth: Path
    every_ns: int


@dataclass(slots=True)
class Score:
    """Sums over truth times."""

    n: int = 0
    error: float = 0.0
    square: float = 0.0
    n_occupied: int = 0
    right: int = 0
    right_occupied: int = 0
    covered: int = 0

    def add(self, found: Series, truth: Series, every_ns: int, first_ns: int, last_ns: int) -> None:
        for space, (t_ns, people, _, _) in truth.items():
            inside = (t_ns >= first_ns) & (t_ns <= last_ns)
            self._add(found.get(space), t_ns[inside], people[inside], 2 * every_ns)

    def _add(
        self, found: tuple[np.ndarray, ...] | None, t_ns: np.ndarray, true: np.ndarray, most: int
    ) -> None:
        there = np.zeros(len(t_ns), bool)
        people, sd, chance = np.zeros(len(t_ns)), np.zeros(len(t_ns)), np.zeros(len(t_ns))
        if found is not None and len(found[0]):
            place = np.searchsorted(found[0], t_ns, side="right") - 1
            there = (place >= 0) & (t_ns - found[0][place] <= most)
            people, sd, chance = (np.where(there, column[place], 0.0) for column in found[1:])
        error = np.where(there, np.abs(people - true), np.maximum(true, 1.0))
        right = there & ((chance >= 0.5) == (true > 0))
        self.n += len(t_ns)
        self.error += float(error.sum())
        self.square += float((error**2).sum())
        self.n_occupied += int((true > 0).sum())
        self.right += int(right.sum())
        self.right_occupied += int(right[true > 0].sum())
        self.covered += int((error <= _COVER * sd + 1e-9).sum())

    def row(self) -> dict[str, float | None]:
        n, n_occupied = max(self.n, 1), self.n_occupied
        return {
            "mae": round(self.error / n, 3),
            "rmse": round((self.square / n) ** 0.5, 3),
            "right": round(self.right / n, 3),
            "right_occupied": round(self.right_occupied / n_occupied, 3) if n_occupied else None,
            "within_1_64_sd": round(self.covered / n, 3),
        }


Method = Callable[[Window, Building, int], Series]


def ours(window: Window, building: Building, step_ns: int, *, live: bool = False) -> Series:
    """The estimates of `edge spaces`, or of `edge spaces --live`."""
    report = read_spaces(window, building, step_ns, live=live)
    t_ns = np.array([step.t_ns for step in report.steps], np.int64)
    numbers = np.array([step.numbers for step in report.steps]).reshape(len(t_ns), len(report.spaces), 3)
    return {space: (t_ns, *numbers[:, s].T) for s, space in enumerate(report.spaces)}


def always_nobody(window: Window, building: Building, step_ns: int) -> Series:
    return _run(window, building, step_ns, lambda state, part, local_hour: None)


def in_minus_out(window: Window, building: Building, step_ns: int) -> Series:
    """The sum of the doors, never below 0."""
    return _run(window, building, step_ns, _count(building, reset=False))


def reset_at_night(window: Window, building: Building, step_ns: int) -> Series:
    """The same, from 0 each day at 04:00."""
    return _run(window, building, step_ns, _count(building, reset=True))


def last_head_count(window: Window, building: Building, step_ns: int) -> Series:
    def look(state: dict[str, float], part: Window, hour: float) -> None:
        rooms = part.rooms
        for n in range(len(rooms)):
            space = building.space_of_source.get(rooms.sources[rooms.source[n]])
            if rooms.quantities[rooms.quantity[n]] == "people" and space is not None:
                state[space] = float(rooms.value[n])

    return _run(window, building, step_ns, look)


def lamp(window: Window, building: Building, step_ns: int) -> Series:
    """One person where it is brighter than 365 lux: the lamp detector that an office's figures flatter."""

    def look(state: dict[str, float], part: Window, hour: float) -> None:
        rooms = part.rooms
        for n in range(len(rooms)):
            space = building.space_of_source.get(rooms.sources[rooms.source[n]])
            if rooms.quantities[rooms.quantity[n]] == "illuminance_lux" and space is not None:
                state[space] = float(rooms.value[n] > _LAMP_LUX)

    return _run(window, building, step_ns, look)


LIVE = "edge live"
METHODS: dict[str, Method] = {
    "edge": ours,
    LIVE: partial(ours, live=True),
    "always nobody": always_nobody,
    "in − out": in_minus_out,
    "in − out from 04:00": reset_at_night,
    "last head count": last_head_count,
    "lamp": lamp,
}

RIDGE = "ridge, taught"
_SHARES = ("right", "within_1_64_sd")

Look = Callable[[dict[str, float], Window, float], None]


def _run(window: Window, building: Building, step_ns: int, look: Look) -> Series:
    zone = ZoneInfo(building.timezone)
    state = {space.id: 0.0 for space in building.spaces}
    rows: dict[str, list[tuple[float, ...]]] = {space: [] for space in state}
    for part in steps(window, step_ns):
        look(state, part, LocalTime.at(part.end_ns, zone).minute / 60)
        for space, people in state.items():
            rows[space].append((part.end_ns, people, 0.0, float(people > 0.5)))
    return {space: _columns(values) for space, values in rows.items()}


def _count(building: Building, *, reset: bool) -> Look:
    door_of = {door.source: door for door in building.doors}
    was_before = [False]

    def look(state: dict[str, float], part: Window, hour: float) -> None:
        if reset and hour >= _RESET_HOUR and was_before[0]:
            state.update(dict.fromkeys(state, 0.0))
        was_before[0] = hour < _RESET_HOUR
        for n in range(len(part.doors)):
            door = door_of.get(part.doors.sources[part.doors.source[n]])
            if door is not None:
                net = float(part.doors.n_in[n] - part.doors.n_out[n])
                for space, change in ((door.target, net), (door.origin, -net)):
                    if space in state:
                        state[space] = max(0.0, state[space] + change)

    return look


def _columns(values: list[tuple[float, ...]]) -> tuple[np.ndarray, ...]:
    if not values:
        return np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0)
    t_ns, *rest = zip(*values, strict=True)
    return np.array(t_ns, np.int64), *(np.array(column, float) for column in rest)


def recordings(data_dir: Path) -> Iterator[Recording]:
    """What has a truth: real recordings first, then the simulated weeks."""
    for manifest in (data_dir / "occupancy" / "manifest.csv", *sorted(data_dir.glob("sim/*/manifest.csv"))):
        folder = manifest.parent
        for row in csv.DictReader(manifest.open()):
            if row["truth"] and row["truth_kind"] != "proxy":
                yield Recording(
                    name=row["name"],
                    set=f"{row['set']} {row['variant']}",
                    path=folder / f"{row['name']}.jsonl.gz",
                    site=folder / row["site"],
                    truth=folder / row["truth"],
                    every_ns=int(row["every_s"]) * 1_000_000_000,
                )


def truth_of(path: Path) -> Series:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    rows: dict[str, list[tuple[float, ...]]] = {}
    for row in csv.DictReader(text.splitlines()):
        rows.setdefault(row["space"], []).append((int(row["t_ns"]), float(row["people"]), 0.0, 0.0))
    return {space: _columns(values) for space, values in rows.items()}


def figures(data_dir: Path, only: str = "") -> dict[str, dict[str, dict[str, float | None]]]:
    """Set → method → figures."""
    scores: dict[str, dict[str, Score]] = {}
    taught: dict[tuple[str, str], dict[str, list[Day]]] = {}
    for recording in recordings(data_dir):
        if only not in recording.name:
            continue
        window, _ = read([recording.path])
        building = building_of(load_site(recording.site))
        truth = truth_of(recording.truth)
        for name, method in _methods(window).items():
            found = method(window, building, recording.every_ns)
            score = scores.setdefault(recording.set, {}).setdefault(name, Score())
            score.add(found, truth, recording.every_ns, window.start_ns, window.end_ns - 1)
        lessons = taught.setdefault((recording.set, recording.site.name), {})
        for day in days_of(window, building, {space: series[:2] for space, series in truth.items()}):
            lessons.setdefault(day.space, []).append(day)
    for (key, _), by_space in taught.items():
        scores[key][RIDGE] = _ridge(by_space.values(), scores[key].get(RIDGE, Score()))
    return {key: {name: s.row() for name, s in by.items() if s.n} for key, by in scores.items()}


def _ridge(lessons: Iterable[list[Day]], score: Score) -> Score:
    """Ridge regression, taught with the truth of all other days of a space, added to a score."""
    for days in lessons:
        if len(days) < 2 or not days[0].known:
            continue
        for day, people in zip(days, by_day(days), strict=True):
            none, moments = np.zeros(len(people)), (int(day.t_ns[0]), int(day.t_ns[-1]))
            found = {day.space: (day.t_ns, people, none, (people >= 0.5).astype(float))}
            score.add(found, {day.space: (day.t_ns, day.people, none, none)}, 1, *moments)
    return score


def _methods(window: Window) -> Mapping[str, Method]:
    """The methods that have something to go by in this recording."""
    without = set()
    if not len(window.doors):
        without |= {"in − out", "in − out from 04:00"}
    if "people" not in window.rooms.quantities:
        without.add("last head count")
    if "illuminance_lux" not in window.rooms.quantities:
        without.add("lamp")
    return {name: method for name, method in METHODS.items() if name not in without}


def table(found: dict[str, dict[str, dict[str, float | None]]]) -> Iterator[str]:
    """A line a set: MAE of ours and of every baseline; occupied or not, ours and the best baseline's; true
    values within the deviation, of settled estimates and of live ones. `ahead`: settled ones, of all that see
    no truth; ridge regression sees the other days'.
    """
    baselines = [name for name in METHODS if name not in ("edge", LIVE)]
    head = "".join(f"{name:>20}" for name in baselines)
    tail = (
        f"{'ahead':>5} {'occ.':>5} {'live':>5} {'their':>5} {'covers':>6} {'live':>5} {RIDGE:>15} {'occ.':>5}"
    )
    yield f"{'MAE in people':16}{'edge':>7}{'live':>7}{head}  {tail}"
    for key, by in found.items():
        mae = {name: row["mae"] or 0.0 for name, row in by.items()}
        others = "".join(_cell(by, name, 20) for name in baselines)
        ahead = "yes" if mae["edge"] <= min(mae[name] for name in baselines if name in mae) else "no"
        right, covered = (" ".join(_cell(by, name, 5, of) for name in ("edge", LIVE)) for of in _SHARES)
        theirs = max(by[name]["right"] or 0.0 for name in baselines if name in by)
        ours = f"{ahead:>5} {right} {theirs:5.2f}  {covered}"
        ridge = f"{_cell(by, RIDGE, 15)} {_cell(by, RIDGE, 5, 'right')}"
        yield f"{key:16}{mae['edge']:7.2f}{mae[LIVE]:7.2f}{others}  {ours} {ridge}"


def _cell(by: Mapping[str, Mapping[str, float | None]], name: str, width: int, which: str = "mae") -> str:
    return f"{by[name][which]:{width}.2f}" if name in by else f"{'–':>{width}}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="", help="recordings whose name holds this")
    args = parser.parse_args()
    found = figures(DATA, args.only)
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    print("\n".join(table(found)))
    if not args.only:
        from tests.bench.spaces_week import lines

        print("\n".join(("", *lines(DATA))))


if __name__ == "__main__":
    main()
