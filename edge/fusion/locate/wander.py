"""The antenna's true path: errors of the encoder that all tags of a pass share.

Poses are off by millimetres that change slowly along a pass. To one tag they look like echoes; to all tags
of the board they are the same displacement of the antenna. What every tag's best hypothesis leaves, after its
own gain, place, depth and scatterers have had their share, is explained by displacements along the board and
across it at knots of each pass, a priori of PATH_SD_M, together (generalised least squares).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.columns import F64
from edge.fusion.locate.echoes import Images
from edge.fusion.locate.reflections import MIN_SAMPLES, STEP_M, Explained, freed, sent
from edge.fusion.locate.sight import Sight

KNOT_M: Final = 0.05
MOST_KNOTS: Final = 80  # over all passes: many passes are taken with wider knots
PATH_SD_M: Final = 0.004


@dataclass(frozen=True, slots=True)
class Wandered:
    """By how much the antenna was aside of its poses, at knots of each pass.

    knots_m : float64[n]; moved_m : float64[2, legs·n], along the board and across it
    """

    knots_m: F64
    legs: int
    moved_m: F64

    def straight(self, sight: Sight) -> Sight:
        """What a tag was seen as, with the antenna where it was."""
        along, across = self.moved_m @ _hats(sight, self.knots_m, self.legs)
        return replace(sight, x_m=sight.x_m + along, y_m=sight.y_m + across)


def wandered(tags: Sequence[Explained], images: Images) -> Wandered:
    """Where all tags together say that the antenna was."""
    knots_m, legs = _knots(tags), 1 + max(int(tag.sight.leg.max(initial=0)) for tag in tags)
    many = 2 * legs * len(knots_m)
    gram, towards = np.eye(many) / PATH_SD_M**2, np.zeros(many)
    for tag in tags:
        if len(tag.sight) >= MIN_SAMPLES:
            free = _projected(tag, images, knots_m, legs)
            heat = 1.0 / max(1.0, float(free[0, 0]) / (2 * len(tag.sight)))
            gram += heat * free[1:, 1:]
            towards += heat * free[1:, 0]
    moved_m: F64 = np.linalg.solve(gram, towards).reshape(2, legs * len(knots_m)).astype(np.float64)
    return Wandered(knots_m, legs, moved_m)


def _knots(tags: Sequence[Explained]) -> F64:
    legs = 1 + max(int(tag.sight.leg.max(initial=0)) for tag in tags)
    low = min(float(tag.sight.x_m.min()) for tag in tags if len(tag.sight))
    high = max(float(tag.sight.x_m.max()) for tag in tags if len(tag.sight))
    n = min(1 + int(np.ceil((high - low) / KNOT_M)), max(2, MOST_KNOTS // legs))
    return np.linspace(low, high, n)


def _hats(sight: Sight, knots_m: F64, legs: int) -> F64:
    """float64[legs·knots, k]: the share that each knot of each pass has in every sample (linear between)."""
    step_m = knots_m[1] - knots_m[0]
    hat = np.maximum(0.0, 1.0 - np.abs(sight.x_m - knots_m[:, None]) / step_m)
    of_leg = (sight.leg == np.arange(legs)[:, None])[:, None, :] * hat
    shares: F64 = of_leg.reshape(legs * len(knots_m), len(sight))
    return shares


def _projected(tag: Explained, images: Images, knots_m: F64, legs: int) -> F64:
    """Products of what the tag itself does not explain: the rest (1), displacements along and across."""
    sight = tag.sight
    at_m = np.array([tag.x_m, tag.x_m + STEP_M, tag.x_m])
    deep_m = np.array([tag.depth_m, tag.depth_m, tag.depth_m + STEP_M])
    seen, turned, read = sent(tag, at_m, deep_m, images)
    rows = np.stack([seen[0], turned[0], seen[1] - seen[0], seen[2] - seen[0], read - seen[0]])
    ahead, line = sight.x_m - tag.x_m, sight.y_m + tag.depth_m
    turn = -sight.k / np.hypot(ahead, line) / sight.sd[1]  # of the phase, per metre of displacement
    hats = _hats(sight, knots_m, legs)
    phase = np.concatenate([hats * (turn * ahead), hats * (turn * line)])
    return freed(np.concatenate([rows, np.concatenate([np.zeros_like(phase), phase], axis=1)]), tag)
