"""Fields of point sources in plain numpy: the twin of `_sources_c.pyx`."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def sources(path_x: F64, path_y: F64, k_rad_m: F64, x_m: F64, depth_m: F64, mirrors: F64, out: F64) -> None:
    """Adds real and imaginary parts to `out` [m, k, 2]."""
    for real, imag, x_sign, x_from, depth_sign, depth_from, at, rate in mirrors:
        line = path_y + (depth_sign * depth_m + depth_from)[:, None]
        d = np.hypot(path_x - (x_sign * x_m + x_from)[:, None], line)
        share = (real + 1j * imag) * np.exp(-rate * np.abs(x_m - at))[:, None]
        sent = share * (line / d) ** 2 / d * np.exp(-1j * k_rad_m * d)
        out[:, :, 0] += sent.real
        out[:, :, 1] += sent.imag
