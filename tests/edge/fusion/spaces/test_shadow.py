"""A door on trial: the few blocks that it leads to say what the whole filter would."""

import numpy as np
import pytest

from edge.ext import occupancy
from edge.ext.balance import PEOPLE
from edge.ext.occupancy import Filter
from edge.fusion.spaces import Building, DoorModel, SpaceEstimator, SpaceModel
from edge.fusion.spaces.read import steps
from edge.fusion.spaces.shadow import Shadow
from edge.fusion.spaces.state import FilterState
from tests.edge.fusion.spaces.rooms import MINUTE_NS, door, room, window_of

N = 12
HOURS = ("mon-sun 00:00-24:00",)
HOURS_OF_STEP = np.full(1, 1 / 60)


@pytest.fixture
def estimator() -> SpaceEstimator:
    """A row of rooms, each behind the one before, after an hour of people, air and voices."""
    names = ["outside", *(f"r{n}" for n in range(N))]
    doors = tuple(DoorModel(f"d{n}", names[n], names[n + 1], f"d{n}") for n in range(N))
    spaces = tuple(SpaceModel(name, 40, HOURS, area_m2=60.0, height_m=3.0) for name in names[1:])
    sensed = {f"{kind}{n}": f"r{n}" for n in range(N) for kind in ("air", "ear")}
    found = SpaceEstimator(Building(spaces, doors, sensed, "UTC"))
    readings = [door(m, 2, m % 2, f"d{n}") for m in range(60) for n in range(N)]
    readings += [room(m, "co2_ppm", 450.0 + 5 * m + n, f"air{n}") for m in range(60) for n in range(N)]
    readings += [room(m, "sound_dba", 45.0 + m % 9 + n, f"ear{n}") for m in range(60) for n in range(N)]
    for part in steps(window_of(readings), MINUTE_NS):
        found.step(part)
    return found


def said(estimator: SpaceEstimator, level: float) -> np.ndarray:
    """The tables before and after a step in which nothing new is said but how loud it is."""
    found = np.stack((estimator.spaces, estimator.spaces))
    found[1, :, occupancy.SOUND] = level
    return found


@pytest.mark.parametrize("on_trial", range(N))
def test_its_blocks_say_what_the_whole_filter_would(estimator: SpaceEstimator, on_trial: int) -> None:
    whole, options = estimator.state, estimator.options.for_kernel()
    shadow = Shadow.of(on_trial, whole, estimator.heard)
    assert len(shadow.blocks) <= 2 < len(whole.x)
    moved = np.full((1, N, 3), (2.0, 1.0, 0.04))
    turned = moved.copy()
    turned[0, on_trial, :2] = 1.0, 2.0
    fits, now = [], whole.filter
    for way in (turned, moved):
        other = FilterState(whole.where, Filter(now.x.copy(), now.P.copy(), now.drift, now.where, now.ends))
        given = said(estimator, np.nan), way, options, HOURS_OF_STEP, HOURS_OF_STEP
        fits.append(other.advance(estimator.heard.copy(), *given).fit)
        if way is turned:
            wanted = other.x[shadow.blocks]
    given = said(estimator, np.nan), moved, options, HOURS_OF_STEP, HOURS_OF_STEP
    gain = shadow.step(whole, estimator.heard, *given)
    assert gain == pytest.approx(fits[0] - fits[1], abs=1e-9)
    np.testing.assert_allclose(shadow.x, wanted, rtol=1e-12)


def test_a_trial_hears_what_is_heard(estimator: SpaceEstimator) -> None:
    whole, heard, rest = estimator.state, estimator.heard, (estimator.options.for_kernel(), HOURS_OF_STEP)
    loud, quiet = (Shadow.of(0, whole, heard) for _ in range(2))
    for shadow, level in ((loud, 80.0), (quiet, np.nan)):
        shadow.step(whole, heard, said(estimator, level), np.zeros((1, N, 3)), *rest, np.zeros(1))
    assert loud.x[0, PEOPLE] > quiet.x[0, PEOPLE]
    assert not np.array_equal(loud.heard, quiet.heard)


def test_what_a_trial_found_replaces_its_own_blocks_alone(estimator: SpaceEstimator) -> None:
    whole = estimator.state
    shadow, before = Shadow.of(N - 1, whole, estimator.heard), whole.x.copy()
    shadow.set_apart(N - 1, PEOPLE, 7.0, 1.0)
    shadow.adopt(whole, estimator.heard)
    changed = np.flatnonzero((whole.x != before).any(axis=1))
    assert set(changed.tolist()) <= set(shadow.blocks.tolist())
    assert float(whole.get(PEOPLE)[N - 1]) == 7.0
