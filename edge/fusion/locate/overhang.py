"""Tags near a board's end: where a pass sees them beyond the end, they stand on the next board.

A cart goes on for some centimetres past a board, and hears the first books of the next one, at times more
often than on their own board's pass. The hologram of that pass shows them beyond the end, where no book of
the board can stand.
"""

from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.fusion.locate.board import Boards, chosen
from edge.fusion.locate.cut import Cut
from edge.fusion.locate.hologram import coarse_places
from edge.fusion.locate.profile import profiles_of

LIKELY: Final = 0.005  # boards less likely than this are not looked at
BEYOND_SD_M: Final = 0.05  # a hologram's error and the encoder's zero together
MARGIN_M: Final = 0.10  # tags are looked for so far beyond the path
MIN_READS: Final = 6


def within_ends(cut: Cut) -> Boards:
    """The boards with every one less likely for tags that its own passes see beyond its ends.

    Boards whose length is not known stay as they are.
    """
    boards = cut.boards
    likely = boards.p > LIKELY
    unsure = likely & (np.bincount(boards.tag[likely], minlength=len(boards.best))[boards.tag] > 1)
    with np.errstate(divide="ignore"):
        score = np.log(boards.p)
    for board, shelf in enumerate(boards.shelves):
        pairs = np.flatnonzero(unsure & (boards.board == board))
        if shelf in cut.lengths_m and len(pairs):
            beyond_m = _beyond(cut, board, boards.tag[pairs])
            score[pairs] -= 0.5 * (beyond_m / BEYOND_SD_M) ** 2
    return chosen(boards.shelves, boards.tag, boards.board, score, len(boards.best))


def _beyond(cut: Cut, board: int, tags: Index) -> F64:
    """float64[n]: how far outside of the board its passes see each tag; 0 where too few reads say so."""
    tracks, rows = cut.tracks, cut.phased_on(board)
    reads = np.bincount(tracks.tag[rows], minlength=int(tags.max()) + 1)[tags]
    beyond = np.zeros(len(tags))
    heard = np.flatnonzero(reads >= MIN_READS)
    if not len(heard):
        return beyond
    low, high = float(tracks.x_m[rows].min()), float(tracks.x_m[rows].max())
    middle = np.full(len(heard), 0.5 * (low + high))
    profiles = profiles_of(tracks, rows, tags[heard], cut.ports, middle, cut.options)
    x_m = coarse_places(profiles, low - MARGIN_M, high + MARGIN_M, cut.options).x_m
    beyond[heard] = np.maximum(0.0, np.maximum(-x_m, x_m - cut.lengths_m[cut.boards.shelves[board]]))
    return beyond
