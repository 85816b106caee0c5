"""The one-way channel between the antenna and a tag: the direct path, mirror images, scatterers, neighbours.

`h = Σ a·exp(−jkd)/d` over the paths, with `k = 2πf/c`. Backscatter goes there and back:
its amplitude is |h|², and its phase turns by `2·arg h`.
"""

from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.sensors.simulate.tags import BACK_M, TIER_M, Complex, Tags

LIGHT_M_S: Final = 299_792_458.0
_IMAGES: Final = (-0.30, 0.22, 0.22, 0.28)
_OTHER_TIER: Final = 0.45
_SIDE_LOBE: Final = 0.06


def one_way(tags: Tags, tag: Index, antenna: F64, freq_mhz: F64, multipath: float = 1.0) -> Complex:
    """The channel of n pairs, per metre: `tag` (n,), `antenna` (n, 3) in metres, `freq_mhz` (n,)."""
    k = 2e6 * np.pi * freq_mhz / LIGHT_M_S
    place = tags.place[tag]
    h = _path(place, antenna, k)
    for gain, image in zip(_IMAGES, _images(tags, tag), strict=True):
        h += multipath * gain * _path(image, antenna, k)
    h += _scattered(tags, tag, antenna, k)
    h += _coupled(tags, tag, antenna, k)
    tiers = np.abs(antenna[:, 2] - 0.11 - tags.floor_m[tag]) / TIER_M
    return h * np.where(tiers > 0.5, _OTHER_TIER, 1.0)


def _path(place: F64, antenna: F64, k: F64) -> Complex:
    away = place - antenna
    d = np.sqrt((away * away).sum(axis=1))
    # A patch of 65°: 3 dB down at 32.5°, that is cos² in amplitude, over a floor of side lobes.
    pattern = np.maximum(np.clip(away[:, 1] / d, 0.0, 1.0) ** 2, _SIDE_LOBE)
    found: Complex = pattern / d * np.exp(-1j * k * d)
    return found


def _images(tags: Tags, tag: Index) -> tuple[F64, F64, F64, F64]:
    """The tag mirrored in the shelf's back, its left and right upright, and its board."""
    place = tags.place[tag]
    back, left, right, board = (place.copy() for _ in range(4))
    back[:, 1] = 2 * BACK_M - place[:, 1]
    left[:, 0] = 2 * tags.left_m[tag] - place[:, 0]
    right[:, 0] = 2 * tags.right_m[tag] - place[:, 0]
    board[:, 2] = 2 * tags.floor_m[tag] - place[:, 2]
    return back, left, right, board


def _scattered(tags: Tags, tag: Index, antenna: F64, k: F64) -> Complex:
    total = np.zeros(len(tag), np.complex128)
    for n in range(tags.scatterer.shape[1]):
        point = tags.scatterer[tag, n]
        rest = np.maximum(np.linalg.norm(point - tags.place[tag], axis=1), 0.05)
        total += tags.scatter[tag, n] / rest * np.exp(-1j * k * rest) * _path(point, antenna, k)
    return total


def _coupled(tags: Tags, tag: Index, antenna: F64, k: F64) -> Complex:
    total = np.zeros(len(tag), np.complex128)
    for n in range(tags.neighbour.shape[1]):
        total += tags.coupling[tag, n] * _path(tags.place[tags.neighbour[tag, n]], antenna, k)
    return total
