"""What the posterior of a place reaches where two points scatter beside each tag, known to be just two.

The best case for a locator with a model of few points: reflections of the shelf, the number of points, the
law of their places and strengths and the reader's noise are all as in the model. Both points stand on a grid
finer than the path resolves; given their places the field is linear in their strengths, which are integrated
out, and all pairs are summed over. `GRID_SD` is what the grid leaves of a field.
"""

from typing import Final

import numpy as np

from edge.columns import F64
from edge.fusion.locate.echoes import field
from edge.fusion.locate.profile import C128
from edge.fusion.locate.sight import Sight

GRID_SD: Final = 0.02
FAR: Final = 4.5  # a point of so much less log prior, three deviations away, is left out
ALONG_M: Final = np.arange(-0.48, 0.481, 0.04)
DEEP_M: Final = np.arange(-0.12, 0.241, 0.06)
AT_M: Final = np.arange(-0.15, 0.151, 0.0125)
DEPTHS_M: Final = np.array([0.01, 0.05, 0.09, 0.13])
NOBODY: Final = (np.zeros(0), np.zeros(0))


def posterior_mean(
    path: tuple[F64, F64, F64],
    h: C128,
    sd: F64,
    strength: float,
    reach_m: tuple[float, float],
    depth: tuple[float, float],
    beside: tuple[F64, F64] = NOBODY,
) -> float:
    """The mean in m of a tag's place along the board, by the field h[k] that it sends from around 0.

    path : x, y and wavenumber of the samples; sd : of log-amplitude and phase; strength : rms sum of both
    points over the direct path; reach_m : deviations of the points' places; depth : mean and sd of the tag's
    beside : where along the board other tags stand that pass its field on, and how strongly (rms)
    """
    sight = Sight(*path, h, np.tile(np.hypot(sd, GRID_SD)[:, None], len(h)), np.zeros(len(h), np.intp))
    along, deep = np.repeat(ALONG_M, len(DEEP_M)), np.tile(DEEP_M, len(ALONG_M))
    points = _rows(sight, field(sight, along, deep)) * strength / 2.0
    read = np.concatenate([1.0 / sight.sd[0], np.zeros(len(h))])
    at, depths = np.repeat(AT_M, len(DEPTHS_M)), np.tile(DEPTHS_M, len(AT_M))
    direct = _rows(sight, field(sight, at, depths))
    white = _whitener(sight, beside, depth[0])
    points, direct, read = points @ white, direct @ white, read @ white
    log_p = -0.5 * ((depths - depth[0]) / depth[1]) ** 2
    for n in range(len(at)):
        log_prior = -0.5 * ((along - at[n]) / reach_m[0]) ** 2 - 0.5 * ((deep - depths[n]) / reach_m[1]) ** 2
        log_prior -= np.log(np.exp(log_prior).sum())
        likely = log_prior > log_prior.max() - FAR
        log_p[n] += evidence(points[likely], direct[n], read, log_prior[likely])
    p = np.exp(log_p - log_p.max())
    return float(p @ at / p.sum())


def _whitener(sight: Sight, beside: tuple[F64, F64], depth_m: float) -> F64:
    """float64[2k, 2k]: what makes errors independent that have other tags' fields in them."""
    at_m, strength = beside
    sent = (
        _rows(sight, field(sight, at_m, np.full(len(at_m), depth_m))) * strength[:, None, None] / np.sqrt(2.0)
    )
    others = sent.reshape(-1, 2 * len(sight))
    inverse: F64 = np.linalg.inv(np.linalg.cholesky(np.eye(2 * len(sight)) + others.T @ others)).T
    return inverse


def real_rows(sight: Sight, sent: C128) -> F64:
    """float64[..., 2k]: errors of log-amplitude and phase, over their deviations, that `sent` would be."""
    relative = sent / sight.h
    return np.concatenate([relative.real / sight.sd[0], relative.imag / sight.sd[1]], axis=-1)


def _rows(sight: Sight, sent: C128) -> F64:
    """float64[m, 2, 2k]: the errors that each source, and the same a quarter of a turn on, would be."""
    return np.stack([real_rows(sight, sent), real_rows(sight, 1j * sent)], axis=1)


def evidence(points: F64, direct: F64, read: F64, log_prior: F64) -> float:
    """Log evidence of `read` [n] for a direct path of any gain and a pair of points of normal strengths.

    points : float64[g, 2, n], rows of one deviation; direct : float64[2, n]; log_prior : float64[g]
    """
    across, triangle = np.linalg.qr(direct.T)
    free = points - (points @ across) @ across.T
    left = read - across @ (across.T @ read)
    low = np.linalg.cholesky(np.eye(2) + np.einsum("ian,ibn->iab", free, free))
    white = np.ascontiguousarray((np.linalg.inv(low) @ free).swapaxes(0, 1))
    seen = white @ left
    one = 0.5 * (seen**2).sum(axis=0) - np.log(low[:, 0, 0] * low[:, 1, 1]) + log_prior
    gained = _gained([[a @ b.T for b in white] for a in white], seen)
    pairs = (one[:, None] + one[None, :] + gained)[np.triu_indices(len(points), 1)]
    top = pairs.max()
    total = top + np.log(2.0 * np.exp(pairs - top).sum())
    return float(total - 0.5 * left @ left - np.log(np.abs(np.diag(triangle))).sum())


def _gained(shared: list[list[F64]], seen: F64) -> F64:
    """float64[g, g]: what point j beside point i changes, `shared` being the products of their white rows.

    With D = 1 - sharedᵀ·shared and z = seen_j - sharedᵀ·seen_i it is half of zᵀD⁻¹z - seen_j² - log |D|.
    """
    (s00, s01), (s10, s11) = shared
    d00, d11 = 1.0 - s00**2 - s10**2, 1.0 - s01**2 - s11**2
    d01 = -s00 * s01 - s10 * s11
    z0 = seen[0] - s00 * seen[0][:, None] - s10 * seen[1][:, None]
    z1 = seen[1] - s01 * seen[0][:, None] - s11 * seen[1][:, None]
    det = np.maximum(d00 * d11 - d01**2, 1e-300)  # a point beside itself, which is left out, has none
    bend = d11 * z0**2 + d00 * z1**2 - 2.0 * d01 * z0 * z1
    gained: F64 = 0.5 * (bend / det - (seen**2).sum(axis=0) - np.log(det))
    return gained
