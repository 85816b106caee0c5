"""The plain twin of the assignment: negative cycles are cancelled until there is none (Klein 1967).

Independent of the shortest augmenting paths of the compiled kernel: it starts from any assignment and lets
tags change slots in a ring as long as a ring lowers the sum, found by Floyd and Warshall's distances.
"""

import numpy as np
from numpy.typing import NDArray

_NOTHING = 1e-12


def assign(cost: NDArray[np.float64], slot: NDArray[np.intp]) -> None:
    n = len(cost)
    slot[:] = np.arange(n)
    while True:
        ring = _ring(cost[:, slot] - np.diag(cost[:, slot])[:, None])
        if not ring:
            return
        slot[ring] = slot[ring[1:] + ring[:1]]


def _ring(gain: NDArray[np.float64]) -> list[int]:
    """Tags each of which takes the next one's slot, for less than before; empty where there is none."""
    n = len(gain)
    dist, then = gain.copy(), np.tile(np.arange(n), (n, 1))
    limit = -_NOTHING * max(1.0, float(np.abs(gain).max(initial=0.0)))
    for k in range(n):
        by = dist[:, k : k + 1] + dist[k : k + 1, :]
        then = np.where(by < dist, then[:, k : k + 1], then)
        dist = np.minimum(dist, by)
        low = np.flatnonzero(np.diag(dist) < limit)
        if len(low):
            return _walk(then, int(low[0]))
    return []


def _walk(then: NDArray[np.intp], start: int) -> list[int]:
    seen: list[int] = []
    at = start
    while at not in seen:
        seen.append(at)
        at = int(then[at, start])
    return seen[seen.index(at) :]
