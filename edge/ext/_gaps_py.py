"""Draws of a row in plain numpy: the twin of `_gaps_c.pyx`, all cells of a tag at once."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Index = NDArray[np.intp]


def draws(log_p: F64, first: Index, log_gap: F64, chance: F64, out: Index) -> None:
    """Fills `out` [s, n]."""
    n, m = log_p.shape
    at = first + log_p.argmax(axis=1)
    order = list(np.argsort(at, kind="stable"))
    for sweep, lots in enumerate(chance):
        for tag in range(n):
            order.remove(tag)
            at[tag] = first[tag] + _drawn(
                log_p[tag], first[tag] + np.arange(m), at[order], log_gap, lots[tag]
            )
            order.insert(int(np.searchsorted(at[order], at[tag])), tag)
        for k in range(n - 1):
            a, b = order[k], order[k + 1]
            there, back = at[b] - first[a], at[a] - first[b]
            if 0 <= there < m and 0 <= back < m:
                gain = (
                    log_p[a, there] + log_p[b, back] - log_p[a, at[a] - first[a]] - log_p[b, at[b] - first[b]]
                )
                if lots[n + k] < np.exp(min(0.0, gain)):
                    at[a], at[b] = at[b], at[a]
                    order[k], order[k + 1] = b, a
        out[sweep] = at


def _drawn(log_p: F64, cells: Index, others: Index, log_gap: F64, chance: float) -> int:
    """The cell, from the tag's first on, of a tag among the others, which are in order."""
    place = np.searchsorted(others, cells)
    edges = np.concatenate([others[:1], others, others[-1:]]) if len(others) else np.zeros(2, np.intp)
    before, after = edges[place], edges[place + 1]
    left, right = place > 0, place < len(others)

    def density(gap: Index, there: NDArray[np.bool_]) -> F64:
        return np.where(there, log_gap[np.clip(gap, 0, len(log_gap) - 1)], 0.0)

    found = log_p + density(cells - before, left) + density(after - cells, right)
    found = found - density(after - before, left & right)
    grown = np.exp(found - found.max()).cumsum()
    return min(int(np.searchsorted(grown, chance * grown[-1], side="right")), len(cells) - 1)
