"""Hand-held: the order of passing from phase and time alone."""

import numpy as np

from edge.fusion.locate.handheld import places_between, time_orders
from tests.edge.fusion.locate.test_locate import scan


def test_tags_come_in_the_order_they_were_passed() -> None:
    (order,) = time_orders(scan([0.55, 0.2, 0.75, 0.4], poses=False).tags)
    assert order.epcs == ("E201", "E203", "E200", "E202")
    assert (order.log_odds > 0).all()
    np.testing.assert_allclose(order.t_s, [1.0, 2.0, 2.75, 3.75], atol=0.35)


def test_places_lie_between_labels_and_say_so_with_a_larger_deviation() -> None:
    (order,) = time_orders(scan([0.2, 0.45, 0.7], poses=False).tags)
    found = places_between(order, {"E200": 0.2, "E202": 0.7})
    x_m, sd_m = found["E201"]
    assert abs(x_m - 0.45) < 2 * sd_m
    assert sd_m > 0.02


def test_without_labels_no_place_is_claimed() -> None:
    (order,) = time_orders(scan([0.2, 0.45], poses=False).tags)
    assert places_between(order, {}) == {}
