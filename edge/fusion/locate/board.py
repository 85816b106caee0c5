"""Which board a tag stands on: every board's passes heard it so often and so loudly; the best says it.

Boards damp but do not hide the tier above or below, and the other face of a bookcase is heard through its
back, so all boards' evidence is kept as probabilities.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.fusion.locate.path import Pass
from edge.fusion.locate.tracks import Tracks

PER_LOG_READ: Final = 3.0
PER_DB: Final = 0.25
LOUD_PERCENTILE: Final = 65.0
UNLIKELY: Final = 0.001


@dataclass(frozen=True, slots=True)
class Boards:
    """The boards that may be each tag's: c pairs of tag and board, by tag, then board; others have none.

    tag, board : intp[c]; p : float64[c], adding up to 1 over the boards of a tag
    best : intp[n tags], -1 where a tag was never heard
    """

    shelves: tuple[str, ...]
    tag: Index
    board: Index
    p: F64
    best: Index

    def p_on(self, board: int, tags: Index) -> F64:
        """float64[len(tags)]: the probability that each stands on this board."""
        of_board = np.zeros(len(self.best))
        here = self.board == board
        of_board[self.tag[here]] = self.p[here]
        p: F64 = of_board[tags]
        return p

    def of(self, tag: int) -> dict[str, float]:
        """The probability of every board that is not out of question, for one tag."""
        pairs = slice(*np.searchsorted(self.tag, [tag, tag + 1]))
        found = zip(self.board[pairs], self.p[pairs].tolist(), strict=True)
        return {self.shelves[board]: p for board, p in found if p > UNLIKELY}


def choose_boards(tracks: Tracks, passes: Sequence[Pass], n_tags: int) -> Boards:
    """The probabilities of all boards for all tags."""
    shelves = tuple(dict.fromkeys(one.shelf for one in passes))
    board_of_leg = np.array([shelves.index(one.shelf) for one in passes], np.intp)
    seconds = _seconds(passes, board_of_leg, len(shelves))
    cells, count, loud = _heard(tracks, board_of_leg, len(shelves))
    tag, board = cells // max(1, len(shelves)), cells % max(1, len(shelves))
    score = PER_LOG_READ * np.log(count / seconds[board] * seconds.mean()) + PER_DB * loud
    return chosen(shelves, tag, board, score, n_tags)


def chosen(shelves: tuple[str, ...], tag: Index, board: Index, score: F64, n_tags: int) -> Boards:
    """Probabilities and the best boards from pairs' scores, which are logarithms of odds."""
    best = np.full(n_tags, -1, np.intp)
    if not len(tag):
        return Boards(shelves, tag, board, score, best)
    first = np.flatnonzero(np.concatenate([[True], np.diff(tag) > 0]))
    top = np.maximum.reduceat(score, first)
    many = np.diff(np.append(first, len(tag)))
    p = np.exp(score - np.repeat(top, many))
    p /= np.repeat(np.add.reduceat(p, first), many)
    is_top = np.flatnonzero(score == np.repeat(top, many))
    best[tag[is_top[::-1]]] = board[is_top[::-1]]  # of equal ones the first
    return Boards(shelves, tag, board, p, best)


def told(boards: Boards, epcs: Sequence[str], known: Mapping[str, str]) -> Boards:
    """The same with the board of some tags told (by EPC), where that board's passes heard the tag."""
    best = boards.best.copy()
    place = {shelf: board for board, shelf in enumerate(boards.shelves)}
    heard = set(zip(boards.tag.tolist(), boards.board.tolist(), strict=True)) if known else set()
    for tag, epc in enumerate(epcs):
        board = place.get(known.get(epc, ""), -1)
        if (tag, board) in heard:
            best[tag] = board
    return replace(boards, best=best)


def _seconds(passes: Sequence[Pass], board_of_leg: Index, n: int) -> F64:
    took = np.array([(int(one.t_ns[-1]) - int(one.t_ns[0])) * 1e-9 + 0.1 for one in passes])
    return np.bincount(board_of_leg, took, n).astype(np.float64)


def _heard(tracks: Tracks, board_of_leg: Index, n_boards: int) -> tuple[Index, F64, F64]:
    """Cells of a tag on a board (tag·boards + board), reads in each, and a high percentile of their RSSI.

    Where no RSSI is known it counts as 0.
    """
    cell = tracks.tag * n_boards + (board_of_leg[tracks.leg] if len(tracks) else 0)
    order = np.lexsort((tracks.rssi_dbm, cell))  # reads of unknown RSSI come last
    cells, first, count = np.unique(cell[order], return_index=True, return_counts=True)
    known = (
        np.add.reduceat(np.isfinite(tracks.rssi_dbm[order]), first, dtype=np.intp) if len(first) else count
    )
    pick = first + np.floor(np.maximum(known - 1, 0) * LOUD_PERCENTILE / 100.0).astype(np.intp)
    loud = np.where(known > 0, tracks.rssi_dbm[order[pick]], 0.0)
    return cells, count.astype(np.float64), loud
