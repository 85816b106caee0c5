"""What all tags of a pass share is the antenna's: a path that is bent comes out straight."""

from dataclasses import replace

import numpy as np

from edge.fusion.locate.among import _explained
from edge.fusion.locate.echoes import Images
from edge.fusion.locate.hypotheses import tags_of
from edge.fusion.locate.noise import USUAL
from edge.fusion.locate.options import Options
from edge.fusion.locate.sight import Sight, sights
from edge.fusion.locate.wander import wandered
from tests.edge.fusion.locate.echo_scene import scene

OPTIONS = Options()


def test_errors_of_the_path_that_tags_share_are_taken_out() -> None:
    one = scene(3, n=30, strength=0.15)
    seen = sights(one.profiles, one.x_m, OPTIONS.depth_m, USUAL)
    bent = [replace(s, x_m=s.x_m + _error_m(s)) for s in seen]
    best, images = _explained(tags_of(bent, one.x_m, OPTIONS), Images(), one.length_m, OPTIONS, 2)
    before = np.concatenate([_error_m(s) for s in seen])
    path = wandered(best, images)
    found = [path.straight(one.sight) for one in best]
    after = np.concatenate([f.x_m - s.x_m for f, s in zip(found, seen, strict=True)])
    assert np.std(after) < 0.5 * np.std(before)


def _error_m(sight: Sight) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """4 mm to and fro along the first pass, the other way along the second."""
    error: np.ndarray[tuple[int], np.dtype[np.float64]] = (
        0.004 * np.sin(2.0 * np.pi * sight.x_m / 0.4) * (1.0 - 2.0 * sight.leg)
    )
    return error
