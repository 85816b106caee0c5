"""Runs of samples turned back to where all fit together best: greedy descent over turns by roots of unity.

`costs` says what turns cost where the field is a sum of sources of normal strengths, and `settle` descends.

Turns r of the samples cost rᴴQr. Turning the samples a of a run by w changes that by 2·Re((w̄ - 1)·S), with S
the sum of Q over pairs of one sample in the run and one outside. Sums over blocks give S for every run at
once, so a step costs no more than a look at all pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.ext import load
from edge.ext.sources import ITSELF

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]
Index = NDArray[np.intp]

ANY_ANGLE = 0


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of one tag at k places: `path` (x, y, wavenumber, float64[k] each), h complex128[k].

    sd : float64[k], deviations of the samples relative to h; leg : intp[k], of which pass they are, rising,
    and along the path in each
    """

    path: tuple[F64, F64, F64]
    h: C128
    sd: F64
    leg: Index


def settled(
    tags: Sequence[Read],
    x_m: F64,
    around: F64,
    direct: F64,
    mirrors: F64,
    roots: Sequence[int],
    least: float = 0.6,
    most: int = 15,
) -> list[C128]:
    """The turns of all samples of n tags, complex128[k] each: for every tag `costs`, then `settle`.

    Turned are runs of each leg; if there are several, each leg as a whole, by any angle, and runs of all
    together. The field is that of scatterers around a tag and of direct paths, whose middle one gives the
    gain.

    Parameters
    ----------
    x_m : float64[n], places of the tags
    around, direct : float64[a, 3], float64[d, 3]: how far ahead of a tag's place sources are, their depths
        and strengths; mirrors : float64[i, 8], those that show direct paths, as in `edge.ext.sources`
    roots : by leg, the order of the roots of unity by which its runs turn; least, most : as in `settle`

    Raises ValueError where shapes or legs do not fit.
    """
    x_m, tables = np.ascontiguousarray(x_m, np.float64), [around, direct, np.array([ITSELF]), mirrors]
    tables = [np.ascontiguousarray(table, np.float64) for table in tables]
    wide = [3, 3, len(ITSELF), len(ITSELF)]
    fitting = all(table.ndim == 2 and table.shape[1] == n for table, n in zip(tables, wide, strict=True))
    if not fitting or x_m.shape != (len(tags),) or not len(direct) or not all(map(_fits, tags)):
        raise ValueError(f"{len(tags)} tags, x_m {x_m.shape} and sources {around.shape} do not fit")
    if not tags:
        return []
    path = np.stack([np.concatenate([one.path[axis] for one in tags]) for axis in range(3)])
    h, sd, leg = (np.concatenate([getattr(one, name) for one in tags]) for name in ("h", "sd", "leg"))
    if len(leg) and not 0 <= leg.min() <= leg.max() < len(roots):
        raise ValueError(f"legs up to {leg.max()} have {len(roots)} roots")
    start = np.concatenate([[0], np.cumsum([len(one.h) for one in tags])]).astype(np.intp)
    turned = np.ones(len(h), np.complex128)
    if len(h):
        of_leg = np.array(roots, np.intp)
        load("slips").settled(path, h, sd, leg, start, x_m, *tables, of_leg, float(least), most, turned)
    return np.split(turned, start[1:-1])


def _fits(one: Read) -> bool:
    return (
        one.h.ndim == 1
        and all(axis.shape == one.h.shape for axis in (*one.path, one.sd, one.leg))
        and bool((np.diff(one.leg) >= 0).all())
    )


def costs(sent: C128, h: C128, sd: F64) -> C128:
    """The cost of turns, complex128[k, k] and Hermitian: (D + BᵀB̄)⁻¹ with the sources over `h` as rows of B.

    Parameters
    ----------
    sent : complex128[s, k], the field of every source of strength 1; h : complex128[k], what was read
    sd : float64[k], deviations of the samples relative to h, the root of D

    Raises ValueError where the shapes do not fit.
    """
    sent, h = np.ascontiguousarray(sent, np.complex128), np.ascontiguousarray(h, np.complex128)
    sd = np.ascontiguousarray(sd, np.float64)
    if sent.ndim != 2 or h.shape != sent.shape[1:] or sd.shape != h.shape:
        raise ValueError(f"sent {sent.shape}, h {h.shape} and sd {sd.shape} do not fit")
    out = np.zeros((len(h), len(h)), np.complex128)
    if len(h):
        load("slips").costs(sent, h, sd, out)
    return out


def settle(
    cost: C128, lines: Sequence[Index], roots: Sequence[int], least: float = 0.6, most: int = 15
) -> C128:
    """The turns of all samples, complex128[k], after the best turn was made again and again.

    Parameters
    ----------
    cost : complex128[k, k], Hermitian; it is not changed
    lines : samples in their order along a path; any run of neighbours in one of them may be turned
    roots : by line, the order of the roots of unity by which its runs turn; ANY_ANGLE: all of the line at
        once, by whatever angle is best
    least : the least saving worth a turn; most : turns at most

    Raises ValueError where samples or shapes do not fit.
    """
    k = len(cost)
    if cost.shape != (k, k) or len(lines) != len(roots) or any(n < 0 for n in roots):
        raise ValueError(f"cost {cost.shape}, {len(lines)} lines and {len(roots)} roots do not fit")
    samples = np.concatenate([np.empty(0, np.intp), *lines]).astype(np.intp, copy=False)
    if len(samples) and (samples.min() < 0 or samples.max() >= k):
        raise ValueError(f"a line has samples beyond {k}")
    ends = np.cumsum([len(line) for line in lines]).astype(np.intp)
    turned = np.ones(k, np.complex128)
    own = np.array(cost, np.complex128, order="C")
    load("slips").settle(own, samples, ends, np.array(roots, np.intp), float(least), most, turned)
    return turned
