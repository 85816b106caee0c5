"""Capacity alarms of simulated weeks, counted in two ways, and what an error of few people leaves of them.

Told: an alarm (with hysteresis) is right when the truth, read with the same hysteresis, passes the limit
within a quarter of an hour of it. Episodes: stretches above the limit, a quarter of an hour or less apart
taken together, are right when they overlap with a true one.
"""

from collections.abc import Iterator

import numpy as np

from edge.columns import F64
from edge.fusion.spaces import Building
from edge.fusion.spaces.channels import Mask
from edge.fusion.spaces.levels import Fullness
from edge.fusion.spaces.read import SpaceReport
from tests.bench.spaces_figures import Series

_MINUTE_NS = 60_000_000_000
_NEAR_NS = 15 * _MINUTE_NS
_GAP = 15
_LIMIT = 0.8
_ERRORS = (0.5, 1.0, 2.0)
_KNOT = 60  # minutes between which an error goes on evenly
_DRAWS = 8

Rates = tuple[float, float]


def lines(report: SpaceReport, building: Building, truth: Series) -> Iterator[str]:
    """What was told against the truth."""
    t_ns, people, true = _tables(report, truth)
    precision, recall = told(building, t_ns, people, true)
    yield f"alarms at 80 %: precision {precision:.2f} recall {recall:.2f} (wanted 0.95)"
    precision, recall = episodes(building, people, true)
    yield f"episodes above 80 %: precision {precision:.2f} recall {recall:.2f}"


def limits(report: SpaceReport, building: Building, truth: Series) -> Iterator[str]:
    """What the truth itself would score with an error that changes within the hour."""
    t_ns, _, true = _tables(report, truth)
    small = np.array([space.capacity for space in building.spaces]) <= 20
    for sd in _ERRORS:
        drawn = [true + _error(seed, true.shape) * np.where(small, 0.2 * sd, sd) for seed in range(_DRAWS)]
        first = np.mean([told(building, t_ns, people, true) for people in drawn], axis=0)
        second = np.mean([episodes(building, people, true) for people in drawn], axis=0)
        yield (
            f"the truth with an error of {sd} people: alarms {first[0]:.2f} {first[1]:.2f}, "
            f"episodes {second[0]:.2f} {second[1]:.2f}"
        )


def told(building: Building, t_ns: list[int], people: F64, true: F64) -> Rates:
    """Precision and recall of alarms; people and truth are (steps, spaces)."""
    found, wanted = (
        [(e.space, e.t_ns) for e in Fullness(building.spaces).look(t_ns, table) if e.level == "near"]
        for table in (people, true)
    )
    return _share(found, wanted), _share(wanted, found)


def _share(ours: list[tuple[str, int]], others: list[tuple[str, int]]) -> float:
    near = [any(space == other and abs(t - u) <= _NEAR_NS for other, u in others) for space, t in ours]
    return sum(near) / max(len(near), 1)


def episodes(building: Building, people: F64, true: F64) -> Rates:
    """Precision and recall of stretches above the limit."""
    hits, n = np.zeros(2), np.zeros(2)
    for s, space in enumerate(building.spaces):
        both = [_stretches(table[:, s] >= _LIMIT * space.capacity) for table in (people, true)]
        for k in (0, 1):
            hits[k] += sum(any(a < d and c < b for c, d in both[1 - k]) for a, b in both[k])
            n[k] += len(both[k])
    precision, recall = (hits / np.maximum(n, 1)).tolist()
    return precision, recall


def _stretches(above: Mask) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(above.astype(int), prepend=0, append=0)).tolist()
    found: list[tuple[int, int]] = []
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        if found and a - found[-1][1] <= _GAP:
            found[-1] = found[-1][0], b
        else:
            found.append((a, b))
    return found


def _error(seed: int, shape: tuple[int, ...]) -> F64:
    rng, at = np.random.default_rng(seed), np.arange(shape[0]) / _KNOT
    knots = np.arange(shape[0] // _KNOT + 2)
    return np.column_stack([np.interp(at, knots, rng.normal(size=len(knots))) for _ in range(shape[1])])


def _tables(report: SpaceReport, truth: Series) -> tuple[list[int], F64, F64]:
    t_ns = [step.t_ns for step in report.steps]
    people = np.array([step.numbers[:, 0] for step in report.steps])
    columns = [
        series[1][np.minimum(np.searchsorted(series[0], t_ns), len(series[0]) - 1)]
        for series in (truth[space] for space in report.spaces)
    ]
    return t_ns, people, np.column_stack(columns)
