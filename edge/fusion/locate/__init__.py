"""Locate: where every tag stands along its board, in which order, and how sure that is."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from edge.columns import Index
from edge.fusion.locate.board import Boards, choose_boards, told
from edge.fusion.locate.calibration import Calibration, ClockLead, Offset
from edge.fusion.locate.options import Options
from edge.fusion.locate.order import confidence, neighbour_log_odds, neighbours_hold
from edge.fusion.locate.overhang import within_ends
from edge.fusion.locate.path import passes_of
from edge.fusion.locate.port import calibrate
from edge.fusion.locate.result import LocateResult, Method, Port, Quality, Row, TagPlace, Zero
from edge.fusion.locate.row import Solved, solve_row
from edge.fusion.locate.tracks import Tracks, follow
from edge.fusion.locate.zeros import pairs_of, zeros_of
from edge.fusion.window import Window

__all__ = [
    "Calibration",
    "ClockLead",
    "LocateResult",
    "Method",
    "Offset",
    "Options",
    "Port",
    "Quality",
    "Row",
    "TagPlace",
    "Zero",
    "locate",
]


def locate(
    window: Window,
    shelves: Mapping[str, float],
    options: Options = Options(),  # noqa: B008
    on: Mapping[str, str] | None = None,
) -> LocateResult:
    """Places of all tags that were read on a board's passes.

    Parameters
    ----------
    window : all readings of the scan
    shelves : length in m of every board of the site; a board that is not in it may still be scanned
    options : settings, and switches for ablations
    on : boards by EPC where something else than the reads says which it is, such as the shelf list
    """
    passes = passes_of(window.poses)
    if not passes or not len(window.tags):
        return LocateResult(quality=Quality(reads=len(window.tags), tags=len(window.tags.epcs)))
    tracks = follow(options.calibration.in_time(window.tags), passes)
    ports = tuple(
        calibrate(tracks, port, options.lengths, options.half_turns) for port in range(len(tracks.ports))
    )
    heard = choose_boards(tracks, passes, len(window.tags.epcs))
    board_of_leg = np.array([heard.shelves.index(one.shelf) for one in passes], np.intp)
    standing = within_ends(heard, tracks, board_of_leg, shelves, ports, options) if options.ends else heard
    boards = told(standing, window.tags.epcs, on or {})
    solved = _solved(tracks, boards, board_of_leg, shelves, ports, options)
    zeros = _zeros(tracks, boards, board_of_leg, solved, ports, options) if options.zeros else {}
    count = np.bincount(tracks.tag, minlength=len(window.tags.epcs))
    rows: list[Row] = []
    places: list[TagPlace] = []
    for board, one in solved.items():
        zero = zeros.get(boards.shelves[board])
        moved = one if zero is None else replace(one, x_m=one.x_m - zero.x_m)
        row, found = _row(window.tags.epcs, moved, boards, board, count)
        rows.append(row)
        places.extend(found)
    quality = Quality(
        reads=len(window.tags),
        reads_on_a_pass=len(tracks),
        tags=len(window.tags.epcs),
        tags_by_phase=sum(place.method is Method.PHASE for place in places),
    )
    return LocateResult(tuple(places), tuple(rows), ports, quality, zeros)


def _solved(
    tracks: Tracks,
    boards: Boards,
    board_of_leg: Index,
    shelves: Mapping[str, float],
    ports: tuple[Port, ...],
    options: Options,
) -> dict[int, Solved]:
    """Every board's tags by its own passes alone."""
    solved = {}
    for board, shelf in enumerate(boards.shelves):
        tags = np.flatnonzero(boards.best == board)
        if len(tags):
            reads = tracks.on(np.flatnonzero(board_of_leg == board))
            one = solve_row(tracks, reads, tags, ports, options, shelves.get(shelf))
            solved[board] = replace(one, x_m=options.calibration.in_place(shelf, one.x_m))
    return solved


def _zeros(
    tracks: Tracks,
    boards: Boards,
    board_of_leg: Index,
    solved: Mapping[int, Solved],
    ports: tuple[Port, ...],
    options: Options,
) -> dict[str, Zero]:
    """Of boards whose offset is not known from labels."""
    known = options.calibration.offsets
    place_m = {
        int(tag): float(x_m)
        for board, one in solved.items()
        if boards.shelves[board] not in known
        for tag, x_m, method in zip(one.tags, one.x_m, one.methods, strict=True)
        if method is Method.PHASE
    }
    pairs = pairs_of(tracks, boards, board_of_leg, place_m, ports, options)
    return zeros_of([p for p in pairs if boards.shelves[p.other] not in known], boards.shelves)


def _row(
    epcs: tuple[str, ...], solved: Solved, boards: Boards, board: int, reads: Index
) -> tuple[Row, list[TagPlace]]:
    shelf = boards.shelves[board]
    order = np.argsort(solved.x_m, kind="stable")
    odds = neighbour_log_odds(solved.x_m, solved.cov_m2, order)
    is_joint = solved.joint is not None and len(solved.joint.log_odds) == len(odds)
    if solved.joint is not None and is_joint:
        odds = solved.joint.log_odds
    board_p = boards.p_on(board, solved.tags[order])
    alone = neighbours_hold(solved.x_m[order], solved.cov_m2[np.ix_(order, order)])
    sure = confidence(odds, board_p) if is_joint else board_p * alone
    row = Row(
        shelf=shelf,
        epcs=tuple(epcs[tag] for tag in solved.tags[order]),
        x_m=solved.x_m[order],
        cov_m2=solved.cov_m2[np.ix_(order, order)],
        log_odds=odds,
        board_p=board_p,
    )
    sd = row.x_sd_m
    found = [
        TagPlace(
            epc=row.epcs[rank],
            shelf=shelf,
            x_m=float(row.x_m[rank]),
            x_sd_m=float(sd[rank]),
            rank=rank,
            reads=int(reads[tag]),
            confidence=float(sure[rank]),
            method=solved.methods[order[rank]],
            board_p=boards.of(int(tag)),
        )
        for rank, tag in enumerate(solved.tags[order])
    ]
    return row, found
