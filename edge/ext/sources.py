"""Fields of point sources along an antenna's path.

Source m at x_m[m], depth_m[m] behind the spines, is seen by a patch antenna of 65° at (path_x[k],
path_y[k]):
g = (line/d)²·e^{-jκd}/d with line = path_y[k] + depth_m[m] and d = √((path_x[k] - x_m[m])² + line²).
"""

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]


def sources(path_x: F64, path_y: F64, k_rad_m: F64, x_m: F64, depth_m: F64) -> C128:
    """complex128[m, k]: the field of every source at every sample.

    Parameters
    ----------
    path_x, path_y : float64[k], the antenna's place along the board and in front of the spines
    k_rad_m : float64[k], one-way wavenumbers
    x_m, depth_m : float64[m], places of the sources

    Raises ValueError where the shapes do not fit.
    """
    path = [np.ascontiguousarray(v, np.float64) for v in (path_x, path_y, k_rad_m)]
    at = [np.ascontiguousarray(v, np.float64) for v in (x_m, depth_m)]
    if (
        len({v.shape for v in path}) > 1
        or len({v.shape for v in at}) > 1
        or path[0].ndim != 1
        or at[0].ndim != 1
    ):
        raise ValueError(f"path {[v.shape for v in path]} and sources {[v.shape for v in at]} do not fit")
    out = np.empty((len(at[0]), len(path[0]), 2))
    load("sources").sources(*path, *at, out)
    sent: C128 = out.view(np.complex128)[:, :, 0]
    return sent
