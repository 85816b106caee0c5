"""The cheapest way to give n tags n slots: the assignment problem (Jonker and Volgenant 1987)."""

import numpy as np
from numpy.typing import NDArray

from edge.ext import load


def assign(cost: NDArray[np.float64]) -> NDArray[np.intp]:
    """intp[n]: the slot of every tag for the least sum of cost[tag, slot].

    cost : float64[n, n], finite

    Raises ValueError where it is not square or not finite.
    """
    if cost.ndim != 2 or cost.shape[0] != cost.shape[1] or not np.isfinite(cost).all():
        raise ValueError(f"cost: expected a square of finite numbers, found {cost.shape}")
    slot = np.zeros(len(cost), np.intp)
    load("assign").assign(np.ascontiguousarray(cost, np.float64), slot)
    return slot
