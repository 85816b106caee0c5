"""The inner loops of a coupled row's fit: the direct field, roots of unity followed, normal equations.

A tag's samples h are one-way fields, each known up to a root of unity of order 2·fold: squaring loses it.
Along the path the root hardly changes but where the field is weak: a change from root a to b between two
samples costs flip·min(|h|²)·|1 - e^{jπ(a - b)/fold}|²/4, and the best roots are found by Viterbi's recursion.
Complex arguments are complex128, C-contiguous; bins that were not `seen` do not count.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.ext import load

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]
MAX_ROOTS: Final = 4
PASSES: Final = 2  # gain and roots are found in turn


def direct(
    path_m: F64, places_m: F64, lines_m: F64, k_rad_m: float, beam: float
) -> tuple[C128, C128, C128, C128]:
    """The field g = e^{-jkd}/d·(y/d)^beam of n places at k samples of the path, and its slopes.

    Parameters
    ----------
    path_m : float64[k]; places_m, lines_m : float64[n], places and their distance y from the path

    Returns
    -------
    g, ∂g/∂x, ∂g/∂y, ∂g/∂beam : complex128[n, k]

    Raises ValueError where shapes do not fit or a distance is not above 0.
    """
    if places_m.shape != lines_m.shape or places_m.ndim != 1 or path_m.ndim != 1:
        raise ValueError(f"places {places_m.shape} and distances {lines_m.shape} do not fit")
    if len(lines_m) and not float(lines_m.min()) > 0.0:
        raise ValueError("distances: expected numbers above 0")
    out = np.empty((4, len(places_m), len(path_m)), np.complex128)
    path, places, lines = (np.ascontiguousarray(v, np.float64) for v in (path_m, places_m, lines_m))
    load("coupled").direct(path, places, lines, float(k_rad_m), float(beam), out.view(np.float64))
    return out[0], out[1], out[2], out[3]


def leftovers(h: C128, seen: F64, model: C128, fold: int, flip: float) -> F64:
    """float64[n, m]: what the best gain and roots leave of each tag's energy under each of m models.

    h : complex128[n, k]; seen : float64[n, k], 1 or 0; model : complex128[m, k]

    Raises ValueError where shapes do not fit.
    """
    _check(h, seen, model, fold)
    out = np.zeros((len(h), len(model)))
    load("coupled").leftovers(_parts(h), seen, _parts(model), 2 * fold, float(flip), PASSES, out)
    return out


def follow(h: C128, seen: F64, model: C128, fold: int, flip: float) -> tuple[C128, F64]:
    """Each tag's samples on the roots that suit its own model best, and what their changes cost.

    h, model : complex128[n, k]; seen : float64[n, k]

    Returns
    -------
    complex128[n, k], and float64[n]

    Raises ValueError where shapes do not fit.
    """
    _check(h, seen, model, fold)
    if len(h) != len(model):
        raise ValueError(f"h {h.shape} and model {model.shape} do not fit")
    roots, cost = np.zeros(h.shape, np.intp), np.zeros(len(h))
    load("coupled").follow(_parts(h), seen, _parts(model), 2 * fold, float(flip), PASSES, roots, cost)
    turned: C128 = h * np.exp(1j * np.pi / fold * roots)
    return turned, cost


def normal_equations(
    mix: C128, slopes: C128, sway: C128, s: C128, residual: C128, gain: C128, seen: F64, weight: F64
) -> tuple[F64, F64]:
    """Hessian (Gauss and Newton) and negative gradient of Σ weight_i·|residual_i|²/2 for n tags.

    The unknowns are n places, n distances, n own impedances (real parts, then imaginary), and four common
    ones: distance, own impedance (real, imaginary), beam; each tag's gain is projected out.

    Parameters
    ----------
    mix : complex128[n, n], the inverse impedance matrix; sway : complex128[n, n], mix times ∂Z/∂x transposed
    slopes : complex128[3, n, k], the right sides of ∂s/∂x, ∂s/∂y, ∂s/∂beam
    s, residual : complex128[n, k]; gain : complex128[n]; seen : float64[n, k]; weight : float64[n]

    Returns
    -------
    float64[4 n + 4, 4 n + 4] and float64[4 n + 4]

    Raises ValueError where shapes do not fit.
    """
    n, k = s.shape
    shapes = (mix.shape, sway.shape, slopes.shape, residual.shape, seen.shape, gain.shape, weight.shape)
    if shapes != ((n, n), (n, n), (3, n, k), (n, k), (n, k), (n,), (n,)):
        raise ValueError(f"shapes {shapes} do not fit {n} tags and {k} samples")
    hessian, slope = np.zeros((4 * n + 4, 4 * n + 4)), np.zeros(4 * n + 4)
    work = np.empty((2 * k + 2, 4 * n + 4))
    complexes = (_parts(v) for v in (mix, slopes, sway, s, residual, gain))
    load("coupled").normal_equations(*complexes, seen, weight, work, hessian, slope)
    return hessian, slope


def _check(h: C128, seen: F64, model: C128, fold: int) -> None:
    if h.shape != seen.shape or h.ndim != 2 or model.ndim != 2 or h.shape[1] != model.shape[1]:
        raise ValueError(f"h {h.shape}, seen {seen.shape} and model {model.shape} do not fit")
    if not 1 <= 2 * fold <= MAX_ROOTS:
        raise ValueError(f"fold: expected 1 or 2, found {fold}")


def _parts(z: C128) -> F64:
    """Real and imaginary parts side by side in the last axis."""
    return np.ascontiguousarray(z, np.complex128).view(np.float64)
