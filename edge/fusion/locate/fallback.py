"""Places without phase: the read window and its RSSI. As good as that can be, said with its larger
deviation.

Only for readers that report no phase (HF among them), and for tags with too few reads for a hologram.
"""

from typing import Final

import numpy as np

from edge.columns import F64

WINDOW_SD_M: Final = 0.12  # a UHF window is about a metre wide; its middle wanders by this
WEIGHT_PER_DB: Final = 0.23  # ln(10)/10: power, not decibels, says where the antenna was close


def window_place(x_m: F64, rssi_dbm: F64) -> tuple[float, float]:
    """The place and its sd from where one tag was read: the power-weighted middle of its read window."""
    known = np.isfinite(rssi_dbm)
    loud = np.where(known, rssi_dbm, np.median(rssi_dbm[known]) if known.any() else 0.0)
    weight = np.exp(WEIGHT_PER_DB * (loud - loud.max()))
    place = float((weight * x_m).sum() / weight.sum())
    spread = float(np.sqrt((weight * (x_m - place) ** 2).sum() / weight.sum()))
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    return place, float(np.clip(spread / np.sqrt(effective) + 0.3 * spread, 0.01, WINDOW_SD_M))
