"""Does a run's row couple, and what is the joint posterior if it does.

Coupling is not assumed: the coupled model must explain every tag's profile better, by half a nat where tags
touch and by one and a half where they stand apart, than the same model without the mutual impedances. Where
it is far from that at a first look, nothing is searched. Rows longer than MAX_ROW go in blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from edge.columns import F64
from edge.fusion.locate.arrange import Arranged, Bounds, arrange
from edge.fusion.locate.coupled import Fit, Prior, moved, settle, slot_costs, start_at, uncoupled
from edge.fusion.locate.profile import Profile
from edge.fusion.locate.samples import Part, parts_of

GAIN_PER_TAG: Final = 0.5  # in rows at contact; where tags stand farther apart, coupling is less likely
GAIN_PER_TAG_APART: Final = 1.5
APART_M: Final = 0.08
HOPELESS_PER_TAG: Final = -5.0  # where even rows fall short by more, no settling makes it up
SEARCH_GAINS: Final = 2.0  # a tag: what more searches may still add to a row that two found
CLEAR_PER_TAG: Final = 5.0  # rows that two searches found alike and wrongly were worth up to 4
MAX_ROW: Final = 16
CLOSE_M: Final = 0.15  # tags farther apart than half a wavelength hardly couple
# The energy takes model errors for independent: measured on rows with known places, as are the odds.
SD_FACTOR: Final = 2.2
MIN_SD_M: Final = 0.003
ODDS_FACTOR: Final = 0.3
MAX_LOG_ODDS: Final = 3.5
CLEAR: Final = 30.0  # an exchange so dear before the row settles again stays dear


@dataclass(frozen=True, slots=True)
class Joint:
    """A coupled row: places [n], covariance [n, n], log odds of every two neighbours [n - 1]."""

    x_m: F64
    cov_m2: F64
    log_odds: F64


def solve_jointly(
    profiles: Sequence[Profile], starts: Sequence[F64], prior: Prior, widely: bool = True, asked: float = 0.0
) -> Joint | None:
    """The joint posterior of a row, or None where its profiles show no coupling.

    asked : the gain a tag, in nats, that coupling must be worth at least, whatever the row's spacing
    """
    n = len(starts[0])
    if not 4 <= n <= MAX_ROW or float(np.median(np.diff(np.sort(starts[0])))) > CLOSE_M:
        return None
    parts = parts_of(profiles, starts[0])
    alone = min(_uncoupled(parts, start, prior) for start in starts)
    found = arrange(parts, starts, prior, _bounds(alone, n, asked), widely)
    if not found:
        return None
    best = found[0].fit
    if alone - best.energy < n * max(asked, _gain_asked(best.state.x_m)):
        return None
    weight = _weights(found)
    odds = _mixed(_exchange_odds(parts, best, prior), found, weight)
    cov = _covariance(best, n) + _others(found, weight) + _undecided(best.state.x_m, odds)
    return Joint(best.state.x_m, cov, odds)


def _bounds(alone: float, n: int, asked: float) -> Bounds:
    worth = n * max(asked, GAIN_PER_TAG)
    return Bounds(alone - n * HOPELESS_PER_TAG, alone - worth + n * SEARCH_GAINS, alone - n * CLEAR_PER_TAG)


def _gain_asked(x_m: F64) -> float:
    """The gain a tag, in nats, that a row of this spacing needs to be taken as coupled."""
    nearness = float(np.clip(2.0 - 2.0 * np.median(np.diff(np.sort(x_m))) / APART_M, 0.0, 1.0))
    return GAIN_PER_TAG_APART + nearness * (GAIN_PER_TAG - GAIN_PER_TAG_APART)


def _uncoupled(parts: Sequence[Part], start: F64, prior: Prior) -> float:
    blind = uncoupled(prior)
    return settle(parts, start_at(start, blind), blind).energy


def _weights(found: Sequence[Arranged]) -> F64:
    """float64[m]: the probability of every arrangement that was worked out, the best first."""
    energy = np.array([one.energy for one in found])
    likely = np.exp(-ODDS_FACTOR * (energy - energy[0]))
    share: F64 = likely / likely.sum()
    return share


def _covariance(fit: Fit, n: int) -> F64:
    ridge = 1e-6 * np.eye(len(fit.hessian))
    cov = np.linalg.inv(fit.hessian + ridge)[:n, :n]
    # A common shift is the run's own offset, and no place among neighbours.
    centre = np.eye(n) - 1.0 / n
    shared: F64 = SD_FACTOR**2 * (centre @ cov @ centre) + MIN_SD_M**2 * np.eye(n)
    return shared


def _others(found: Sequence[Arranged], weight: F64) -> F64:
    """What the other arrangements add to the covariance."""
    off = np.array([one.x_m - found[0].x_m for one in found])
    off -= np.median(off, axis=1, keepdims=True)
    spread: F64 = (off * weight[:, None]).T @ off
    return spread


def _mixed(odds: F64, found: Sequence[Arranged], weight: F64) -> F64:
    """The odds of neighbours over all arrangements: those of the best one, and what the others say."""
    order = np.argsort(found[0].x_m, kind="stable")
    ahead = np.array([np.diff(one.x_m[order]) > 0 for one in found[1:]]).reshape(-1, len(odds))
    p = weight[0] / (1.0 + np.exp(-odds)) + weight[1:] @ ahead.astype(np.float64)
    p = np.clip(p, 1e-9, 1.0 - 1e-9)
    mixed: F64 = np.clip(np.log(p / (1.0 - p)), -MAX_LOG_ODDS, MAX_LOG_ODDS)
    return mixed


def _undecided(x_m: F64, log_odds: F64) -> F64:
    """What neighbours that may have changed places add to the variances."""
    order = np.argsort(x_m, kind="stable")
    gaps = np.diff(x_m[order])
    swapped = gaps**2 / (1.0 + np.exp(np.abs(log_odds)))
    added = np.zeros(len(x_m))
    added[order[:-1]] += swapped
    added[order[1:]] += swapped
    return np.diag(added)


def _exchange_odds(parts: Sequence[Part], fit: Fit, prior: Prior) -> F64:
    """How much the energy rises when two neighbours change places and the row settles again."""
    order = np.argsort(fit.state.x_m, kind="stable")
    rise = np.full(len(order) - 1, MAX_LOG_ODDS / ODDS_FACTOR)
    cost = slot_costs(parts, moved(fit.state, fit.state.x_m), prior)
    for n, (a, b) in enumerate(pairwise(order)):
        if cost[a, b] + cost[b, a] - cost[a, a] - cost[b, b] < CLEAR:
            x_m = fit.state.x_m.copy()
            x_m[a], x_m[b] = x_m[b], x_m[a]
            rise[n] = settle(parts, moved(fit.state, x_m), prior, 4).energy - fit.energy
    return np.clip(ODDS_FACTOR * rise, -MAX_LOG_ODDS, MAX_LOG_ODDS)
