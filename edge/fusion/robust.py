"""Where values lie and how far they spread, whatever a few of them do."""

from typing import Final

import numpy as np

from edge.columns import F64

SD_OF_MAD: Final = 1.4826
"""A normal distribution's standard deviation by its median absolute deviation."""


def middle_and_spread(values: F64) -> tuple[F64, F64]:
    """The median of values[n, ...] and their deviation around it, as of normal values; n > 0."""
    middle = np.median(values, axis=0)
    return middle, SD_OF_MAD * np.median(np.abs(values - middle), axis=0)
