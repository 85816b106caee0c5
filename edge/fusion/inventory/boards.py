"""Which board a listed book stands on, with the books of the list themselves as teachers.

Boards damp but do not hide the tier above or below, and how much one is heard from another depends on the
furniture. Most books stand where the list has them: so for every pair of boards the list's books show how
much more often and how much louder a book of the one is heard from its own passes than from the other's.
A book is then judged by whether it is heard as the books of its own board are, or as those of another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge.columns import F64, Index

UNHEARD_DBM = -78.0  # about where readers stop hearing tags
_ENOUGH_READS = 10
_LEAST_SD_LOG, _LEAST_SD_DB = 0.6, 3.0
_PRIOR_LOG, _PRIOR_DB = (2.5, 1.5), (12.0, 8.0)  # mean and sd of a pair that has no teachers
_PRIOR_WEIGHT = 2.0
_FREEDOM = 4.0  # degrees of freedom of Student's t: a few books are heard in odd ways


@dataclass(frozen=True, slots=True)
class HeardTable:
    """float64[n, m]: reads and loudness of n tags from m boards; UNHEARD_DBM where there was none."""

    shelves: tuple[str, ...]
    reads: F64
    loud_dbm: F64


@dataclass(frozen=True, slots=True)
class _Normal:
    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class _Pair:
    """Books of board `a` as heard from `a` against `b`: log ratio of reads, difference in dB."""

    log_ratio: _Normal
    db: _Normal


class BoardJudge:
    """Log likelihood ratios between boards, learnt from tags of which most stand on their `home`."""

    def __init__(self, table: HeardTable, home: Index) -> None:
        self._table = table
        self._pairs: dict[tuple[int, int], _Pair] = {}
        enough = table.reads.sum(axis=1) >= _ENOUGH_READS
        for a in range(len(table.shelves)):
            teachers = np.flatnonzero((home == a) & enough)
            for b in range(len(table.shelves)):
                if a != b:
                    self._pairs[a, b] = _learn(*_features(table, teachers, a, b))

    def log_ratio(self, tag: int, other: int, home: int) -> float:
        """How much better a tag's reads fit board `other` than board `home`.

        The log of p(reads | other) / p(reads | home).
        """
        if other == home:
            return 0.0
        return self._fit(tag, other, home) - self._fit(tag, home, other)

    def best(self, tag: int, home: int) -> tuple[int, float]:
        """The board that fits best, and its log ratio against `home`.

        `home` itself with 0 where none fits better.
        """
        boards = range(len(self._table.shelves))
        champion = max(boards, key=lambda board: self.log_ratio(tag, board, home))
        # Ratios against home are noisy where home heard nothing: let the others meet directly.
        for board in boards:
            if self.log_ratio(tag, board, home) > 0 and self.log_ratio(tag, board, champion) > 0:
                champion = board
        return champion, max(0.0, self.log_ratio(tag, champion, home))

    def _fit(self, tag: int, a: int, b: int) -> float:
        """log p(features of a against b | the book stands on a)."""
        log_ratio, db = _features(self._table, np.array([tag]), a, b)
        reads = self._table.reads[tag]
        counting = 1.0 / (reads[a] + 0.5) + 1.0 / (reads[b] + 0.5)
        pair = self._pairs[a, b]
        spread = float(np.hypot(pair.log_ratio.sd, np.sqrt(counting)))
        return _log_t(float(log_ratio[0]), pair.log_ratio.mean, spread) + _log_t(
            float(db[0]), pair.db.mean, pair.db.sd
        )


def heard_table(heard: Sequence[Mapping[str, tuple[int, float]]], shelves: Sequence[str]) -> HeardTable:
    """The table of tags' (reads, loudness in dBm) by board."""
    reads = np.zeros((len(heard), len(shelves)))
    loud = np.full((len(heard), len(shelves)), UNHEARD_DBM)
    for n, of_tag in enumerate(heard):
        for m, shelf in enumerate(shelves):
            if shelf in of_tag:
                reads[n, m], dbm = of_tag[shelf]
                loud[n, m] = dbm if np.isfinite(dbm) else UNHEARD_DBM
    return HeardTable(tuple(shelves), reads, loud)


def _features(table: HeardTable, tags: Index, a: int, b: int) -> tuple[F64, F64]:
    log_ratio = np.log((table.reads[tags, a] + 0.5) / (table.reads[tags, b] + 0.5))
    return log_ratio, table.loud_dbm[tags, a] - table.loud_dbm[tags, b]


def _learn(log_ratio: F64, db: F64) -> _Pair:
    return _Pair(_robust(log_ratio, *_PRIOR_LOG, _LEAST_SD_LOG), _robust(db, *_PRIOR_DB, _LEAST_SD_DB))


def _robust(values: F64, prior_mean: float, prior_sd: float, least_sd: float) -> _Normal:
    """Median and scaled median deviation, drawn to the prior where there are few values."""
    if not len(values):
        return _Normal(prior_mean, prior_sd)
    share = len(values) / (len(values) + _PRIOR_WEIGHT)
    middle = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - middle)))
    mean = share * middle + (1.0 - share) * prior_mean
    return _Normal(mean, max(least_sd, share * spread + (1.0 - share) * prior_sd))


def _log_t(value: float, mean: float, sd: float) -> float:
    z = (value - mean) / sd
    return float(-0.5 * (_FREEDOM + 1.0) * np.log1p(z * z / _FREEDOM) - np.log(sd))
