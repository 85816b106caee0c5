"""Runs of samples turned back to where all fit together best: greedy descent over turns by roots of unity.

Turns r of the samples cost rᴴQr. Turning the samples a of a run by w changes that by 2·Re((w̄ - 1)·S), with S
the sum of Q over pairs of one sample in the run and one outside. Sums over blocks give S for every run at
once, so a step costs no more than a look at all pairs.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

C128 = NDArray[np.complex128]
Index = NDArray[np.intp]

ANY_ANGLE = 0


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
