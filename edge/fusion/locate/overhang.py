"""Tags near a board's end: where a pass sees them beyond the end, they stand on the next board.

A cart goes on for some centimetres past a board, and hears the first books of the next one, at times more
often than on their own board's pass. The hologram of that pass shows them beyond the end, where no book of
the board can stand.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.fusion.locate.board import Boards, chosen
from edge.fusion.locate.hologram import coarse_places
from edge.fusion.locate.options import Options
from edge.fusion.locate.profile import profiles_of
from edge.fusion.locate.result import Port
from edge.fusion.locate.tracks import Tracks

LIKELY: Final = 0.005  # boards less likely than this are not looked at
BEYOND_SD_M: Final = 0.05  # a hologram's error and the encoder's zero together
MARGIN_M: Final = 0.10  # tags are looked for so far beyond the path
MIN_READS: Final = 6


def within_ends(
    boards: Boards,
    tracks: Tracks,
    board_of_leg: Index,
    lengths_m: Mapping[str, float],
    ports: Sequence[Port],
    options: Options,
) -> Boards:
    """The same with every board less likely for tags that its own passes see beyond its ends.

    lengths_m : by board; boards that are not in it stay as they are
    """
    likely = boards.p > LIKELY
    unsure = likely & (np.bincount(boards.tag[likely], minlength=len(boards.best))[boards.tag] > 1)
    with np.errstate(divide="ignore"):
        score = np.log(boards.p)
    for board, shelf in enumerate(boards.shelves):
        pairs = np.flatnonzero(unsure & (boards.board == board))
        if shelf in lengths_m and len(pairs):
            rows = tracks.on(np.flatnonzero(board_of_leg == board))
            rows = rows[np.isfinite(tracks.theta_rad[rows])]
            beyond_m = _beyond(tracks, rows, boards.tag[pairs], lengths_m[shelf], ports, options)
            score[pairs] -= 0.5 * (beyond_m / BEYOND_SD_M) ** 2
    return chosen(boards.shelves, boards.tag, boards.board, score, len(boards.best))


def _beyond(
    tracks: Tracks, rows: Index, tags: Index, length_m: float, ports: Sequence[Port], options: Options
) -> F64:
    """float64[n]: how far outside of the board its passes see each tag; 0 where too few reads say so."""
    reads = np.bincount(tracks.tag[rows], minlength=int(tags.max()) + 1)[tags]
    beyond = np.zeros(len(tags))
    heard = np.flatnonzero(reads >= MIN_READS)
    if not len(heard):
        return beyond
    low, high = float(tracks.x_m[rows].min()), float(tracks.x_m[rows].max())
    middle = np.full(len(heard), 0.5 * (low + high))
    profiles = profiles_of(tracks, rows, tags[heard], ports, middle, options)

    x_m = coarse_places(profiles, low - MARGIN_M, high + MARGIN_M, options).x_m
    beyond[heard] = np.maximum(0.0, np.maximum(-x_m, x_m - length_m))
    return beyond
