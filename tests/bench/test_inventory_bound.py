"""The oracle of stock-takes: what it is told helps, and it does not see more than the reads say."""

import numpy as np

from edge.fusion.locate.own import Own
from tests.bench.inventory_bound import seat

OTHERS_M = np.arange(0.05, 0.85, 0.02)


def said(x_m: float, misfit: float = 1.0) -> Own:
    return Own((x_m,), ((0.1, 0.6, 1.0, 0.6, 0.1),), 0.015, misfit)


def test_book_is_seated_where_the_row_has_room_for_it() -> None:
    others_m = np.concatenate([OTHERS_M[:20], OTHERS_M[20:] + 0.02])
    assert seat(said(float(OTHERS_M[19]) + 0.035), others_m, None, 0.02) == 20


def test_doubt_leaves_a_book_in_its_place_and_a_far_place_does_not() -> None:
    near, far = float(OTHERS_M[10]) + 0.025, float(OTHERS_M[20])
    assert seat(said(near), OTHERS_M, 10, 0.02) == 10
    assert abs(seat(said(far), OTHERS_M, 10, 0.02) - 20) <= 2


def test_reads_that_nothing_explains_move_no_book() -> None:
    assert seat(said(float(OTHERS_M[20]), misfit=1.0), OTHERS_M, 10, 0.02) != 10
    assert seat(said(float(OTHERS_M[20]), misfit=9.0), OTHERS_M, 10, 0.02) == 10
