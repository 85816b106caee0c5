"""Weeks of our own (`spaces_scene`): people and alarms over several, and what an oracle makes of them.

    python -m tests.bench.spaces_own [--weeks N]

The oracle is the same filter, told what no building tells: the share that each counter misses, the rates of
the air and that they never change, what a person breathes out, the offset of each CO2 sensor, the devices
that a person carries, and the noise of it all. Dead and reversed counters it finds itself.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext.balance import AIR, BASE
from edge.ext.occupancy import TRUST
from edge.fusion.spaces.estimator import SpaceEstimator
from edge.fusion.spaces.hindsight import Hindsight
from edge.fusion.spaces.now import Now
from edge.fusion.spaces.options import SpaceOptions
from edge.fusion.spaces.read import runs
from tests.bench import spaces_alarms
from tests.bench.spaces_people import CLOSES_H, OPENS_H
from tests.bench.spaces_scene import CO2_ML_H, MINUTE_NS, START_NS, Facts, Week, week

WEEKS: Final = 3
_LITTLE: Final = 0.001
_TOLD: Final = SpaceOptions(
    co2_l_h=CO2_ML_H / 1000,
    source_sd=_LITTLE,
    changes_drift=_LITTLE,
    changes_again_sd=_LITTLE,
    swing_sd=_LITTLE,
    air_noise_ppm=1.0,
    air_noise_share=_LITTLE,
    base_drift_ppm=1.0,
    co2_sd_share=0.0,
    co2_sd_ppm=9.0,
    co2_time_h=1 / 120,
    trust_least=_LITTLE,
    missed_drift=1e-5,
    devices_noise=_LITTLE,
    gain_drift=_LITTLE,
)
_METHODS: Final = ("settled", "live", "oracle")


@dataclass(slots=True)
class Oracle(Hindsight):
    """Estimates of one who is told the facts, in the light of the whole week."""

    facts: Facts = field(kw_only=True)

    def __post_init__(self) -> None:
        self.estimator, self._other = self._knowing(), self._knowing()

    def _knowing(self) -> SpaceEstimator:
        """An estimator that begins with the truth of all that does not change."""
        found = SpaceEstimator(self.building, _TOLD)
        found.spaces[:, TRUST] = _LITTLE
        state = found.state
        for s, (by_day_h, at_night_h) in enumerate(np.log(self.facts.changes_h).tolist()):
            state.set_apart(s, AIR, at_night_h, _LITTLE**2)
            state.set_apart(s, BASE, float(self.facts.offset_ppm[s]), 1.0)
            for is_open, rate in ((True, by_day_h), (False, at_night_h)):
                found.usual_air[s, is_open] = rate, _LITTLE**2
            self._carry(state.x, state.P, s, state.where.block[s], state.where.gauges[s])
        for block, _, _, place, door in state.filter.ends.tolist():
            own = slice(place, place + 2)
            state.x[block, own] = self.facts.missed[door]
            state.P[block, own, own] = np.eye(2) * _LITTLE**2
        return found

    def _carry(self, x: F64, P: F64, s: int, block: int, place: int) -> None:
        """The devices that a person carries in a space."""
        if self.facts.devices[s]:
            x[block, place], P[block, place, place] = np.log(self.facts.devices[s]), _LITTLE**2


@dataclass(frozen=True, slots=True)
class Figures:
    """By space, people wrong while open and at closing, (n,) each; the share of true values within 1.64
    deviations; alarms of 80 %, as told and as episodes: precision and recall."""

    open: F64
    closing: F64
    covered: float
    told: tuple[float, float]
    episodes: tuple[float, float]

    def text(self) -> str:
        alarms = " ".join(f"{share:.2f}" for share in (*self.told, *self.episodes))
        rooms = " ".join(f"{error:5.2f}" for error in self.open)
        return f"{self.open.mean():9.2f} {rooms} {self.closing.mean():8.2f} {self.covered:7.2f}  {alarms}"


HEAD: Final = (
    f"{'MAE in people':16}{'all rooms':>9} {'hall':>5} {'read.':>5} {'rese.':>5} {'maker':>5} {'st. a':>5} "
    f"{'st. b':>5} {'closing':>8} {'covers':>7}  alarms P R, episodes P R"
)


def estimates(one: Week, method: str) -> tuple[F64, list[int]]:
    """People and deviation (steps, spaces, 2) by a method, and the times."""
    by: Hindsight | Now = Now(one.building) if method == "live" else Hindsight(one.building)
    if method == "oracle":
        by = Oracle(one.building, facts=one.facts)
    for run in runs(one.window, MINUTE_NS):
        while len(run):
            run = run.part(by.take(run), len(run))
    done = [*by.ready(), *by.rest()]
    return np.concatenate([d.numbers[..., :2] for d in done]), [t for d in done for t in d.t_ns]


def figures(one: Week, method: str) -> Figures:
    """What one method makes of a week."""
    numbers, t_ns = estimates(one, method)
    place = np.clip((np.array(t_ns) - START_NS) // MINUTE_NS - 1, 0, None)
    true = np.column_stack([one.truth[space.id][1] for space in one.building.spaces])
    place = np.minimum(place, len(true) - 1)
    people, true = numbers[..., 0], true[place]
    error, minute = np.abs(people - true), (place + 1) % 1440
    is_open = (minute >= OPENS_H * 60) & (minute < CLOSES_H * 60)
    return Figures(
        error[is_open].mean(axis=0),
        error[minute == CLOSES_H * 60].mean(axis=0),
        float((error <= 1.64 * numbers[..., 1])[is_open].mean()),
        spaces_alarms.told(one.building, t_ns, people, true),
        spaces_alarms.episodes(one.building, people, true),
    )


def lines(n_weeks: int) -> Iterator[str]:
    """A line a week and method, then the means."""
    yield HEAD
    found: dict[str, list[Figures]] = {}
    for seed in range(1, n_weeks + 1):
        one = week(seed)
        for method in _METHODS:
            found.setdefault(method, []).append(figures(one, method))
            yield f"{f'week {seed} {method}':16}{found[method][-1].text()}"
    for method, all_of in found.items():
        yield f"{f'mean {method}':16}{_mean(all_of).text()}"


def _mean(all_of: list[Figures]) -> Figures:
    told, episodes = (
        tuple(np.mean([getattr(one, name) for one in all_of], axis=0).tolist())
        for name in ("told", "episodes")
    )
    rooms, closing = (np.mean([getattr(one, name) for one in all_of], axis=0) for name in ("open", "closing"))
    return Figures(rooms, closing, float(np.mean([one.covered for one in all_of])), told, episodes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=WEEKS)
    print("\n".join(lines(parser.parse_args().weeks)))


if __name__ == "__main__":
    main()
