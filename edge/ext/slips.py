"""Runs of samples turned back to where all fit together best: greedy descent over turns by roots of unity.

`costs` says what turns cost where the field is a sum of sources of normal strengths, and `settle` descends.

Turns r of the samples cost rᴴQr. Turning the samples a of a run by w changes that by 2·Re((w̄ - 1)·S), with S
the sum of Q over pairs of one sample in the run and one outside. Sums over blocks give S for every run at
once, so a step costs no more than a look at all pairs.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]
Index = NDArray[np.intp]

ANY_ANGLE = 0


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
