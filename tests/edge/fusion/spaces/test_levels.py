"""Fullness: told once when a limit is crossed, and taken back only well below it."""

import numpy as np

from edge.fusion.spaces import SpaceModel
from edge.fusion.spaces.levels import Fullness
from tests.edge.fusion.spaces.rooms import at


def levels(people: list[float]) -> list[str]:
    """What is told of an hour at once; what is told a minute at a time is the same."""
    once, apart = Fullness((SpaceModel("room", 100),)), Fullness((SpaceModel("room", 100),))
    t_ns, column = [at(m) for m in range(len(people))], np.array(people)[:, None]
    told = once.look(t_ns, column)
    assert told == [event for m, n in enumerate(column) for event in apart.look([at(m)], n[None])]
    return [event.level for event in told]


def test_each_limit_is_told_once() -> None:
    assert levels([10, 79, 80, 85, 100, 112, 40]) == ["near", "full", "over", "ok"]


def test_a_limit_is_reached_where_so_many_are_likelier_than_one_less() -> None:
    assert levels([79.4]) == []
    assert levels([79.6, 74.6, 74.4]) == ["near", "ok"]


def test_a_count_that_swings_about_the_limit_tells_nothing_more() -> None:
    assert levels([81, 79, 81, 78, 80]) == ["near"]
