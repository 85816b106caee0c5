"""Tags of boards that were not scanned: heard through a bookcase's back, or books that were carried here?

Nothing is known of how their own board hears them. But most of them stand where the list has them, behind or
beside the scanned boards, and are heard more faintly and more seldom than the books of the boards themselves:
those two groups teach what a tag of either sounds like.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.columns import F64
from edge.fusion.inventory.boards import UNHEARD_DBM
from edge.fusion.robust import middle_and_spread

_LEAST_SD = np.array([0.5, 4.0])
_FEW = 5
# Mean and sd against the boards' own tags, for where too few are heard to teach.
_USUAL_AFAR = np.array([[-2.5, 1.5], [-16.0, 7.0]])
_FREEDOM = 4.0


@dataclass(frozen=True, slots=True)
class AfarJudge:
    """How tags of scanned boards (`near`) and of others (`afar`) are heard.

    Mean and sd of log reads and of dBm.
    """

    near: F64
    afar: F64

    def log_ratio(self, reads: float, loud_dbm: float) -> float:
        """log p(heard so | stands here) − log p(heard so | stands elsewhere)."""
        heard = np.array([np.log(reads + 0.5), max(loud_dbm, UNHEARD_DBM)])
        return _log_t(heard, self.near) - _log_t(heard, self.afar)


def learn_afar(reads: F64, loud_dbm: F64, scanned: NDArray[np.bool_]) -> AfarJudge:
    """From all listed tags, float64[n, m] by board as in HeardTable; `scanned`: whose home was scanned."""
    heard = reads.sum(axis=1) > 0
    best = reads.argmax(axis=1) if reads.shape[1] else np.zeros(len(reads), np.intp)
    pick = np.arange(len(best)), best
    features = np.stack([np.log(reads[pick] + 0.5), loud_dbm[pick]], axis=1)
    near = _spread(features[heard & scanned])
    others = features[heard & ~scanned]
    if len(others) >= _FEW:
        return AfarJudge(near, _spread(others))
    return AfarJudge(near, np.stack([near[:, 0] + _USUAL_AFAR[:, 0], _USUAL_AFAR[:, 1]], axis=1))


def _spread(features: F64) -> F64:
    if not len(features):
        return np.array([[5.0, 1.0], [-50.0, 8.0]])
    middle, sd = middle_and_spread(features)
    return np.stack([middle, np.maximum(sd, _LEAST_SD)], axis=1)


def _log_t(heard: F64, of: F64) -> float:
    z = (heard - of[:, 0]) / of[:, 1]
    return float((-0.5 * (_FREEDOM + 1.0) * np.log1p(z * z / _FREEDOM) - np.log(of[:, 1])).sum())
