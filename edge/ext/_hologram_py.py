"""The hologram in plain numpy: the twin of `_hologram_c.pyx`, written the long way."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def hologram(
    phase: F64, weight: F64, x_m: F64, grid_m: F64, lines_m: F64, k_rad_m: float, lag: int, out: F64
) -> None:
    """Adds into `out` [n, y, g]."""
    for y, line in enumerate(lines_m):
        d = np.sqrt((x_m[None, :] - grid_m[:, None]) ** 2 + line * line)
        model = k_rad_m * (d[:, lag:] - d[:, :-lag])
        for tag in range(len(phase)):
            step = phase[tag, lag:] - phase[tag, :-lag]
            share = np.minimum(weight[tag, lag:], weight[tag, :-lag])
            out[tag, y] += (share * np.cos(model - step)).sum(axis=1)
