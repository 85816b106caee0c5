"""How well a place along the board explains what was measured of a tag.

Two measurements count: the located place, which is precise but now and then grossly wrong (another lobe
of the hologram, multipath), and the middle of the tag's read window, which is coarse but never far off.
Of a located place all is taken that the tag's own reads say of it, where that is known: one place or several,
and how badly even the best of them explains the reads.
"""

from dataclasses import dataclass

import numpy as np

from edge.columns import F64
from edge.fusion.inventory.aligned import Offsets
from edge.fusion.inventory.evidence import WINDOW_SPAN_M, TagEvidence
from edge.fusion.locate.own import Own

# Errors of located tags: normal, with a wide foot, and a share of places that say nothing at all.
_FOOT_SHARE, _FOOT_SCALE = 0.06, 3.0
_GROSS_SHARE = 0.005
WINDOW_SD_M = 0.10
OTHER_AXIS_SD_M = 0.03  # each board has an encoder zero of its own
_FREEDOM = 6.0  # of Student's t for the read window
_GROSS_SPAN_M = 1.0


@dataclass(frozen=True, slots=True)
class Measured:
    """A tag's measurements along one board: the located place (None: none), the read window (NaN: none).

    own : what each scan's reads say of the place, on an axis that is known to axis_sd_m
    """

    x_m: float | None
    sd_m: float
    window_m: float
    window_sd_m: float
    own: tuple[Own, ...] = ()
    axis_sd_m: float = 0.0

    @property
    def place(self) -> tuple[float, float]:
        """The best single place and its deviation; NaN where nothing was measured."""
        return (self.window_m, self.window_sd_m) if self.x_m is None else (self.x_m, self.sd_m)


def measured(tag: TagEvidence, shelf: str, offsets_m: Offsets) -> Measured:
    """What was measured of the tag along this board, or along one whose axis agrees with it."""
    window_m, window_sd_m = _window(tag, shelf, offsets_m)
    if tag.shelf is None or tag.x_m is None or tag.x_sd_m is None:
        return Measured(None, float("nan"), window_m, window_sd_m)
    if tag.shelf == shelf:
        return Measured(tag.x_m, tag.x_sd_m, window_m, window_sd_m, tag.own)
    offset = offsets_m.get((shelf, tag.shelf))
    if offset is None:
        return Measured(None, float("nan"), window_m, window_sd_m)
    sd_m = float(np.hypot(tag.x_sd_m, OTHER_AXIS_SD_M))
    own = tuple(one.at(np.array(one.start_m) + offset) for one in tag.own)
    return Measured(tag.x_m + offset, sd_m, window_m, window_sd_m, own, OTHER_AXIS_SD_M)


def likelihood(grid_m: F64, one: Measured, scale: float) -> F64:
    """float64[k].

    P(the measurements | the tag is at each place of the grid), located deviations times `scale`.
    """
    fit = np.ones_like(grid_m)
    if np.isfinite(one.window_m):
        window = (grid_m - one.window_m) / one.window_sd_m
        fit *= (1.0 + window * window / _FREEDOM) ** (-0.5 * (_FREEDOM + 1.0))
    if one.own:
        # Scans of one tag among the same books err alike: n of them tell what √n would by themselves.
        scans = [own.density(grid_m, one.axis_sd_m) for own in one.own]
        fit *= np.prod(scans, axis=0) ** (1.0 / np.sqrt(len(scans)))
    elif one.x_m is not None:
        fit *= _located(grid_m, one.x_m, scale * one.sd_m)
    return fit


def _window(tag: TagEvidence, shelf: str, offsets_m: Offsets) -> tuple[float, float]:
    """The window of the board that read the tag most often, of those whose axes are known along this one."""
    known = {other: offsets_m.get((shelf, other)) for other in tag.heard if other != shelf}
    known[shelf] = 0.0
    usable = [(one, known[other]) for other, one in tag.heard.items() if known[other] is not None]
    if not usable:
        return float("nan"), WINDOW_SD_M
    one, offset = max(usable, key=lambda pair: pair[0].reads)
    return one.window_m + (offset or 0.0), float(np.hypot(WINDOW_SD_M, WINDOW_SPAN_M / np.sqrt(one.reads)))


def _located(grid_m: F64, x_m: float, sd_m: float) -> F64:
    z = (grid_m - x_m) / sd_m
    core, foot = np.exp(-0.5 * z * z), np.exp(-0.5 * (z / _FOOT_SCALE) ** 2) / _FOOT_SCALE
    near = ((1.0 - _FOOT_SHARE) * core + _FOOT_SHARE * foot) / (np.sqrt(2.0 * np.pi) * sd_m)
    located: F64 = (1.0 - _GROSS_SHARE) * near + _GROSS_SHARE / _GROSS_SPAN_M
    return located
