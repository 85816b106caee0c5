"""The clock offset between reader and encoder, from passes along a board in both directions.

Where reads are dated late by τ, places come out ahead by the antenna's speed times τ: to the right on the way
there, to the left on the way back. The antenna's own offset is the same both ways and cancels. An encoder's
play in its gear looks the same as a clock offset, and is corrected with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from edge.columns import F64, take
from edge.fusion.locate import locate
from edge.fusion.locate.calibration import ClockLead
from edge.fusion.locate.options import Options
from edge.fusion.locate.path import Pass, passes_of
from edge.fusion.locate.result import Method
from edge.fusion.locate.robust import median_and_sd
from edge.fusion.window import Window

LEAST_TAGS: Final = 5
SURE: Final = 3.0
LEAST_SPREAD_S: Final = 1e-4
AROUND_M: Final = 0.15  # the speed that counts is that along the reads of a tag
_ALONE: Final = Options(coupling=False, zeros=False, echoes=False)  # echoes draw both ways alike


def clock_leads(window: Window, shelves: Mapping[str, float]) -> dict[str, ClockLead]:
    """By source that went along boards in both directions past enough tags, where the offset shows at all.

    An offset below SURE deviations is taken for none.
    """
    found = {}
    for source in sorted({one.source for one in passes_of(window.poses)}):
        late_s = _late_s(window, shelves, source)
        if sum(map(len, late_s)) >= LEAST_TAGS:
            lead = _lead(late_s)
            if abs(lead.lead_s) > SURE * lead.lead_sd_s:
                found[source] = lead
    return found


def _lead(late_s: Sequence[F64]) -> ClockLead:
    """The median over all tags; the deviation from boards, whose tags share the errors of their passes."""
    together = np.concatenate(late_s)
    middle, sd = median_and_sd(together, LEAST_SPREAD_S)
    if len(late_s) > 1:
        by_board = np.array([np.median(one) for one in late_s])
        sd = max(sd, float(by_board.std(ddof=1)) / len(by_board) ** 0.5)
    return ClockLead(-middle, sd, len(together))


def _late_s(window: Window, shelves: Mapping[str, float], source: str) -> list[F64]:
    """By board, how late each tag's reads are, as its two places say."""
    passes = [one for one in passes_of(window.poses) if one.source == source and len(one.t_ns) > 1]
    there, back = ([one for one in passes if one.forward is way] for way in (True, False))
    right, left = (_places(window, shelves, legs) for legs in (there, back))
    late: dict[str, list[float]] = {}
    for key in sorted(right.keys() & left.keys()):
        gone, came = (_speed_m_s(legs, key[1], x_m) for legs, x_m in ((there, right[key]), (back, left[key])))
        late.setdefault(key[1], []).append((right[key] - left[key]) / (gone + came))
    return [np.array(one, np.float64) for one in late.values()]


def _places(
    window: Window, shelves: Mapping[str, float], legs: Sequence[Pass]
) -> dict[tuple[str, str], float]:
    """(EPC, board) → place from some passes alone, of tags located by phase."""
    poses = np.zeros(len(window.poses), np.bool_)
    reads = np.zeros(len(window.tags), np.bool_)
    for leg in legs:
        for columns, mask in ((window.poses, poses), (window.tags, reads)):
            if leg.source in columns.sources:
                of_source = columns.source == columns.sources.index(leg.source)
                mask |= of_source & (columns.t_ns >= leg.t_ns[0]) & (columns.t_ns <= leg.t_ns[-1])
    part = replace(window, poses=take(window.poses, poses), tags=take(window.tags, reads))
    places = locate(part, shelves, _ALONE).places
    return {(p.epc, p.shelf): p.x_m for p in places if p.method is Method.PHASE}


def _speed_m_s(legs: Sequence[Pass], shelf: str, x_m: float) -> float:
    """The mean speed around a place, over the passes along its board."""
    found = []
    for leg in legs:
        near = np.abs(leg.x_m - x_m) < AROUND_M
        if leg.shelf == shelf and near.sum() > 1:
            found.append(np.ptp(leg.x_m[near]) / (np.ptp(leg.t_ns[near]) * 1e-9))
    return float(np.mean(found)) if found else float("inf")
