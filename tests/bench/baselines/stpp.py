"""STPP (NSDI 2015): a parabola through the V-zone of the unwrapped phase profile; x0 = -b / 2a, a > 0.

The V-zone is the half metre around the profile's minimum; the channel with the most bins serves.
"""

import numpy as np

from tests.bench.baselines.common import TagReads, profiles

HALF_ZONE_M = 0.25


def place(one: TagReads) -> float:
    best = max(profiles(one), key=lambda p: len(p[1]), default=None)
    if best is None:
        return float(np.median(one.x_m))
    _, x_m, phase, _ = best
    smooth = np.unwrap(phase)
    middle = x_m[int(np.argmin(smooth))]
    zone = np.abs(x_m - middle) <= HALF_ZONE_M
    if zone.sum() < 3:
        return float(middle)
    a, b, _ = np.polyfit(x_m[zone], smooth[zone], 2)
    return float(np.clip(-b / (2 * a), one.low_m, one.high_m)) if a > 0 else float(middle)
