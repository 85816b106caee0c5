"""Constants and the two laws everything rests on: how phase grows with distance and with frequency."""

from typing import Final

import numpy as np

from edge.columns import F64

C_M_MHZ: Final = 299.792458  # speed of light in m·MHz: lengths in m with frequencies in MHz


def wavenumber(f_mhz: float | F64) -> F64:
    """One-way wavenumber 2πf/c in rad/m."""
    return np.asarray(2.0 * np.pi / C_M_MHZ * np.asarray(f_mhz, np.float64))


def distance_m(x_m: F64, y_m: F64, tag_x_m: F64) -> F64:
    """Antenna to tag on a straight line past it: d = √((x - x0)² + y²)."""
    return np.hypot(x_m - tag_x_m, y_m)
