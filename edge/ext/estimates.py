"""Estimates as JSON text: a week of a large building is millions of rows, each of the same few numbers.

A row is `{"space": …, "t_ns": …, "people": …, "people_sd": …, "occupied": …, "quality": …}`. People and their
deviation have two decimals, the probability four; each is written as short as it can be.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

LARGEST: Final = 1e12


def rows(
    t_ns: int, numbers: NDArray[np.float64], spaces: Sequence[bytes], qualities: Sequence[bytes]
) -> bytes:
    """One row a space, with a comma and a blank between two; ASCII.

    numbers: (n, 3): people, deviation, probability; spaces, qualities: n JSON texts, each with its marks.
    Raises ValueError where shapes are wrong, or a number is not finite or larger than LARGEST.
    """
    if numbers.shape != (len(spaces), 3) or len(qualities) != len(spaces):
        raise ValueError("numbers: expected three, a name and a quality a space")
    if not np.abs(numbers).max(initial=0.0) <= LARGEST:
        raise ValueError("numbers: expected finite ones")
    kernel: Callable[..., bytes] = load("estimates").rows
    return kernel(t_ns, np.ascontiguousarray(numbers, np.float64), list(spaces), list(qualities))
