"""Which board a tag stands on: every board's passes heard it so often and so loudly; the best says it.

Boards damp but do not hide the tier above or below, and the other face of a bookcase is heard through its
back, so all boards' evidence is kept as probabilities.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.fusion.locate.path import Pass
from edge.fusion.locate.tracks import Tracks

PER_LOG_READ: Final = 3.0
PER_DB: Final = 0.25
LOUD_PERCENTILE: Final = 65.0


@dataclass(frozen=True, slots=True)
class Boards:
    """p : float64[n tags, m boards], all 0 where a tag was never heard; best : intp[n], -1 then."""

    shelves: tuple[str, ...]
    p: F64
    best: Index


def choose_boards(tracks: Tracks, passes: Sequence[Pass], n_tags: int) -> Boards:
    """The probabilities of all boards for all tags."""
    shelves = tuple(dict.fromkeys(one.shelf for one in passes))
    board_of_leg = np.array([shelves.index(one.shelf) for one in passes], np.intp)
    board = board_of_leg[tracks.leg] if len(tracks) else np.empty(0, np.intp)
    seconds = _seconds(passes, board_of_leg, len(shelves))
    cell = tracks.tag * len(shelves) + board
    count = np.bincount(cell, minlength=n_tags * len(shelves)).reshape(n_tags, -1).astype(np.float64)
    loud = _loudness(cell, tracks.rssi_dbm, count)
    score = PER_LOG_READ * np.log(np.maximum(count, 1.0) / seconds * seconds.mean()) + PER_DB * loud
    score = np.where(count > 0, score, -np.inf)
    heard = count.sum(axis=1) > 0
    top = np.where(heard, score.max(axis=1, initial=-np.inf), 0.0)
    p = np.exp(score - top[:, None])
    p[heard] /= p[heard].sum(axis=1, keepdims=True)
    return Boards(shelves, p, np.where(heard, score.argmax(axis=1) if len(shelves) else 0, -1))


def told(boards: Boards, epcs: Sequence[str], known: Mapping[str, str]) -> Boards:
    """The same with the board of some tags told (by EPC), where that board's passes heard the tag."""
    best = boards.best.copy()
    for tag, epc in enumerate(epcs):
        shelf = known.get(epc)
        if shelf in boards.shelves and boards.p[tag, boards.shelves.index(shelf)] > 0.0:
            best[tag] = boards.shelves.index(shelf)
    return Boards(boards.shelves, boards.p, best)


def _seconds(passes: Sequence[Pass], board_of_leg: Index, n: int) -> F64:
    took = np.array([(int(one.t_ns[-1]) - int(one.t_ns[0])) * 1e-9 + 0.1 for one in passes])
    return np.bincount(board_of_leg, took, n).astype(np.float64)


def _loudness(cell: Index, rssi_dbm: F64, count: F64) -> F64:
    """A high percentile of the RSSI in each cell; 0 where none is known."""
    loud = np.zeros(count.size)
    known = np.flatnonzero(np.isfinite(rssi_dbm))
    order = known[np.lexsort((rssi_dbm[known], cell[known]))]
    cells, start, size = np.unique(cell[order], return_index=True, return_counts=True)
    pick = start + np.floor((size - 1) * LOUD_PERCENTILE / 100.0).astype(np.intp)
    loud[cells] = rssi_dbm[order[pick]]
    return loud.reshape(count.shape)
