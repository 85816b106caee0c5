"""A simulated row of tags as loaded dipoles, half a metre from the antenna's path."""

import numpy as np

from edge.columns import F64
from edge.fusion.locate.impedance import mutual
from edge.fusion.locate.profile import Profile

PATH_M = np.arange(0.0, 1.0, 0.02)
F_MHZ = 922.0
K_RAD_M = 2.0 * np.pi * F_MHZ / 299.792458


def row(
    places_m: F64,
    own: complex = 1.15 - 1.6j,
    coupled: bool = True,
    path_m: F64 = PATH_M,
    reach_m: float = np.inf,
) -> Profile:
    """The profile of tags at the given places, each read from the path within its reach."""
    ahead = path_m[None, :] - places_m[:, None]
    d = np.hypot(ahead, 0.5)
    g = np.exp(-1j * K_RAD_M * d) / d * (0.5 / d) ** 1.5
    z, _ = mutual(np.abs(places_m[:, None] - places_m), 2.0 * np.pi / K_RAD_M)
    np.fill_diagonal(z, 0.0)
    h = np.linalg.inv(np.diag(np.full(len(places_m), own)) + z) @ g if coupled else g
    gain = np.exp(1j * np.arange(len(places_m)))[:, None]
    seen = (np.abs(ahead) < reach_m).astype(np.float64)
    return Profile(path_m, 0.5, F_MHZ, h * gain * seen, seen, 1)
