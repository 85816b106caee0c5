"""What channels and doors do in some steps that they should not, as the estimator finds it."""

from dataclasses import dataclass
from itertools import compress
from typing import Final

import numpy as np

from edge.columns import I64
from edge.fusion.spaces.channels import Mask


@dataclass(frozen=True, slots=True, eq=False)
class Faults:
    """Of T steps that end at `t_ns`: by channel (T, n_channels) if it is `stuck` or tells what can't be
    (`beyond`); by door (T, n_doors) if it is `silent`, taken the other way round (`turned`), or counted more
    than can pass (`jumped`); and their sources."""

    t_ns: I64
    channels: list[str]
    doors: list[str]
    stuck: Mask
    beyond: Mask
    silent: Mask
    turned: Mask
    jumped: Mask

    def changes(self) -> list[int]:
        """The first step, and those in which anything is other than in the one before."""
        flags = np.concatenate((self.stuck, self.beyond, self.silent, self.turned, self.jumped), axis=1)
        return [0, *(np.flatnonzero((flags[1:] != flags[:-1]).any(axis=1)) + 1).tolist()]

    def sources(self, t: int) -> dict[str, list[str]]:
        """The sources with each fault after step t."""
        of_channels = ("stuck", self.stuck), ("beyond", self.beyond)
        of_doors = ("silent", self.silent), ("turned", self.turned), ("jumped", self.jumped)
        return {
            name: list(compress(sources, flags[t]))
            for sources, faults in ((self.channels, of_channels), (self.doors, of_doors))
            for name, flags in faults
        }


_NEVER: Final = np.zeros((1, 0), bool)
NONE: Final = Faults(np.zeros(1, np.int64), [], [], _NEVER, _NEVER, _NEVER, _NEVER, _NEVER)
"""Of no step yet."""
