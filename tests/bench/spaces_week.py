"""The simulated week: people by room, at closing, alarms, no-shows, faults, speed.

    python -m tests.bench.spaces_week

While open: mean absolute error by room; at closing: the error in the minute of closing.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from edge.cli.spaces import read_bookings
from edge.columns import DoorColumns
from edge.config import load_site
from edge.fusion.spaces import Building
from edge.fusion.spaces.hours import LocalTime, parse
from edge.fusion.spaces.read import SpaceReport, read_spaces
from edge.fusion.window import Window
from edge.recording import read
from edge.space_models import building_of
from tests.bench import spaces_alarms, spaces_live, spaces_whole
from tests.bench.spaces_figures import DATA, Series, truth_of
from tests.bench.spaces_many import many

_MINUTE_NS = 60_000_000_000


def week(folder: Path) -> Iterator[str]:
    """The lines of one week."""
    building = building_of(load_site(folder / "site.toml"))
    window, _ = read([folder / f"{folder.name}.jsonl.gz"])
    truth, facts = truth_of(folder / "truth.csv.gz"), json.loads((folder / "truth.json").read_text())
    bookings = read_bookings(str(folder / "bookings.jsonl"))
    for live in (False, True):
        started = time.process_time()
        report = read_spaces(window, building, _MINUTE_NS, bookings, live=live)
        spent_s = time.process_time() - started
        yield "as the daemon tells it:" if live else "in the light of the whole week:"
        yield from _rooms(report, building, truth)
        yield from spaces_alarms.lines(report, building, truth)
        yield _no_shows(report, facts)
        yield f"speed: {1e3 * spent_s / len(report.steps):.2f} ms a step of {len(report.spaces)} spaces"
    yield from spaces_alarms.limits(report, building, truth)
    yield from _faults(report, facts, window)


def _rooms(report: SpaceReport, building: Building, truth: Series) -> Iterator[str]:
    zone = ZoneInfo(building.timezone)
    t_ns = np.array([step.t_ns for step in report.steps])
    numbers = np.array([step.numbers for step in report.steps])
    all_open, all_closing = [], []
    for s, space in enumerate(building.spaces):
        hours = parse(space.open)
        is_open = np.array([hours.is_open(LocalTime.at(int(t), zone)) for t in t_ns])
        place = np.clip(np.searchsorted(truth[space.id][0], t_ns), 0, len(truth[space.id][0]) - 1)
        true = truth[space.id][1][place]
        error = np.abs(numbers[:, s, 0] - true)
        closing = error[1:][is_open[:-1] & ~is_open[1:]]
        within = float((error <= 1.64 * numbers[:, s, 1]).mean())
        all_open.append(error[is_open].mean())
        all_closing.append(closing.mean() if len(closing) else 0.0)
        limit = max(3.0, 0.05 * true[is_open].mean())
        people = f"true mean {true[is_open].mean():5.1f}"
        yield (
            f"{space.id:12} open MAE {all_open[-1]:5.2f} (wanted {limit:.1f}; {people})  "
            f"at closing {all_closing[-1]:.2f}  within 1.64 sd {within:.2f}"
        )
    mean_open, mean_closing = np.mean(all_open), np.mean(all_closing)
    yield f"all rooms    open MAE {mean_open:5.2f} (wanted 1.7)  at closing {mean_closing:.2f} (wanted 2)"


def _no_shows(report: SpaceReport, facts: dict) -> str:  # type: ignore[type-arg]
    there = {row["id"]: bool(row["show"]) for row in facts["bookings"]}
    told = {watch.booking.id for watch in report.bookings if watch.outcome == "ghost"}
    true = {id_ for id_, show in there.items() if not show}
    return f"no-shows: {len(told & true)} of {len(true)} found, {len(told - true)} told wrongly"


def _faults(report: SpaceReport, facts: dict, window: Window) -> Iterator[str]:  # type: ignore[type-arg]
    for fault in facts["faults"]:
        told = [e.t_ns for e in report.health if e.source == fault["source"] and e.state != "ok"]
        after = [t for t in told if t >= fault["from_ns"]]
        hours = f"{(after[0] - fault['from_ns']) / 3.6e12:.1f} h after it began" if after else "not found"
        first_ns = _first_crossing_ns(window.doors, fault)
        if after and fault["from_ns"] < first_ns < after[0]:
            hours += f", {(after[0] - first_ns) / 3.6e12:.1f} h after anybody passed it"
        yield f"fault {fault['kind']} of {fault['source']}: {hours}"


def _first_crossing_ns(doors: DoorColumns, fault: dict) -> int:  # type: ignore[type-arg]
    """When a counter with a fault first counted anybody; 0 where it did not."""
    if fault["source"] not in doors.sources:
        return 0
    own = (doors.source == doors.sources.index(fault["source"])) & (doors.t_ns >= fault["from_ns"])
    passed = doors.t_ns[own & (doors.n_in + doors.n_out > 0)]
    return int(passed[0]) if len(passed) else 0


def lines(data_dir: Path) -> Iterator[str]:
    """All weeks, then the speed of a large building."""
    for truth in sorted(data_dir.glob("sim/*/truth.csv.gz")):
        yield from week(truth.parent)
    yield from many()
    yield from spaces_whole.lines()
    yield spaces_live.line()


def main() -> None:
    print("\n".join(lines(DATA)))


if __name__ == "__main__":
    main()
