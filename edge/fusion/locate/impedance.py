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
_STEP: Final = 0.0005


def mutual(r_m: F64, wavelength_m: float) -> tuple[C128, C128]:
    """Z12 and its slope dZ12/dr (per m) at every spacing of `r_m`; 0 beyond REACH wavelengths."""
    place, z, slope = _table()
    at = r_m / wavelength_m
    value: C128 = np.interp(at, place, z.real, right=0.0) + 1j * np.interp(at, place, z.imag, right=0.0)
    rise: C128 = np.interp(at, place, slope.real, right=0.0) + 1j * np.interp(
        at, place, slope.imag, right=0.0
    )
    return value, np.asarray(rise / wavelength_m, np.complex128)


@cache
def _table() -> tuple[F64, C128, C128]:
    place = np.arange(0.0, REACH, _STEP)
    z = np.array([_induced(max(float(r), _STEP)) for r in place], np.complex128)
    slope: C128 = np.gradient(z, place)
    return place, z, slope


def _induced(r: float) -> complex:
    k, half = 2.0 * np.pi, HALF_LENGTH
    z = np.linspace(-half, half, 801)
    far, near = np.hypot(r, z - half), np.hypot(r, z + half)
    field = -30.0j * (np.exp(-1j * k * far) / far + np.exp(-1j * k * near) / near)
    current = np.sin(k * (half - np.abs(z)))
    return complex(-np.trapezoid(field * current, z) / RADIATION_OHM)
