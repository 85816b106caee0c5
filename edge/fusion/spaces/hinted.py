"""What levels hinted, looked at when all is known: one table of light or sound for all of a recording.

As `hints`, which the daemon learns as it goes: hours by level with somebody there, against those that the
time of day would have had. Here the first hour knows what the last one taught.
"""

from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.fusion.spaces.hints import BINS, DAYS, log_ratio

_HOURS: Final = 24


def hinted(level: F64, hour: Index, chance: F64, step_h: float) -> F64:
    """By step, ln of how much likelier the level is with somebody there: (T,); 0 where none was told.

    level: (T,), in steps by which it is told apart, NaN where none was told; hour: (T,), of the day;
    chance: (T,), how likely somebody was there by all that is known; step_h: hours a step.
    """
    told = ~np.isnan(level)
    low = np.clip(np.floor(level[told]), 0, BINS - 2).astype(np.intp)
    above = np.clip(level[told] - low, 0.0, 1.0)
    there = chance[told]
    hours = np.stack((np.ones_like(there), there, _by_hour(hour[told], there, step_h)), axis=1) * step_h
    table = np.zeros((BINS, 3))
    np.add.at(table, low, (1 - above)[:, None] * hours)
    np.add.at(table, low + 1, above[:, None] * hours)
    ratio = log_ratio(*table.T)
    found = np.zeros(len(level))
    found[told] = (1 - above) * ratio[low] + above * ratio[low + 1]
    return found


def _by_hour(hour: Index, there: F64, step_h: float) -> F64:
    """How often somebody is there at that time of day, by step."""
    all_h = np.bincount(hour, minlength=_HOURS) * step_h
    with_h = np.bincount(hour, there, _HOURS) * step_h
    ever = with_h.sum() / max(float(all_h.sum()), 1e-9)
    share: F64 = ((with_h + DAYS * ever) / (all_h + DAYS))[hour]
    return share
