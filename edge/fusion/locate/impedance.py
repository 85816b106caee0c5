"""Mutual impedance of two tags side by side, as of half-wave dipoles (Balanis, Antenna Theory, 8.6).

Z12(r) = -∫ E(z; r)·sin k(l - |z|) dz with E = -30j·(e^{-jkR1}/R1 + e^{-jkR2}/R2), R1,2 = √(r² + (z ∓ l)²),
l = λ/4, in units of the dipole's radiation resistance 73.13 Ω. It is finite at contact and falls as 1/r, so
one table serves all spacings; real tags differ by a factor, which the tag's own impedance takes up.
"""

from functools import cache
from typing import Final

import numpy as np

from edge.columns import F64
from edge.fusion.locate.profile import C128

HALF_LENGTH: Final = 0.25  # in wavelengths
RADIATION_OHM: Final = 73.13
REACH: Final = 2.0  # in wavelengths: beyond, coupling is below 5 %
_STEP: Final = 0.001


def mutual(r_m: F64, wavelength_m: float) -> tuple[C128, C128]:
    """Z12 and its slope dZ12/dr (per m) at every spacing of `r_m`; 0 beyond REACH wavelengths."""
    table, rises = _table()
    place = r_m / (wavelength_m * _STEP)
    cell = np.minimum(place.astype(np.intp), len(rises) - 1)
    z: C128 = table[cell] + rises[cell] * np.minimum(place - cell, 1.0)
    return z, rises[cell] / (wavelength_m * _STEP)


@cache
def _table() -> tuple[C128, C128]:
    """Z12 at every step, and its rise to the next; the last is 0."""
    z = np.append(_induced(np.maximum(np.arange(0.0, REACH, _STEP), _STEP)), [0.0, 0.0])
    return z, np.diff(z)


def _induced(r: F64) -> C128:
    """complex128[n]: the integral over one half, which the other equals."""
    k, half = 2.0 * np.pi, HALF_LENGTH
    z = np.linspace(0.0, half, 201)
    far, near = np.hypot(r[:, None], z - half), np.hypot(r[:, None], z + half)
    field = -30.0j * (np.exp(-1j * k * far) / far + np.exp(-1j * k * near) / near)
    current = np.sin(k * (half - z))
    induced: C128 = -2.0 * np.trapezoid(field * current, z, axis=1) / RADIATION_OHM
    return induced
