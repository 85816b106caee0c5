"""Runs of samples in plain numpy: the twin of `_slips_c.pyx`, by tables of all runs of a line."""

import numpy as np
from numpy.typing import NDArray

C128 = NDArray[np.complex128]
Index = NDArray[np.intp]


def costs(sent: C128, h: C128, sd: NDArray[np.float64], out: C128) -> None:
    """Fills `out` [k, k]."""
    rows = sent / h
    out[:] = np.linalg.inv(np.diag(sd**2) + rows.T @ rows.conj())


def settle(
    cost: C128, samples: Index, ends: Index, roots: Index, least: float, most: int, turned: C128
) -> None:
    """Turns `turned` [k], and the rows and columns of `cost` with it."""
    lines = np.split(samples, ends[:-1]) if len(ends) else []
    for _ in range(most):
        found = [_best(cost, line, int(n)) for line, n in zip(lines, roots, strict=True) if len(line)]
        saved, run, turn = max(found, key=lambda one: one[0], default=(0.0, samples[:0], 1.0 + 0.0j))
        if saved < least:
            break
        turned[run] *= turn
        cost[run] *= np.conj(turn)
        cost[:, run] *= turn


def _best(cost: C128, line: Index, roots: int) -> tuple[float, Index, complex]:
    rows = cost[line]
    if not roots:
        across = complex(rows.sum() - rows[:, line].sum())
        size = max(abs(across), 1e-300)
        return 2.0 * (across.real + size), line, -across / size
    to_others = _across(rows, line)
    turns = np.exp(2j * np.pi / roots * np.arange(1, roots))
    saved = np.array([2.0 * np.real((1.0 - turn.conj()) * to_others) for turn in turns])
    if not len(saved):
        return 0.0, line, 1.0 + 0.0j
    n, first, end = np.unravel_index(int(np.argmax(saved)), saved.shape)
    return float(saved[n, first, end]), line[first:end], complex(turns[n])


def _across(rows: C128, line: Index) -> C128:
    """complex128[n + 1, n + 1]: sums of the cost between samples [first:end] of the line and all others."""
    n = len(line)
    within = np.zeros((n + 1, n + 1), np.complex128)
    within[1:, 1:] = rows[:, line].cumsum(axis=0).cumsum(axis=1)
    total = np.concatenate([[0.0], rows.sum(axis=1).cumsum()])
    own = np.diag(within)
    inside = own[None, :] - within - within.T + own[:, None]
    across: C128 = np.triu(total[None, :] - total[:, None] - inside)
    return across
