"""An estimator goes on from a checkpoint as it went on then; what stays as it is is kept once."""

import numpy as np

from edge.fusion.spaces import SpaceEstimator
from edge.fusion.spaces.checkpoint import Checkpoint
from edge.fusion.spaces.cut import Run
from edge.fusion.spaces.read import runs
from tests.edge.fusion.spaces.rooms import MINUTE_NS, door, one_room, room, window_of


def a_morning() -> list[Run]:
    """Doors and air from eight on, in runs of an hour."""
    doors = [door(8 * 60 + m + 0.5, 3, m % 3) for m in range(300)]
    air = [room(8 * 60 + m + 0.2, "co2_ppm", 450.0 + m, "air") for m in range(300)]
    return list(runs(window_of(doors + air), MINUTE_NS))


def test_an_estimator_goes_on_from_a_checkpoint() -> None:
    estimator, other = SpaceEstimator(one_room()), SpaceEstimator(one_room())
    first, *rest = a_morning()
    estimator.advance(first)
    before = Checkpoint.of(estimator)
    expected = [estimator.advance(run).numbers for run in rest]
    before.recall(other)
    for run, numbers in zip(rest, expected, strict=True):
        np.testing.assert_array_equal(other.advance(run).numbers, numbers)
    assert (other.number, other.fit) == (estimator.number, estimator.fit)


def test_steps_that_are_lived_through_again_leave_the_same_filter() -> None:
    told, again = SpaceEstimator(one_room()), SpaceEstimator(one_room())
    for run in a_morning():
        assert again.relive(run) == len(told.advance(run))
    np.testing.assert_array_equal(again.state.x, told.state.x)
    np.testing.assert_array_equal(again.state.P, told.state.P)


def test_what_did_not_change_is_kept_once() -> None:
    estimator = SpaceEstimator(one_room())
    first = Checkpoint.of(estimator)
    for run in a_morning():
        estimator.advance(run)
    later = Checkpoint.of(estimator, first)
    arrays, before = later.memory.arrays, first.memory.arrays
    assert arrays["habit.people"] is before["habit.people"]
    assert not np.shares_memory(arrays["state.x"], estimator.state.x)
    assert not np.array_equal(arrays["state.x"], before["state.x"])
