"""Which board a listed book stands on, with the books of the list themselves as teachers.

Boards damp but do not hide the tier above or below, and how much one is heard from another depends on the
furniture. Most books stand where the list has them: so for every pair of boards the list's books show how
much more often and how much louder a book of the one is heard from its own passes than from the other's.
A book is then judged by whether it is heard as the books of its own board are, or as those of another.
Of a board, the books count that stand where it would stand: the end beside another board is heard from there
as the middle never is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge.columns import F64, Index
from edge.fusion.inventory.evidence import WINDOW_SPAN_M, Heard
from edge.fusion.locate.robust import median
from edge.fusion.robust import SD_OF_MAD

UNHEARD_DBM = -78.0  # about where readers stop hearing tags
_ENOUGH_READS = 10
_LEAST_SD_LOG, _LEAST_SD_DB = 0.6, 3.0
_PRIOR_LOG, _PRIOR_DB = (2.5, 1.5), (12.0, 8.0)  # mean and sd of a pair that has no teachers
_PRIOR_WEIGHT = 2.0
_ENOUGH_FOR_A_WINDOW = 5
_PRIOR_WINDOW, _LEAST_SD_WINDOW_M = (0.5, 0.5), 0.10
_WINDOWS_SPAN_M = 1.2  # a board's own tags are heard all along it
_LOG_T_AT_0 = 0.98  # log of Student's t with 4 degrees of freedom at its middle, −log 0.375
UNHEARD = -50.0  # log ratio for a board whose passes never heard the tag
_TEACHERS = 16  # enough for a middle and a spread, and near enough to be heard alike
_FREEDOM = 4.0  # degrees of freedom of Student's t: a few books are heard in odd ways


@dataclass(frozen=True, slots=True)
class HeardTable:
    """float64[n, m]: n tags as heard from m boards; where one was not heard, UNHEARD_DBM and NaN."""

    shelves: tuple[str, ...]
    reads: F64
    loud_dbm: F64
    window_m: F64


@dataclass(frozen=True, slots=True)
class _Normal:
    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class _Pair:
    """Books of board `a` as heard from `a` against `b`: log ratio of reads, dB difference, window along `b`.

    Of a board beside it only the near end's books are heard, and only at that end.
    """

    log_ratio: _Normal
    db: _Normal
    window: _Normal


class BoardJudge:
    """Log likelihood ratios between boards, learnt from tags of which most stand on their `home`."""

    def __init__(self, table: HeardTable, home: Index) -> None:
        self._table = table
        self._known: dict[tuple[int, int, int], float] = {}
        enough = table.reads.sum(axis=1) >= _ENOUGH_READS
        self._teachers = [np.flatnonzero((home == a) & enough) for a in range(len(table.shelves))]

    def log_ratio(self, tag: int, other: int, home: int) -> float:
        """How much better a tag's reads fit board `other` than board `home`.

        The log of p(reads | other) / p(reads | home).
        """
        if other == home:
            return 0.0
        if self._table.reads[tag, other] == 0.0:
            return UNHEARD
        known = self._known.get((tag, other, home))
        if known is None:
            known = self._fit(tag, other, home) - self._fit(tag, home, other)
            self._known[tag, other, home] = known
        return known

    def best(self, tag: int, home: int) -> tuple[int, float]:
        """The board that fits best, and its log ratio against `home`.

        `home` itself with 0 where none fits better.
        """
        boards = self.heard(tag, home)
        champion = max(boards, key=lambda board: self.log_ratio(tag, board, home))
        # Ratios against home are noisy where home heard nothing: let the others meet directly.
        for board in boards:
            if self.log_ratio(tag, board, home) > 0 and self.log_ratio(tag, board, champion) > 0:
                champion = board
        return champion, max(0.0, self.log_ratio(tag, champion, home))

    def heard(self, tag: int, home: int) -> list[int]:
        """The boards whose passes heard the tag, and `home`."""
        return sorted({home, *np.flatnonzero(self._table.reads[tag]).tolist()})

    def _fit(self, tag: int, a: int, b: int) -> float:
        """log p(features of a against b | the book stands on a)."""
        log_ratio, db = _features(self._table, np.array([tag]), a, b)
        reads = self._table.reads[tag]
        counting = 1.0 / (reads[a] + 0.5) + 1.0 / (reads[b] + 0.5)
        pair = _learn(self._table, self._beside(tag, a), a, b)
        spread = float(np.hypot(pair.log_ratio.sd, np.sqrt(counting)))
        fit = _log_t(float(log_ratio[0]), pair.log_ratio.mean, spread)
        fit += _log_t(float(db[0]), pair.db.mean, pair.db.sd)
        window_m = self._table.window_m[tag, b]
        if np.isfinite(window_m):
            spread = float(np.hypot(pair.window.sd, WINDOW_SPAN_M / np.sqrt(reads[b])))
            fit += _log_t(float(window_m), pair.window.mean, spread) - _LOG_T_AT_0
        if np.isfinite(self._table.window_m[tag, a]):
            fit -= float(np.log(_WINDOWS_SPAN_M))
        return fit

    def _beside(self, tag: int, a: int) -> Index:
        """The books of board `a` nearest to where the tag would stand on it; of many, none teaches itself."""
        teachers = self._teachers[a]
        window_m = self._table.window_m[tag, a]
        if len(teachers) <= _TEACHERS or not np.isfinite(window_m):
            return teachers
        teachers = teachers[teachers != tag]
        away_m = np.abs(self._table.window_m[teachers, a] - window_m)
        nearest = np.argsort(np.nan_to_num(away_m, nan=np.inf), kind="stable")[:_TEACHERS]
        found: Index = teachers[nearest]
        return found


def heard_table(heard: Sequence[Mapping[str, Heard]], shelves: Sequence[str]) -> HeardTable:
    """The table of what was heard of each tag, by board."""
    shape = (len(heard), len(shelves))
    table = HeardTable(tuple(shelves), np.zeros(shape), np.full(shape, UNHEARD_DBM), np.full(shape, np.nan))
    for n, of_tag in enumerate(heard):
        for m, shelf in enumerate(shelves):
            one = of_tag.get(shelf)
            if one is not None:
                table.reads[n, m], table.window_m[n, m] = one.reads, one.window_m
                table.loud_dbm[n, m] = one.loud_dbm if np.isfinite(one.loud_dbm) else UNHEARD_DBM
    return table


def _features(table: HeardTable, tags: Index, a: int, b: int) -> tuple[F64, F64]:
    log_ratio = np.log((table.reads[tags, a] + 0.5) / (table.reads[tags, b] + 0.5))
    return log_ratio, table.loud_dbm[tags, a] - table.loud_dbm[tags, b]


def _learn(table: HeardTable, teachers: Index, a: int, b: int) -> _Pair:
    log_ratio, db = _features(table, teachers, a, b)
    window_m = table.window_m[teachers[table.reads[teachers, b] >= _ENOUGH_FOR_A_WINDOW], b]
    return _Pair(
        log_ratio=_robust(log_ratio, *_PRIOR_LOG, _LEAST_SD_LOG),
        db=_robust(db, *_PRIOR_DB, _LEAST_SD_DB),
        window=_robust(window_m, *_PRIOR_WINDOW, _LEAST_SD_WINDOW_M),
    )


def _robust(values: F64, prior_mean: float, prior_sd: float, least_sd: float) -> _Normal:
    """Median and scaled median deviation, drawn to the prior where there are few values."""
    if not len(values):
        return _Normal(prior_mean, prior_sd)
    share = len(values) / (len(values) + _PRIOR_WEIGHT)
    middle = median(values)
    spread = SD_OF_MAD * median(np.abs(values - middle))
    mean = share * middle + (1.0 - share) * prior_mean
    return _Normal(mean, max(least_sd, share * spread + (1.0 - share) * prior_sd))


def _log_t(value: float, mean: float, sd: float) -> float:
    z = (value - mean) / sd
    return float(-0.5 * (_FREEDOM + 1.0) * np.log1p(z * z / _FREEDOM) - np.log(sd))
