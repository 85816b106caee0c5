"""What a tag's own reads say of its place, apart from all other tags: one place or several.

Where something else tells where a tag should stand, such as a shelf list, its reads are looked at from there
too: phases are followed from a start, and one that is half a wavelength off finds another place to fit.
Both looks are of the same reads, so that their likelihoods are compared as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.columns import F64
from edge.fusion.locate.spaced import SMOOTH_M

DIGITS: Final = 4
# Of places that are far from all that the reads say, by the misfit: measured on scenes with known places.
ASTRAY: Final = 0.005
ASTRAY_POWER: Final = 3.0
MOST_ASTRAY: Final = 0.12


@dataclass(frozen=True, slots=True)
class Own:
    """Likelihoods of places around one start or more.

    start_m : the middles; p : by start, each step_m apart about it, the largest of all 1
    misfit : squared errors per degree of freedom that the best place leaves
    """

    start_m: tuple[float, ...]
    p: tuple[tuple[float, ...], ...]
    step_m: float
    misfit: float

    def at(self, start_m: F64) -> "Own":
        """The same around other middles."""
        return replace(self, start_m=tuple(start_m.tolist()))

    @property
    def astray(self) -> float:
        """P(it stands where its reads do not see it): the more, the worse any place explains them."""
        return float(min(MOST_ASTRAY, ASTRAY * max(1.0, self.misfit) ** ASTRAY_POWER))

    def density(self, x_m: F64, sd_m: float = 0.0) -> F64:
        """float64[k]: of places on an even grid. sd_m : how well the starts are known on it."""
        wide_m = float(np.hypot(SMOOTH_M, sd_m))
        looks = [self._look(x_m, start_m, p, wide_m) for start_m, p in zip(self.start_m, self.p, strict=True)]
        seen = np.max(looks, axis=0)
        total = float(seen.sum()) * float(x_m[1] - x_m[0])
        astray = self.astray if total > 0.0 else 1.0
        density: F64 = (1.0 - astray) * seen / (total or 1.0) + astray / float(x_m[-1] - x_m[0])
        return density

    def _look(self, x_m: F64, start_m: float, p: Sequence[float], wide_m: float) -> F64:
        at_m = start_m + self.step_m * (np.arange(len(p)) - len(p) // 2)
        look: F64 = np.exp(-0.5 * ((x_m[:, None] - at_m) / wide_m) ** 2) @ np.array(p)
        return look


def own(start_m: Sequence[float], log_p: F64, step_m: float, misfit: float) -> Own:
    """Of log_p [looks, places], each around its start."""
    p = np.exp(log_p - log_p.max()).round(DIGITS)
    return Own(tuple(map(float, start_m)), tuple(map(tuple, p.tolist())), step_m, round(misfit, DIGITS))
