"""The plain twin of the settled kernel: every record as whole matrices."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.ext import settled as t
from edge.ext.balance import AIR, EXCESS, PEOPLE, SOURCE, SWING

F64 = NDArray[np.float64]
Index = NDArray[np.intp]

_HEADS: Final = {t.MARKED: t.MARKED_HEAD, t.CORRECTED: t.CORRECTED_HEAD}
"""What stands before a row of states, by kind of record."""


def mark(x: F64, P: F64, where: Index, sizes: Index, cells: F64, used: Index, step: int) -> None:
    for s, (b, at, _) in enumerate(where.tolist()):
        t.Tape(cells, used).write(t.MARKED, b, (step, s, at, x[b, at], *P[b, at, : sizes[b]]))


def look_back(cells: F64, used: int, lam: F64, Lam: F64, people: F64) -> int:
    while used >= t.TAIL:
        kind, block, n = (int(v) for v in cells[used - t.TAIL : used])
        used -= n + t.TAIL
        if used < 0 or not 0 <= block < len(lam):
            return -1
        was = cells[used : used + n]
        if n - _HEADS.get(kind, n) > lam.shape[1]:
            return -1
        if kind == t.MARKED:
            if was[0] >= len(people) or was[1] >= people.shape[1]:
                return -1
            row, at = np.zeros(lam.shape[1]), int(was[2])
            row[: n - t.MARKED_HEAD] = was[t.MARKED_HEAD :]
            people[int(was[0]), int(was[1])] = was[3] - row @ lam[block], row[at] - row @ Lam[block] @ row
        elif kind == t.CORRECTED:
            _take_back(was, lam[block], Lam[block])
        else:
            F = _motion(kind, was, lam.shape[1])
            lam[block] = F.T @ lam[block]
            Lam[block] = F.T @ Lam[block] @ F
    return 0


def _take_back(was: F64, lam: F64, Lam: F64) -> None:
    push, shrink = was[:2]
    H, PH = np.zeros(len(lam)), np.zeros(len(lam))
    for at, value in zip(was[2:5], was[5:8], strict=True):
        if at >= 0:
            H[int(at)] = value
    PH[: len(was) - t.CORRECTED_HEAD] = was[t.CORRECTED_HEAD :]
    A = np.eye(len(lam)) - shrink * np.outer(H, PH)
    lam[:] = A @ lam - push * H
    Lam[:] = A @ Lam @ A.T + shrink * np.outer(H, H)


def _motion(kind: int, was: F64, n_states: int) -> F64:
    """What a step did to small differences of the state."""
    F = np.eye(n_states)
    if kind == t.BREATHED:
        at = int(was[0])
        decay, by_people, by_rate, by_source, keep = (float(v) for v in was[1:6])
        F[at + EXCESS, at + EXCESS] = decay
        F[at + EXCESS, [at + PEOPLE, at + AIR, at + SWING, at + SOURCE]] = (
            by_people,
            by_rate,
            by_rate,
            by_source,
        )
        F[at + SWING, at + SWING] = keep
    elif kind == t.PASSED:
        target, origin, missed = (int(v) for v in was[:3])
        for side, sign in ((target, 1.0), (origin, -1.0)):
            if side >= 0:
                F[side, missed : missed + 2] += sign * was[3], -sign * was[4]
    else:
        F[int(was[0]), int(was[0])] = 0.0
    return F
