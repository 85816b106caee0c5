"""What a space is used on an average is learnt from its own hours, where it has a say."""

import numpy as np

from edge.ext.occupancy import COLUMNS, COUNTED, USUAL
from edge.fusion.spaces.usual import Usual

STEP_H = 1 / 6
HEARD, SILENT = np.array([1]), np.array([0])


def after(people: float, hours: float, alive: np.ndarray = HEARD, **columns: float) -> float:
    """USUAL of a space for 40 where so many people were told for so long; it began with 20."""
    spaces = np.zeros((1, COLUMNS))
    spaces[0, USUAL], spaces[0, COUNTED] = columns.get("usual", 20.0), columns.get("counted", 0.0)
    usual = Usual(np.array([20.0]), 2.0)
    for _ in range(round(hours / STEP_H)):
        usual.learn(spaces, np.array([people]), alive, STEP_H)
    return float(spaces[0, USUAL])


def test_two_days_weigh_as_much_as_what_was_taken_beforehand() -> None:
    assert abs(after(5.0, 48.0) - 12.5) < 0.1


def test_weeks_tell_what_is_usual() -> None:
    assert after(5.0, 28 * 24.0) < 6.5


def test_an_empty_room_can_fill_again() -> None:
    assert after(0.0, 200 * 24.0) == 2.0


def test_where_it_has_no_say_nothing_is_learnt() -> None:
    assert after(5.0, 48.0, counted=1.0) == 20.0
    assert after(5.0, 48.0, usual=0.0) == 0.0
    assert after(5.0, 48.0, alive=SILENT) == 20.0
