"""Doors between the same spaces tell of each other when one of them was turned."""

import numpy as np
import pytest

from edge.columns import F64
from edge.ext.hearing import DOOR_COLUMNS, MOVED_IN, MOVED_OUT, SILENT
from edge.fusion.spaces.beside import Beside
from edge.fusion.spaces.reversal import Reversal, Trial

QUARTER_NS = 900_000_000_000
SIDES = np.array([[0, 1], [0, 1], [1, 2]])
MORNING, EVENING = (12.0, 2.0), (2.0, 12.0)


def counts(*ways: tuple[float, float]) -> F64:
    table = np.zeros((1, len(SIDES), DOOR_COLUMNS))
    table[0, : len(ways), [MOVED_IN, MOVED_OUT]] = np.transpose(ways)
    return table


def after(beside: Beside, tables: list[F64]) -> F64:
    """What is said once these quarters are over."""
    first = int(beside.now[0])
    for n, table in enumerate([*tables, counts()]):
        said = beside.follow(np.array([(first + n + 1) * QUARTER_NS]), table)
    return said[-1]


def known(sides: np.ndarray = SIDES) -> Beside:
    beside = Beside(sides)
    after(beside, [counts(MORNING, MORNING), counts(EVENING, EVENING)] * 8)
    return beside


def test_doors_that_go_together_say_that_each_is_as_it_was() -> None:
    assert (after(known(), [counts(MORNING, MORNING)])[:2] > 0).all()


def test_a_door_that_goes_against_the_other_is_contrary_within_two_quarters() -> None:
    said = after(known(), [counts(MORNING, EVENING)] * 2)
    assert said[0] == said[1] < -3.0
    assert said[2] == 0.0


def test_a_door_with_none_beside_it_is_told_nothing() -> None:
    assert (after(known(SIDES[[0, 2, 2]]), [counts(MORNING, EVENING)] * 4)[0]) == 0.0


def test_doors_for_one_way_each_say_nothing_of_each_other() -> None:
    assert (after(Beside(SIDES), [counts(MORNING, EVENING)] * 40) == 0.0).all()


def test_a_door_named_the_other_way_round_in_the_site_goes_with_the_other() -> None:
    beside = Beside(np.array([[0, 1], [1, 0], [1, 2]]))
    assert (after(beside, [counts(MORNING, EVENING)] * 12)[:2] > 0).all()


def test_a_silent_door_says_nothing() -> None:
    beside, table = known(), counts(MORNING, EVENING)
    table[0, 1, SILENT] = 1.0
    assert after(beside, [table] * 4)[1] > 3.0


def test_a_door_that_was_turned_begins_anew() -> None:
    beside = known()
    after(beside, [counts(MORNING, EVENING)] * 4)
    beside.turned(1)
    assert (beside.lately[:2] == 0.0).all()
    assert (beside.usually[:2] > 0.0).all()


@pytest.mark.parametrize(("quarters", "is_tried"), [(1, False), (4, True)])
def test_a_contrary_door_is_tried_the_least_used_first(quarters: int, is_tried: bool) -> None:
    beside = known()
    said = after(beside, [counts((24.0, 4.0), EVENING)] * quarters)
    reversal = Reversal(SIDES[:, 0], SIDES[:, 1], n_spaces=3)
    people = np.array([[[24.0, 4.0], EVENING, [0.0, 0.0]]])
    found = reversal.note(people, np.zeros((1, 3)), np.zeros((1, 3), bool), np.array([0.25]), said[None])
    assert (found == (0, 1)) is is_tried


@pytest.mark.parametrize(
    ("beside", "age_h", "verdict"),
    [(-9.0, 0.6, True), (-9.0, 0.2, None), (0.0, 0.6, None), (3.0, 0.6, None), (3.0, 2.1, False)],
)
def test_doors_beside_it_decide_of_one_on_trial_once_the_rest_was_heard(
    beside: float, age_h: float, verdict: bool | None
) -> None:
    reversal = Reversal(SIDES[:, 0], SIDES[:, 1], n_spaces=3)
    reversal.trial = Trial(1, gain=0.5, age_h=age_h)
    assert reversal.decide(0.0, 1 / 60, beside) is verdict
