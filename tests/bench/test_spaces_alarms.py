"""The scorer of capacity alarms: episodes near to each other are one, and those that overlap are right."""

import numpy as np
import pytest

from edge.fusion.spaces import Building, SpaceModel
from tests.bench.spaces_alarms import episodes, told

ROOM = Building((SpaceModel("room", 10),))
T_NS = [minute * 60_000_000_000 for minute in range(120)]


def full(*minutes: range) -> np.ndarray:
    people = np.zeros((120, 1))
    for stretch in minutes:
        people[stretch] = 9.0
    return people


def test_stretches_within_a_quarter_of_an_hour_are_one() -> None:
    found, true = full(range(10, 20), range(30, 40), range(80, 90)), full(range(35, 50))
    assert episodes(ROOM, found, true) == pytest.approx((1 / 2, 1.0))


def test_an_alarm_is_right_within_a_quarter_of_an_hour() -> None:
    assert told(ROOM, T_NS, full(range(10, 20)), full(range(24, 30))) == (1.0, 1.0)
    assert told(ROOM, T_NS, full(range(10, 20)), full(range(26, 30))) == (0.0, 0.0)
