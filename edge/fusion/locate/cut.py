"""A scan as it was cut up: reads on passes, passes along boards, and the ports as their reads show them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from edge.columns import Index
from edge.fusion.locate.board import Boards, choose_boards
from edge.fusion.locate.options import Options
from edge.fusion.locate.path import passes_of
from edge.fusion.locate.port import calibrate
from edge.fusion.locate.result import Port
from edge.fusion.locate.tracks import Tracks, follow
from edge.fusion.window import Window


@dataclass(frozen=True, slots=True)
class Cut:
    """The pieces of one scan.

    board_of_leg : intp[passes], the board along which each pass went, by its place in `boards.shelves`
    lengths_m : by board, where it is known
    """

    tracks: Tracks
    boards: Boards
    board_of_leg: Index
    ports: tuple[Port, ...]
    lengths_m: Mapping[str, float]
    options: Options

    def reads_on(self, board: int) -> Index:
        """The reads that were made on passes of this board."""
        return self.tracks.on(np.flatnonzero(self.board_of_leg == board))

    def phased_on(self, board: int) -> Index:
        """The same, of those whose phase is known."""
        rows = self.reads_on(board)
        return rows[np.isfinite(self.tracks.theta_rad[rows])]

    def with_boards(self, boards: Boards) -> "Cut":
        """The same with other beliefs about who stands on which board."""
        return replace(self, boards=boards)


def cut_up(window: Window, lengths_m: Mapping[str, float], options: Options) -> Cut | None:
    """The scan in pieces, tags on the boards that heard them best; None without a pass or a read."""
    passes = passes_of(window.poses)
    if not passes or not len(window.tags):
        return None
    tracks = follow(options.calibration.in_time(window.tags), passes)
    boards = choose_boards(tracks, passes, len(window.tags.epcs))
    return Cut(
        tracks=tracks,
        boards=boards,
        board_of_leg=np.array([boards.shelves.index(one.shelf) for one in passes], np.intp),
        ports=tuple(
            calibrate(tracks, port, options.lengths, options.half_turns) for port in range(len(tracks.ports))
        ),
        lengths_m=lengths_m,
        options=options,
    )
