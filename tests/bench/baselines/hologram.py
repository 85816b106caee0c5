"""Holograms: a plain one, Tagoram's augmented one (MobiCom 2014), MobiTagbot's weights (MobiSys 2016)."""

from collections.abc import Callable

import numpy as np

from edge.columns import F64
from edge.fusion.locate.order import normal_cdf
from tests.bench.baselines.common import C_M_MHZ, TagReads, profiles

Total = Callable[[F64, F64, F64, F64], F64]

STEP_M = 0.005
SPREAD_RAD = 0.1 * np.sqrt(2.0)
DEPTHS_M = (-0.05, -0.025, 0.0, 0.025, 0.05)


def plain(one: TagReads) -> float:
    """Differences between neighbouring bins, weighted by amplitude (AdaRF, IMWUT 2019, lag 1)."""
    return _peak(one, _neighbours)


def tagoram(one: TagReads) -> float:
    """Differences to the strongest bin, w = 2·(1 - Φ(|Δ|; 0, 0.1·√2))."""
    return _peak(one, _to_first)


def mobitagbot(one: TagReads) -> float:
    """The plain hologram with each place weighted by how evenly its phase steps over the channels."""
    weights = _channel_entropy(one)

    def total(model: F64, phase: F64, size: F64, x_m: F64) -> F64:
        even = np.array([weights.get(_bin(x), 1.0) for x in x_m])
        return _neighbours(model, phase, size * even, x_m)

    return _peak(one, total)


def _peak(one: TagReads, total: Total) -> float:
    grid = np.arange(one.low_m, one.high_m, STEP_M)
    score = np.zeros((len(DEPTHS_M), len(grid)))
    for f_mhz, x_m, phase, size in profiles(one):
        k = 4.0 * np.pi * f_mhz / C_M_MHZ * one.fold
        for row, depth in enumerate(DEPTHS_M):
            d = np.hypot(x_m[None, :] - grid[:, None], one.y_m + depth)
            score[row] += total(k * d, phase, size, x_m)
    if not score.any():
        return float(np.median(one.x_m))
    return float(grid[int(score.max(axis=0).argmax())])


def _neighbours(model: F64, phase: F64, size: F64, x_m: F64) -> F64:
    share = np.minimum(np.minimum(size[1:], size[:-1]) / np.median(size), 1.0)
    return (share * np.cos(np.diff(model, axis=1) - np.diff(phase))).sum(axis=1)


def _to_first(model: F64, phase: F64, size: F64, x_m: F64) -> F64:
    first = int(size.argmax())
    off = (phase - phase[first]) - (model - model[:, first : first + 1])
    off = np.angle(np.exp(1j * off))
    likely = 2.0 * normal_cdf(-np.abs(off) / SPREAD_RAD)
    return np.abs((likely * np.exp(1j * off)).sum(axis=1))


def _bin(x_m: float) -> int:
    return int(np.floor(x_m / 0.02))


def _channel_entropy(one: TagReads) -> dict[int, float]:
    by_bin: dict[int, list[tuple[float, float]]] = {}
    for f_mhz, x_m, phase, _ in profiles(one):
        for x, theta in zip(x_m, phase, strict=True):
            by_bin.setdefault(_bin(x), []).append((f_mhz, theta))
    found = {}
    for cell, seen in by_bin.items():
        if len(seen) >= 3:
            steps = np.abs(np.angle(np.exp(1j * np.diff([theta for _, theta in sorted(seen)])))) + 1e-9
            p = steps / steps.sum()
            found[cell] = float(-(p * np.log(p)).sum() / np.log(len(p))) if len(p) > 1 else 1.0
    return found
