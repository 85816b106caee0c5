"""Medians of many short rows at once: numpy's own takes longer to look at one row than to sort it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.columns import F64
from edge.fusion.robust import SD_OF_MAD


def median(values: F64) -> float:
    """The median of one row that is not empty."""
    ordered = np.sort(values)
    return float(0.5 * (ordered[len(ordered) // 2] + ordered[(len(ordered) - 1) // 2]))


def median_and_sd(values: F64, least_spread: float) -> tuple[float, float]:
    """The median of one row, and the deviation of it.

    A median errs by 1.2533 spread / sqrt(n) in normal errors; the spread is that of normal values with this
    median absolute deviation, and at least `least_spread`.
    """
    middle = median(values)
    spread = max(SD_OF_MAD * median(np.abs(values - middle)), least_spread)
    return middle, 1.2533 * spread / float(np.sqrt(len(values)))


def medians(values: F64, seen: NDArray[np.bool_], empty: float) -> F64:
    """float64[n]: the median of what is seen in each row of values[n, k]; `empty` where nothing is."""
    n = np.maximum(seen.sum(axis=1), 1)
    ordered = np.sort(np.where(seen, values, np.inf), axis=1)
    rows = np.arange(len(values))
    middle = 0.5 * (ordered[rows, (n - 1) // 2] + ordered[rows, n // 2])
    found: F64 = np.where(seen.any(axis=1), middle, empty)
    return found


def held(values: NDArray[Any], seen: NDArray[np.bool_]) -> NDArray[Any]:
    """values[n, k] with what is not seen replaced by the last that was, or the first that will be."""
    last = np.maximum.accumulate(np.where(seen, np.arange(seen.shape[1]), -1), axis=1)
    last = np.where(last >= 0, last, seen.argmax(axis=1)[:, None])
    found: NDArray[Any] = np.take_along_axis(values, last, axis=1)
    return found
