"""Locate: where every tag stands along its board, in which order, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.fusion.locate.board import Boards, told
from edge.fusion.locate.calibration import Calibration, ClockLead, Offset
from edge.fusion.locate.cut import Cut, cut_up
from edge.fusion.locate.options import Options
from edge.fusion.locate.order import confidence, neighbour_log_odds, neighbours_hold
from edge.fusion.locate.overhang import within_ends
from edge.fusion.locate.result import LocateResult, Method, Port, Quality, Row, TagPlace, Zero
from edge.fusion.locate.row import Solved, solve_row
from edge.fusion.locate.zeros import pairs_of, zeros_of
from edge.fusion.window import Window

MANY: Final = 3_000
"""Tags of a scan up to which nobody minds that it takes twice the time."""

__all__ = [
    "MANY",
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
    near: Mapping[str, float] | None = None,
) -> LocateResult:
    """Places of all tags that were read on a board's passes.

    Parameters
    ----------
    window : all readings of the scan
    shelves : length in m of every board of the site; a board that is not in it may still be scanned
    options : settings, and switches for ablations
    on : boards by EPC where something else than the reads says which it is, such as the shelf list
    near : places along those boards by EPC where it says that tags should stand: they are looked at from
        there too
    """
    if options.thorough is None:
        options = replace(options, thorough=len(window.tags.epcs) <= MANY)
    first = cut_up(window, shelves, options)
    if first is None:
        return LocateResult(quality=Quality(reads=len(window.tags), tags=len(window.tags.epcs)))
    standing = within_ends(first) if options.ends else first.boards
    cut = first.with_boards(told(standing, window.tags.epcs, on or {}))
    solved = _solved(cut, _by_tag(window.tags.epcs, near or {}))
    zeros = _zeros(cut, solved) if options.zeros else {}
    count = np.bincount(cut.tracks.tag, minlength=len(window.tags.epcs))
    rows: list[Row] = []
    places: list[TagPlace] = []
    for board, one in solved.items():
        zero = zeros.get(cut.boards.shelves[board])
        moved = one if zero is None else one.moved(zero.taken_out)
        row, found = _row(window.tags.epcs, moved, cut.boards, board, count)
        rows.append(row)
        places.extend(found)
    quality = Quality(
        reads=len(window.tags),
        reads_on_a_pass=len(cut.tracks),
        tags=len(window.tags.epcs),
        tags_by_phase=sum(place.method is Method.PHASE for place in places),
    )
    return LocateResult(tuple(places), tuple(rows), cut.ports, quality, zeros)


def _by_tag(epcs: Sequence[str], near: Mapping[str, float]) -> F64 | None:
    """float64[len(epcs)]."""
    return np.array([near.get(epc, np.nan) for epc in epcs]) if near else None


def _solved(cut: Cut, near_m: F64 | None) -> dict[int, Solved]:
    """Every board's tags by its own passes alone."""
    solved = {}
    for board, shelf in enumerate(cut.boards.shelves):
        tags = np.flatnonzero(cut.boards.best == board)
        if len(tags):
            length_m = cut.lengths_m.get(shelf)
            near = None if near_m is None else near_m[tags]
            one = solve_row(cut.tracks, cut.reads_on(board), tags, cut.ports, cut.options, length_m, near)
            solved[board] = one.moved(partial(cut.options.calibration.in_place, shelf))
    return solved


def _zeros(cut: Cut, solved: Mapping[int, Solved]) -> dict[str, Zero]:
    """Of boards whose offset is not known from labels."""
    known, shelves = cut.options.calibration.offsets, cut.boards.shelves
    place_m = {
        int(tag): float(x_m)
        for board, one in solved.items()
        if shelves[board] not in known
        for tag, x_m, method in zip(one.tags, one.x_m, one.methods, strict=True)
        if method is Method.PHASE
    }
    return zeros_of([pair for pair in pairs_of(cut, place_m) if shelves[pair.other] not in known], shelves)


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
    alone = neighbours_hold(solved.x_m[order], solved.cov_m2[np.ix_(order, order)], solved.boards)
    held = np.where(np.isnan(solved.held[order]), alone, solved.held[order])
    sure = confidence(odds, board_p) if is_joint else board_p * held
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
            own=solved.own[order[rank]],
        )
        for rank, tag in enumerate(solved.tags[order])
    ]
    return row, found
