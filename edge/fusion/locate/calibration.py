"""What is known beforehand of clocks (reads' lead in time) and of antenna and encoder (a board's offset)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from edge.columns import F64, TagColumns, sort_by_time


@dataclass(frozen=True, slots=True)
class Offset:
    """A board's places come out as x_m + scale·(x - at_m) too far to the right; from so many labels.

    scale is 0 where labels do not tell it; x_sd_m is the deviation of x_m.
    """

    x_m: float
    x_sd_m: float
    labels: int
    scale: float = 0.0
    at_m: float = 0.0


@dataclass(frozen=True, slots=True)
class ClockLead:
    """How much later a source's reads must be dated to fit its poses, and how many tags say so."""

    lead_s: float
    lead_sd_s: float
    tags: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """offsets : by board; leads : by source. What is not in them is taken as it comes."""

    offsets: Mapping[str, Offset] = field(default_factory=dict)
    leads: Mapping[str, ClockLead] = field(default_factory=dict)

    def in_time(self, tags: TagColumns) -> TagColumns:
        """The reads dated so that they fit their source's poses."""
        lead_ns = np.array(
            [round(self.leads[s].lead_s * 1e9) if s in self.leads else 0 for s in tags.sources], np.int64
        )
        if not lead_ns.any():
            return tags
        return sort_by_time(replace(tags, t_ns=tags.t_ns + lead_ns[tags.source]))

    def in_place(self, shelf: str, x_m: F64) -> F64:
        """Places on a board without its offset."""
        known = self.offsets.get(shelf)
        if known is None:
            return x_m
        corrected: F64 = x_m - known.x_m - known.scale * (x_m - known.at_m)
        return corrected
