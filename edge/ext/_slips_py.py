"""Runs of samples in plain numpy: the twin of `_slips_c.pyx`, by tables of all runs of a line."""

import numpy as np
from numpy.typing import NDArray

from edge.ext import _sources_py

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]
Index = NDArray[np.intp]


def costs(sent: C128, h: C128, sd: F64, out: C128) -> None:
    """Fills `out` [k, k]."""
    rows = sent / h
    out[:] = np.linalg.inv(np.diag(sd**2) + rows.T @ rows.conj())


def settled(
    path: F64,
    h: C128,
    sd: F64,
    leg: Index,
    start: Index,
    x_m: F64,
    around: F64,
    direct: F64,
    itself: F64,
    mirrors: F64,
    roots: Index,
    least: float,
    most: int,
    turned: C128,
) -> None:
    """Fills `turned` [all samples], tag by tag."""
    for tag, (low, high) in enumerate(zip(start[:-1].tolist(), start[1:].tolist(), strict=True)):
        own = slice(low, high)
        x, y, wavenumber = path[:, own]
        sent = np.zeros((len(around) + len(direct), high - low, 2))
        parts = (sent[: len(around)], around, itself), (sent[len(around) :], direct, mirrors)
        for rows, at, images in parts:
            _sources_py.sources(x, y, wavenumber, x_m[tag] + at[:, 0], at[:, 1], images, rows)
        waves = sent[:, :, 0] + 1j * sent[:, :, 1]
        gain = np.median(np.abs(h[own] / waves[len(around) + len(direct) // 2])) if high > low else 0.0
        waves *= gain * np.concatenate([around[:, 2], direct[:, 2]])[:, None]
        cost = np.zeros((high - low, high - low), np.complex128)
        costs(waves, h[own], sd[own], cost)
        lines, of_line = _lines(leg[own], path[0, own], roots)
        ends = np.cumsum([len(line) for line in lines]).astype(np.intp)
        samples = np.concatenate([*lines, np.empty(0, np.intp)]).astype(np.intp)
        settle(cost, samples, ends, np.array(of_line, np.intp), least, most, turned[own])


def _lines(leg: Index, x_m: F64, roots: Index) -> tuple[list[Index], list[int]]:
    legs = np.unique(leg)
    lines, of_line = [], []
    for one in legs:
        of_leg = np.flatnonzero(leg == one)
        lines += [of_leg, of_leg] if len(legs) > 1 else [of_leg]
        of_line += [int(roots[one]), 0] if len(legs) > 1 else [int(roots[one])]
    if len(legs) > 1:
        lines.append(np.argsort(x_m, kind="stable"))
        of_line.append(int(roots[legs].min()))
    return lines, of_line


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
