"""Fields of point sources along an antenna's path, and of their images in mirrors.

Source m at x_m[m], depth_m[m] behind the spines, is seen by a patch antenna of 65° at (path_x[k],
path_y[k]):
g = (line/d)²·e^{-jκd}/d with line = path_y[k] + depth_m[m] and d = √((path_x[k] - x_m[m])² + line²).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]

ITSELF: Final = (1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0)
"""The mirror that shows a source where it is."""
_ALONE: Final = np.array([ITSELF])


def sources(path_x: F64, path_y: F64, k_rad_m: F64, x_m: F64, depth_m: F64, mirrors: F64 = _ALONE) -> C128:
    """complex128[m, k]: the field of every source at every sample.

    Parameters
    ----------
    path_x, path_y : float64[k], the antenna's place along the board and in front of the spines
    k_rad_m : float64[k], one-way wavenumbers
    x_m, depth_m : float64[m], places of the sources
    mirrors : float64[i, 8], rows a, b, p, q, r, s, t, u: what is seen is the sum of sources of strength
        (a + jb)·e^{-u·|x_m - t|} at p·x_m + q, r·depth_m + s

    Raises ValueError where the shapes do not fit.
    """
    path = [np.ascontiguousarray(v, np.float64) for v in (path_x, path_y, k_rad_m)]
    at = [np.ascontiguousarray(v, np.float64) for v in (x_m, depth_m)]
    if (
        not path[0].shape == path[1].shape == path[2].shape
        or at[0].shape != at[1].shape
        or path[0].ndim != 1
        or at[0].ndim != 1
        or mirrors.ndim != 2
        or mirrors.shape[1] != len(ITSELF)
    ):
        shapes = [v.shape for v in path], [v.shape for v in at], mirrors.shape
        raise ValueError("path {}, sources {} and mirrors {} do not fit".format(*shapes))
    out = np.zeros((len(at[0]), len(path[0]), 2))
    load("sources").sources(*path, *at, np.ascontiguousarray(mirrors, np.float64), out)
    sent: C128 = out.view(np.complex128)[:, :, 0]
    return sent
