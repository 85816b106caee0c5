"""Hyperbola fit (RF-Scanner, INFOCOM 2017): the unwrapped phase is (4π/λ)·√((x - x0)² + y0²) + c.

Least squares by Gauss and Newton from the profile's minimum, within bounds; the mean over the channels.
"""

import numpy as np

from tests.bench.baselines.common import C_M_MHZ, TagReads, profiles


def place(one: TagReads) -> float:
    found = [_fit(one, *profile[:3]) for profile in profiles(one)]
    return float(np.median(found)) if found else float(np.median(one.x_m))


def _fit(one: TagReads, f_mhz: float, x_m: np.ndarray, phase: np.ndarray) -> float:
    k = 4.0 * np.pi * f_mhz / C_M_MHZ * one.fold
    theta = np.unwrap(phase)
    x0, y0 = float(x_m[int(np.argmin(theta))]), one.y_m
    for _ in range(30):
        d = np.hypot(x_m - x0, y0)
        design = np.stack([-k * (x_m - x0) / d, k * y0 / d, np.ones_like(d)], axis=1)
        step = np.linalg.lstsq(design, theta - k * d, rcond=None)[0]
        x0 = float(np.clip(x0 + np.clip(step[0], -0.05, 0.05), one.low_m, one.high_m))
        y0 = float(np.clip(y0 + np.clip(step[1], -0.05, 0.05), 0.1, 1.5))
    return x0
