"""Weeks of our own: whether they are what they say."""

import numpy as np
import pytest

from tests.bench.spaces_people import CLOSES_H, OPENS_H, building, crossings, people
from tests.bench.spaces_scene import _seen
from tests.bench.spaces_troubles import TROUBLES
from tests.edge.fusion.spaces.rooms import MINUTE_NS, door, one_room, window_of


def test_nobody_is_less_than_nobody_or_stays_overnight() -> None:
    rng = np.random.default_rng(3)
    where = building(rng)
    table = people(crossings(where, rng), where, 60.0).reshape(7, 1440, -1)
    assert table.min() == 0
    assert (table[:, : OPENS_H * 60 - 60] == 0).all()
    assert (table[:, CLOSES_H * 60 + 60 :] == 0).all()
    assert table[:5, :, 1].max() > 0.8 * where.spaces[1].capacity


def test_counters_take_some_who_pass_together_for_one() -> None:
    apart = np.arange(4000) * 5.0
    together = np.repeat(np.arange(2000) * 10.0, 2)
    is_in = np.ones(4000, bool)
    alone, pairs = (_seen(t_s, is_in, np.random.default_rng(1)).sum() / 4000 for t_s in (apart, together))
    assert 0.96 < alone < 1.0
    assert 0.75 < pairs < 0.9


@pytest.mark.parametrize("name", TROUBLES)
def test_troubles_are_drawn_the_same_way_each_time(name: str) -> None:
    given = window_of([door(m, 2, 1) for m in range(200)])
    drawn = [TROUBLES[name](given, one_room(), MINUTE_NS, np.random.default_rng(1))[0] for _ in range(2)]
    assert [len(one.doors) for one in drawn] == [len(drawn[0].doors)] * 2
    assert (drawn[0].doors.n_in == drawn[1].doors.n_in).all()
    assert (np.diff(drawn[0].doors.t_ns) >= 0).all()
