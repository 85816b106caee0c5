"""Offsets from label tags."""

import pytest

from edge.fusion.locate import locate
from edge.fusion.locate.offset import offsets
from tests.edge.fusion.locate.test_locate import scan


def test_offset_is_what_labels_are_off_by() -> None:
    result = locate(scan([0.3, 0.5, 0.7]), {"a1": 1.0})
    (found,) = offsets(result, {"E200": ("a1", 0.32), "E202": ("a1", 0.72)})
    assert found.shelf == "a1"
    assert found.labels == 2
    assert found.x_m == pytest.approx(-0.02, abs=0.01)


def test_label_on_another_board_says_nothing() -> None:
    result = locate(scan([0.3, 0.5]), {"a1": 1.0})
    assert offsets(result, {"E200": ("b9", 0.3)}) == ()
