"""The order along a board as inference: rank, odds for neighbours, P(a place is right)."""

from typing import Final

import numpy as np

from edge.columns import F64, Index

MAX_LOG_ODDS: Final = 6.0
CROWDED_SD_M: Final = 0.045  # what tags at contact add to each other's places, unmodelled; measured
CROWD_REACH_M: Final = 0.08
UNEXPLAINED_M: Final = 0.4  # error of place for a field of which nothing is explained; measured
SHARED_REACH_M: Final = 0.08  # half a wavelength: nearer tags are drawn the same way
SAMPLES: Final = 400
TAILS: Final = 5.0  # degrees of freedom of the errors


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
    return np.clip(odds, -MAX_LOG_ODDS, MAX_LOG_ODDS)


def crowding_m(x_m: F64) -> F64:
    """float64[n]: the sd that neighbours add to a tag's place where their coupling is not modelled.

    Rows with known places, spaced from 1 to 20 cm, show it to fall off with the spacing of the row.
    """
    if len(x_m) < 2:
        return np.zeros(len(x_m))
    order = np.argsort(x_m, kind="stable")
    reach = min(4, len(x_m) - 1)
    ordered = x_m[order]
    n = np.arange(len(ordered))
    left = np.maximum(0, n - (reach + 1) // 2)
    right = np.minimum(len(ordered) - 1, n + (reach + 1) // 2)
    spacing = (ordered[right] - ordered[left]) / (right - left)
    out = np.empty(len(x_m))
    out[order] = CROWDED_SD_M * np.exp(-spacing / CROWD_REACH_M)
    return out


def unexplained_m2(x_m: F64, misfit: F64) -> F64:
    """float64[n, n]: the covariance that tags have from what their models leave of their fields (0 to 1).

    Echoes and coupling that no model holds draw near tags the same way: their order suffers less than their
    places.
    """
    return shared_m2(x_m, UNEXPLAINED_M * misfit)


def shared_m2(x_m: F64, sd_m: F64) -> F64:
    """float64[n, n]: the covariance of errors that tags have the more in common the nearer they stand."""
    near = np.exp(-np.abs(x_m[:, None] - x_m[None, :]) / SHARED_REACH_M)
    shared: F64 = sd_m[:, None] * sd_m[None, :] * near
    return shared


def confidence(log_odds: F64, board_p: F64) -> F64:
    """P(board right and both neighbours in the right order), the two comparisons taken as independent."""
    p = 1.0 / (1.0 + np.exp(-log_odds))
    left, right = np.concatenate([[1.0], p]), np.concatenate([p, [1.0]])
    sure: F64 = board_p * left * right
    return sure


def neighbours_hold(x_m: F64, cov_m2: F64, boards: int = 1) -> F64:
    """float64[n]: the probability that each tag stands right with respect to both its true neighbours.

    cov_m2 : float64[n, n], positive definite
    boards : how many stand above one another in this row: so many places off are the neighbours on its own

    The true neighbours need not be those found, so rows are drawn from the posterior (Student's t: a few tags
    are far off), and it is counted how often a tag's neighbours in the draw are on the sides where they were
    found. The draws are the same in every run.
    """
    n = len(x_m)
    if n <= boards:
        return np.ones(n)
    draw = np.random.default_rng(0).standard_t(TAILS, (SAMPLES, n)) / np.sqrt(TAILS / (TAILS - 2.0))
    off_m = draw @ np.linalg.cholesky(cov_m2).T
    return held_in(_among_others(x_m, np.sqrt(np.diag(cov_m2))) + off_m, x_m, boards)


def held_in(rows_m: F64, x_m: F64, boards: int = 1) -> F64:
    """float64[n]: the share of drawn rows [s, n] in which both neighbours are as `x_m` has them."""
    order = np.argsort(rows_m, axis=1, kind="stable")
    good = x_m[order[:, boards:]] > x_m[order[:, :-boards]]
    edge = np.ones((len(rows_m), boards), np.bool_)
    both = np.concatenate([edge, good], axis=1) & np.concatenate([good, edge], axis=1)
    held = np.zeros(rows_m.shape)
    np.put_along_axis(held, order, both.astype(np.float64), axis=1)
    share: F64 = held.mean(axis=0)
    return share


def _among_others(x_m: F64, sd_m: F64) -> F64:
    """Places drawn towards an even row where the deviations exceed the spacing.

    Books stand side by side: one that seems to stand apart by less than its deviation hardly does.
    """
    rank = np.argsort(np.argsort(x_m, kind="stable"), kind="stable")
    even = np.linspace(x_m.min(), x_m.max(), len(x_m))[rank]
    spacing = (x_m.max() - x_m.min()) / (len(x_m) - 1)
    own = spacing**2 / (spacing**2 + sd_m**2)
    drawn: F64 = own * x_m + (1.0 - own) * even
    return drawn
