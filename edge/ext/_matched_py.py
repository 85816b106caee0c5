"""The matched field in plain numpy: the twin of `_matched_c.pyx`."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def matched(real: F64, imag: F64, x_m: F64, at_m: F64, lines_m: F64, k_rad_m: float, out: F64) -> None:
    """Fills `out` [n, y, g]."""
    h = real + 1j * imag
    for tag in range(len(h)):
        seen = h[tag] != 0
        for row, line in enumerate(lines_m):
            d = np.sqrt((x_m[None, seen] - at_m[tag][:, None]) ** 2 + line * line)
            g = np.exp(-1j * k_rad_m * d) * line / d**2
            overlap = np.abs(g.conj() @ h[tag, seen]) ** 2
            out[tag, row] = overlap / np.maximum((np.abs(g) ** 2).sum(axis=1), 1e-300)
