"""Fullness: told once when a limit is crossed, and taken back only well below it."""

import numpy as np

from edge.fusion.spaces import SpaceModel
from edge.fusion.spaces.estimator import Estimates
from edge.fusion.spaces.levels import Fullness
from tests.edge.fusion.spaces.rooms import at


def levels(people: list[float]) -> list[str]:
    fullness = Fullness((SpaceModel("room", 100),))
    steps = [
        Estimates(at(m), np.array([[n, 1.0, 1.0]]), np.ones(1, np.intp), np.zeros((1, 4)))
        for m, n in enumerate(people)
    ]
    return [event.level for step in steps for event in fullness.look(step)]


def test_each_limit_is_told_once() -> None:
    assert levels([10, 79, 80, 85, 100, 112, 40]) == ["near", "full", "over", "ok"]


def test_a_count_that_swings_about_the_limit_tells_nothing_more() -> None:
    assert levels([81, 79, 81, 78, 80]) == ["near"]
