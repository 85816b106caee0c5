"""What channels and doors do in some steps that they should not, as the estimator finds it."""

from dataclasses import dataclass
from itertools import compress
from typing import Final

import numpy as np

from edge.columns import I64
from edge.fusion.spaces.channels import Mask


@dataclass(frozen=True, slots=True, eq=False)
class Faults:
    """Of T steps that end at `t_ns`: `stuck` (T, n_channels), and by door (T, n_doors) if it is `silent`,
    taken the other way round (`turned`), or counted more than can pass (`jumped`); and their sources."""

    t_ns: I64
    channels: list[str]
    doors: list[str]
    stuck: Mask
    silent: Mask
    turned: Mask
    jumped: Mask

    def changes(self) -> list[int]:
        """The first step, and those in which anything is other than in the one before."""
        flags = np.concatenate((self.stuck, self.silent, self.turned, self.jumped), axis=1)
        return [0, *(np.flatnonzero((flags[1:] != flags[:-1]).any(axis=1)) + 1).tolist()]

    def sources(self, t: int) -> dict[str, list[str]]:
        """The sources with each fault after step t."""
        found = {"stuck": compress(self.channels, self.stuck[t])}
        found |= {
            name: compress(self.doors, flags[t])
            for name, flags in (("silent", self.silent), ("turned", self.turned), ("jumped", self.jumped))
        }
        return {name: list(sources) for name, sources in found.items()}


def _nothing() -> Mask:
    return np.zeros((1, 0), bool)


NONE: Final = Faults(np.zeros(1, np.int64), [], [], _nothing(), _nothing(), _nothing(), _nothing())
"""Of no step yet."""
