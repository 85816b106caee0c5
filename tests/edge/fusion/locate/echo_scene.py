"""A board of tags among echoes, made straight from the field equation: the truth that tests hold against."""

from dataclasses import dataclass

import numpy as np

from edge.columns import F64
from edge.fusion.locate.physics import wavenumber
from edge.fusion.locate.profile import C128, Profile

F_MHZ = 866.0
K = float(wavenumber(F_MHZ))
BACK_M, BACK, END, DAMPING_M = 0.28, -0.25, -0.2, 0.4


@dataclass(frozen=True, slots=True)
class Scene:
    """Places and depths of tags on a board of `length_m`, and their profiles over two passes."""

    x_m: F64
    depth_m: F64
    profiles: list[Profile]
    length_m: float


def unit(x_m: F64, y_m: float, at_m: float, depth_m: float) -> C128:
    """The field of one source along a pass."""
    d = np.hypot(x_m - at_m, y_m + depth_m)
    sent: C128 = ((y_m + depth_m) / d) ** 2 / d * np.exp(-1j * K * d)
    return sent


def scene(seed: int, n: int = 18, length_m: float = 0.9, strength: float = 0.3) -> Scene:
    """n tags with two scatterers each; `strength` is the scatterers' rms sum relative to the direct path."""
    rng = np.random.default_rng(seed)
    x_m = np.sort(rng.uniform(0.05, length_m - 0.05, n))
    depth_m = rng.uniform(0.01, 0.12, n)
    path = np.arange(-0.13, length_m + 0.13, 0.03)
    profiles = []
    b = rng.normal(size=(n, 2, 2)) @ np.array([1.0, 1j]) * strength / 2.0
    s = rng.normal(size=(n, 2, 2)) * [0.16, 0.06]
    for y_m in (0.40, 0.43):
        h = np.empty((n, len(path)), np.complex128)
        for tag in range(n):
            at, deep = float(x_m[tag]), float(depth_m[tag])
            h[tag] = unit(path, y_m, at, deep) + BACK * unit(path, y_m, at, 2 * BACK_M - deep)
            for end in (0.0, length_m):
                h[tag] += END * np.exp(-abs(end - at) / DAMPING_M) * unit(path, y_m, 2 * end - at, deep)
            for m in range(2):
                h[tag] += b[tag, m] * unit(path, y_m, at + s[tag, m, 0], deep + s[tag, m, 1])
        error = 0.02 * rng.normal(size=h.shape) + 0.035j * rng.normal(size=h.shape)
        h *= np.exp(error) * np.exp(2j * np.pi * rng.uniform(size=(n, 1)))
        profiles.append(Profile(path, y_m, F_MHZ, h, np.full(h.shape, 3.0), 1))
    return Scene(x_m, depth_m, profiles, length_m)
