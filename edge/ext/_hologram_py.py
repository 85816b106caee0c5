"""The hologram in plain numpy: the twin of `_hologram_c.pyx`, written the long way."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def hologram(
    phase: F64,
    weight: F64,
    x_m: F64,
    grid_m: F64,
    lines_m: F64,
    k_rad_m: float,
    lag: int,
    across: bool,
    out: F64,
) -> None:
    """Adds into `out` [n, y, g]."""
    for tag in range(len(phase)):
        read = np.flatnonzero(weight[tag] > 0)
        after = np.searchsorted(read, read + lag)
        a, b = read[after < len(read)], read[after[after < len(read)]]
        if not across:
            a, b = a[b - a == lag], b[b - a == lag]
        step = phase[tag, b] - phase[tag, a]
        share = np.minimum(weight[tag, b], weight[tag, a])
        for y, line in enumerate(lines_m):
            d = np.sqrt((x_m[None, :] - grid_m[:, None]) ** 2 + line * line)
            out[tag, y] += (share * np.cos(k_rad_m * (d[:, b] - d[:, a]) - step)).sum(axis=1)
