"""Habit: what is learnt from head counts moves the estimate between them."""

import numpy as np

from edge.fusion.spaces.habit import Habit
from tests.edge.fusion.spaces.rooms import at

HOUR = 60


def test_the_usual_rise_of_the_morning_is_expected() -> None:
    habit = Habit(1, "Asia/Shanghai")
    for day in range(5):
        for hour, people in ((8, 2.0), (10, 20.0)):
            habit.learn(at((day * 24 + hour) * HOUR), np.array([0]), np.array([people]))
    change = habit.drift(at(7 * 24 * HOUR + 8 * HOUR), at(7 * 24 * HOUR + 10 * HOUR), np.array([2.0]))
    assert 8 < float(change[0]) < 20


def test_nothing_is_expected_before_anything_was_learnt() -> None:
    change = Habit(1, "Asia/Shanghai").drift(at(0), at(120), np.array([5.0]))
    assert float(change[0]) == 0.0
