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


def errors(
    path_x: F64, path_y: F64, k_rad_m: F64, h: F64, sd: F64, x_m: F64, depth_m: F64, mirrors: F64, out: F64
) -> None:
    """Fills `out` [2m + 1, 2k]; `h` is [k, 2], real and imaginary parts."""
    m, k = len(x_m), len(path_x)
    sent = np.zeros((m, k, 2))
    sources(path_x, path_y, k_rad_m, x_m, depth_m, mirrors, sent)
    v = (sent[:, :, 0] + 1j * sent[:, :, 1]) / (h[:, 0] + 1j * h[:, 1])
    for rows, one in ((out[:m], v), (out[m : 2 * m], 1j * v), (out[2 * m :], np.ones((1, k), np.complex128))):
        rows[:, :k] = one.real / sd[0]
        rows[:, k:] = one.imag / sd[1]
