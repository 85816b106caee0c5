"""Slips of followed phases: runs of samples beyond a null are turned back, sound sights are left alone."""

from dataclasses import replace

import numpy as np
import pytest

from edge.fusion.locate.echoes import Images
from edge.fusion.locate.noise import USUAL
from edge.fusion.locate.sight import Sight, sights
from edge.fusion.locate.slips import settled
from tests.edge.fusion.locate.echo_scene import BACK, BACK_M, scene

DEPTH_M = 0.04
SHELF = Images(back=(BACK_M, BACK))


def seen(seed: int) -> tuple[list[Sight], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    one = scene(seed)
    return sights(one.profiles, one.x_m, DEPTH_M, USUAL), one.x_m


def slipped(sight: Sight, by: complex) -> Sight:
    """The first pass beyond its middle turned."""
    beyond = (sight.leg == 0) & (sight.x_m > np.median(sight.x_m))
    return replace(sight, h=np.where(beyond, by * sight.h, sight.h))


@pytest.mark.parametrize(("fold", "by"), [(1, -1.0), (2, 1j), (2, -1.0)])
def test_a_slip_is_turned_back(fold: int, by: complex) -> None:
    right, x_m = seen(3)
    wrong = [slipped(sight, by) for sight in right]
    found = settled(wrong, [fold, fold], x_m, 0.03, DEPTH_M, SHELF)
    off = [np.ptp(np.angle(a.h / b.h * np.conj(a.h[0] / b.h[0]))) for a, b in zip(found, right, strict=True)]
    assert np.mean(np.array(off) < 0.2) > 0.9


def test_sound_sights_are_left_alone() -> None:
    right, x_m = seen(4)
    found = settled(right, [1, 1], x_m, 0.03, DEPTH_M, SHELF)
    same = [
        np.ptp(np.angle(a.h / b.h * np.conj(a.h[0] / b.h[0]))) < 0.2
        for a, b in zip(found, right, strict=True)
    ]
    assert np.mean(same) > 0.9


def test_a_pass_that_was_joined_at_a_wrong_angle_is_joined_anew() -> None:
    right, x_m = seen(5)
    wrong = [replace(sight, h=np.where(sight.leg == 1, np.exp(0.8j), 1.0) * sight.h) for sight in right]
    found = settled(wrong, [1, 1], x_m, 0.03, DEPTH_M, SHELF)
    off = [abs(np.angle((a.h / b.h)[0] / (a.h / b.h)[-1])) for a, b in zip(found, right, strict=True)]
    assert np.mean(np.array(off) < 0.2) > 0.9


def test_few_samples_tell_nothing() -> None:
    right, x_m = seen(6)
    few = [Sight(*(getattr(s, n)[..., :5] for n in Sight.__slots__)) for s in right]
    found = settled(few, [1, 1], x_m, 0.03, DEPTH_M, Images())
    assert all(a is b for a, b in zip(found, few, strict=True))
