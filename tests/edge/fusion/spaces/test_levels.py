"""Fullness: told once when a limit is crossed, and taken back only well below it."""

from edge.fusion.spaces import SpaceEstimate
from edge.fusion.spaces.levels import Fullness
from tests.edge.fusion.spaces.rooms import at


def levels(people: list[float]) -> list[str]:
    fullness = Fullness({"room": 100})
    return [
        event.level
        for m, n in enumerate(people)
        for event in fullness.step([SpaceEstimate("room", at(m), n, 1.0, 1.0, "doors")])
    ]


def test_each_limit_is_told_once() -> None:
    assert levels([10, 79, 80, 85, 100, 112, 40]) == ["near", "full", "over", "ok"]


def test_a_count_that_swings_about_the_limit_tells_nothing_more() -> None:
    assert levels([81, 79, 81, 78, 80]) == ["near"]
