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
    path, at = _checked((path_x, path_y, k_rad_m), (x_m, depth_m), mirrors)
    out = np.zeros((len(at[0]), len(path[0]), 2))
    load("sources").sources(*path, *at, np.ascontiguousarray(mirrors, np.float64), out)
    sent: C128 = out.view(np.complex128)[:, :, 0]
    return sent


def errors(
    path_x: F64,
    path_y: F64,
    k_rad_m: F64,
    h: C128,
    sd: F64,
    x_m: F64,
    depth_m: F64,
    mirrors: F64 = _ALONE,
) -> F64:
    """Errors of log-amplitude and phase, over their deviations, that the fields would be.

    A reader errs in log |h| and in arg h, each by itself: the real and imaginary parts of field/h - 1.

    Parameters
    ----------
    h : complex128[k], the field that was read; sd : float64[2, k], deviations of log |h| and of arg h
    the others as those of `sources`

    Returns
    -------
    float64[2m + 1, 2k]: of every source, then of the same a quarter of a turn on, last of h itself

    Raises ValueError where the shapes do not fit.
    """
    path, at = _checked((path_x, path_y, k_rad_m), (x_m, depth_m), mirrors)
    h, sd = np.ascontiguousarray(h, np.complex128), np.ascontiguousarray(sd, np.float64)
    if h.shape != path[0].shape or sd.shape != (2, *h.shape):
        raise ValueError(f"path {path[0].shape}, h {h.shape} and sd {sd.shape} do not fit")
    out = np.empty((2 * len(at[0]) + 1, 2 * len(h)))
    parts = h.view(np.float64).reshape(-1, 2)
    load("sources").errors(*path, parts, sd, *at, np.ascontiguousarray(mirrors, np.float64), out)
    return out


def _checked(path: tuple[F64, F64, F64], at: tuple[F64, F64], mirrors: F64) -> tuple[list[F64], list[F64]]:
    """Path and sources as the kernel takes them."""
    rows, places = ([np.ascontiguousarray(v, np.float64) for v in given] for given in (path, at))
    if (
        not rows[0].shape == rows[1].shape == rows[2].shape
        or places[0].shape != places[1].shape
        or rows[0].ndim != 1
        or places[0].ndim != 1
        or mirrors.ndim != 2
        or mirrors.shape[1] != len(ITSELF)
    ):
        shapes = [v.shape for v in rows], [v.shape for v in places], mirrors.shape
        raise ValueError("path {}, sources {} and mirrors {} do not fit".format(*shapes))
    return rows, places
