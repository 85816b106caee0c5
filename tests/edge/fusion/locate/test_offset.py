"""Offsets from label tags: the zero, and the scale where labels stand apart."""

from dataclasses import replace

import numpy as np
import pytest

from edge.fusion.locate import Calibration, Offset, Options, locate
from edge.fusion.locate.offset import offsets
from tests.edge.fusion.locate.test_locate import scan


def test_offset_is_what_labels_are_off_by() -> None:
    result = locate(scan([0.3, 0.5, 0.7]), {"a1": 1.0})
    found = offsets(result, {"E200": ("a1", 0.32), "E202": ("a1", 0.72)})["a1"]
    assert found.labels == 2
    assert found.x_m == pytest.approx(-0.02, abs=0.01)
    assert found.scale == 0.0


def test_label_on_another_board_says_nothing() -> None:
    result = locate(scan([0.3, 0.5]), {"a1": 1.0})
    assert offsets(result, {"E200": ("b9", 0.3)}) == {}


def test_scale_shows_where_sure_labels_stand_apart() -> None:
    wrong = locate(scan([0.15, 0.5, 0.85]), {"a1": 1.0})
    sure = replace(wrong, places=tuple(replace(place, x_sd_m=0.001) for place in wrong.places))
    labels = {place.epc: ("a1", 0.98 * place.x_m + 0.03) for place in wrong.places}
    assert offsets(sure, labels)["a1"].scale == pytest.approx(0.02, abs=0.002)
    assert 0.0 < offsets(wrong, labels)["a1"].scale < 0.01


def test_places_are_without_the_offset_that_is_known() -> None:
    recording = scan([0.15, 0.5, 0.85])
    wrong = locate(recording, {"a1": 1.0})
    known = Calibration({"a1": Offset(0.04, 0.002, 3, 0.02, 0.5)})
    right = locate(recording, {"a1": 1.0}, Options(calibration=known))
    for before, after in zip(wrong.places, right.places, strict=True):
        assert before.x_m - after.x_m == pytest.approx(0.04 + 0.02 * (before.x_m - 0.5))
    np.testing.assert_array_equal(right.rows[0].x_m, [place.x_m for place in right.places])
