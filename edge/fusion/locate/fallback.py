"""Places without phase: the read window and its RSSI. As good as that can be, said with its larger
deviation.

Only for readers that report no phase (HF among them), and for tags with too few reads for a hologram.
"""

from typing import Final

import numpy as np

from edge.columns import F64

WEIGHT_PER_DB: Final = 0.23  # ln(10)/10: power, not decibels, says where the antenna was close
# Shares of the window's spread by which its middle wanders, and wanders more where the path cuts it off.
# On the real and the simulated rows without their phases .85 to 1.00 of the places are within 1.64 sd.
WANDERS: Final = 0.45
CUT_OFF: Final = 0.4
END: Final = 0.1  # of the path
LEAST_SD_M: Final = 0.01
MOST_SD_M: Final = 0.3


def window_middle(x_m: F64, rssi_dbm: F64) -> float:
    """The power-weighted middle of a read window; arguments as of `window_place`."""
    return float((_power(rssi_dbm) * x_m).sum())


def window_place(x_m: F64, rssi_dbm: F64, ends_m: tuple[float, float]) -> tuple[float, float]:
    """The place and its sd in m from where one tag was read: the middle of its read window.

    x_m, rssi_dbm : float64[k], the antenna's places at the reads and what they say (NaN: not known)
    ends_m : where the antenna's path begins and ends
    """
    power = _power(rssi_dbm)
    place_m = float((power * x_m).sum())
    spread_m = float(np.sqrt((power * (x_m - place_m) ** 2).sum()))
    wanders = np.sqrt((power**2).sum()) + WANDERS + CUT_OFF * _cut_off(x_m, power, ends_m)
    return place_m, float(np.clip(wanders * spread_m, LEAST_SD_M, MOST_SD_M))


def _power(rssi_dbm: F64) -> F64:
    """Of each read, as a share of all."""
    known = np.isfinite(rssi_dbm)
    loud = np.where(known, rssi_dbm, np.median(rssi_dbm[known]) if known.any() else 0.0)
    power: F64 = np.exp(WEIGHT_PER_DB * (loud - loud.max()))
    power /= power.sum()
    return power


def _cut_off(x_m: F64, power: F64, ends_m: tuple[float, float]) -> float:
    """0: nothing is read at the ends of the path; 1: as much as anywhere."""
    low, high = ends_m
    inner_m = END * (high - low)
    at_ends = power[x_m < low + inner_m].sum(), power[x_m > high - inner_m].sum()
    return float(min(1.0, max(at_ends) / END))
