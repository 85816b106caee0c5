"""Whether tags are still there: SMURF's adaptive window, one step an epoch (Jeffery et al., VLDB 2006).

A tag in the field is missed now and then, so one epoch without a read says nothing. Each tag is smoothed over
a window just long enough that a tag which is there is read in it with probability 1 − δ (completeness), and
the window is halved when the reads fall off more than chance explains (responsiveness).
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

MAX_WINDOW: Final = 64
"""Epochs that a tag's history holds: one bit each."""

U64 = NDArray[np.uint64]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]
Step = Callable[[U64, I32, F64, U8, U8, float], None]


def step(history: U64, window: I32, rate: F64, present: U8, seen: U8, delta: float) -> None:
    """One epoch for n tags. All arrays have shape (n,), are C-contiguous, and all but `seen` change in place.

    history: bit k set = read k epochs ago. window: epochs, 1…64. rate: reads an epoch while present, 0…1.
    present: 1 while the tag is taken to be there. seen: 1 where it was read in this epoch.
    delta: the probability that a tag which is there is missed in a whole window, 0 < δ < 1.
    Raises ValueError where shapes, types or δ are wrong.
    """
    n = len(history)
    columns: tuple[tuple[NDArray[np.generic], type], ...] = (
        (history, np.uint64),
        (window, np.int32),
        (rate, np.float64),
        (present, np.uint8),
        (seen, np.uint8),
    )
    for column, kind in columns:
        if column.shape != (n,) or column.dtype != kind or not column.flags.c_contiguous:
            raise ValueError(f"expected {n} contiguous values of {kind.__name__}")
    if not 0.0 < delta < 1.0:
        raise ValueError(f"delta: expected a probability between 0 and 1, found {delta}")
    if n and (int(window.min()) < 1 or int(window.max()) > MAX_WINDOW):
        raise ValueError(f"window: expected 1 to {MAX_WINDOW} epochs")
    kernel: Step = load("presence").step
    kernel(history, window, rate, present, seen, delta)
