"""The plain twin of the sound kernel: one space after another, with matrices of two by two."""

import math

import numpy as np
from numpy.typing import NDArray

from edge.ext import _balance_py as balance
from edge.ext.balance import NONE, PEOPLE
from edge.ext.occupancy import COUNTED, SOUND
from edge.ext.settled import OFF, Tape
from edge.ext.sound import AGE_H, BASE_DB, HEAD_DB, STRAY_DB, SWAY_DB2, VAR_BASE, VAR_BOTH, VAR_HEAD

F64 = NDArray[np.float64]
Index = NDArray[np.intp]


def listen(
    x: F64,
    P: F64,
    where: Index,
    spaces: F64,
    heard: F64,
    step_h: float,
    cells: F64 = OFF.cells,
    on_tape: Index = OFF.used,
) -> None:
    heard[:, AGE_H] += step_h
    for (b, at, _), space, row in zip(where.tolist(), spaces, heard, strict=True):
        level = float(space[SOUND])
        if not 0.0 < level < 140.0:
            continue
        if row[VAR_BASE] == 0.0:
            row[:] = level - 1.0, level - 9.0, 9.0, 0.0, 49.0, 0.0, 0.0, 1.0
            continue
        age_h = min(max(float(row[AGE_H]), 1 / 3600), 1.0)
        row[AGE_H] = 0.0
        row[VAR_BASE] += 0.04 * age_h
        row[VAR_HEAD] += 0.01 * age_h
        noise = float(row[SWAY_DB2]) * max(0.5 / age_h, 1.0)
        own = _own(row)
        expected, slope, one = _expected(row, max(float(x[b, at]), 0.0))
        unknown = noise + float(slope @ own @ slope)
        if space[COUNTED]:
            _people(x, P, b, at, one, level - expected, unknown, Tape(cells, on_tape))
        _learn(row, level, max(float(x[b, at]), 0.0), float(P[b, at, at]), noise, age_h)


def _own(row: F64) -> F64:
    return np.array([[row[VAR_BASE], row[VAR_BOTH]], [row[VAR_BOTH], row[VAR_HEAD]]])


def _expected(row: F64, people: float) -> tuple[float, F64, float]:
    """The level, its slopes by the two levels that it is made of, and by people."""
    base, head = 10 ** (row[BASE_DB] / 10), 10 ** (row[HEAD_DB] / 10)
    total = base + people * head
    slope = np.array([base / total, people * head / total])
    return 10 * math.log10(total), slope, 10 / math.log(10) * head / total


def _people(x: F64, P: F64, b: int, at: int, one: float, nu: float, variance: float, tape: Tape) -> None:
    block, state, none = (np.array([k], np.intp) for k in (b, at + PEOPLE, NONE))
    value = nu + one * float(x[b, at])
    scale, values, variances, gate = (np.array([v]) for v in (one, value, variance, 2.5))
    row = block, state, none, none, scale, values, variances, gate
    balance.measure(x, P, *row, np.empty(1), np.empty(1), tape)
    x[b, at] = max(float(x[b, at]), 0.0)


def _learn(row: F64, level: float, people: float, variance: float, noise: float, age_h: float) -> None:
    expected, slope, one = _expected(row, people)
    own, nu, doubt = _own(row), level - expected, one**2 * max(variance, 0.0)
    alike = max(2.0 / age_h, 1.0)
    gain = own @ slope / (float(slope @ own @ slope) + noise + doubt * alike)
    push = min(max(nu, -6.0), 6.0)
    row[[BASE_DB, HEAD_DB]] += gain * push
    own = own - np.outer(gain, own @ slope)
    row[[VAR_BASE, VAR_BOTH, VAR_HEAD]] = max(own[0, 0], 1e-4), own[0, 1], max(own[1, 1], 1e-4)
    row[STRAY_DB] += min(age_h / 0.25, 1.0) * (push - row[STRAY_DB])
    square = float(row[STRAY_DB]) ** 2
    square = max(square - doubt, 0.5 * square)
    row[SWAY_DB2] = max(row[SWAY_DB2] + min(age_h / 8.0, 1.0) * (square - row[SWAY_DB2]), 0.3)
