"""Fields of point sources in plain numpy: the twin of `_sources_c.pyx`."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def sources(path_x: F64, path_y: F64, k_rad_m: F64, x_m: F64, depth_m: F64, out: F64) -> None:
    """Fills `out` [m, k, 2] with real and imaginary parts."""
    line = path_y + depth_m[:, None]
    d = np.hypot(path_x - x_m[:, None], line)
    sent = (line / d) ** 2 / d * np.exp(-1j * k_rad_m * d)
    out[:, :, 0], out[:, :, 1] = sent.real, sent.imag
