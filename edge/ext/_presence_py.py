"""The plain twin of the presence kernel: SMURF written as the paper says it, a tag at a time."""

import math

import numpy as np
from numpy.typing import NDArray

MAX_WINDOW = 64
RATE_GAIN = 0.1
MIN_RATE = 0.05


def step(
    history: NDArray[np.uint64],
    window: NDArray[np.int32],
    rate: NDArray[np.float64],
    present: NDArray[np.uint8],
    seen: NDArray[np.uint8],
    delta: float,
) -> None:
    for n in range(len(history)):
        bits = ((int(history[n]) << 1) | int(seen[n])) & (2**MAX_WINDOW - 1)
        size, p, there = int(window[n]), float(rate[n]), bool(present[n])
        if there:
            p += RATE_GAIN * (int(seen[n]) - p)
        size = _resize(bits, size, max(p, MIN_RATE), delta)
        history[n], window[n], rate[n] = bits, size, p
        present[n] = bool(seen[n]) or (there and _recent(bits, size) > 0)


def _recent(bits: int, epochs: int) -> int:
    """How many of the last `epochs` epochs had a read."""
    return (bits & ((1 << epochs) - 1)).bit_count()


def _resize(bits: int, size: int, p: float, delta: float) -> int:
    """The next window: complete by w* = ln(1/δ)/p, halved on a fall beyond two deviations (eq. 6 and 8)."""
    complete = min(max(math.ceil(math.log(1.0 / delta) / p), 1), MAX_WINDOW)
    half = max(size // 2, 1)
    missed = half * p - _recent(bits, half)
    if size > 1 and missed > 2.0 * math.sqrt(half * p * (1.0 - p)):
        return max(min(half, complete), 1)
    return min(size + 2, complete) if complete > size else complete
