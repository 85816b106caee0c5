"""The order along a board as inference: rank, odds for neighbours, P(a place is right)."""

import numpy as np

from edge.columns import F64, Index

_MAX_LOG_ODDS = 12.0


def normal_cdf(z: F64) -> F64:
    """Φ, by the complementary error function of Abramowitz and Stegun 7.1.26 (error below 1.5e-7)."""
    x = np.abs(z) / np.sqrt(2.0)
    t = 1.0 / (1.0 + 0.3275911 * x)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    tail = 0.5 * poly * np.exp(-x * x)
    p: F64 = np.where(z >= 0, 1.0 - tail, tail)
    return p


def neighbour_log_odds(x_m: F64, cov_m2: F64, rank_order: Index) -> F64:
    """log odds that each tag stands left of the next one in `rank_order` (P = Φ(Δx / sd(Δx)))."""
    a, b = rank_order[:-1], rank_order[1:]
    variance = cov_m2[a, a] + cov_m2[b, b] - 2.0 * cov_m2[a, b]
    p = normal_cdf((x_m[b] - x_m[a]) / np.sqrt(np.maximum(variance, 1e-10)))
    odds: F64 = np.log(np.maximum(p, 1e-9)) - np.log(np.maximum(1.0 - p, 1e-9))
    return np.clip(odds, -_MAX_LOG_ODDS, _MAX_LOG_ODDS)


def confidence(log_odds: F64, board_p: F64) -> F64:
    """P(board right and both neighbours in the right order), the two comparisons taken as independent."""
    p = 1.0 / (1.0 + np.exp(-log_odds))
    left, right = np.concatenate([[1.0], p]), np.concatenate([p, [1.0]])
    sure: F64 = board_p * left * right
    return sure
