"""Hand-held sweeps: runs of reads without a pause, each at the pace that its phases fit.

A tag's phase falls and rises again in a V (V-zones: STPP, NSDI 2015) whose width in time fits one pace only:
that which leaves least of the reads unexplained.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.columns import Index, PoseColumns, TagColumns, take
from edge.fusion.locate.cut import cut_up
from edge.fusion.locate.hologram import coarse_places
from edge.fusion.locate.options import Options
from edge.fusion.locate.path import GAP_NS
from edge.fusion.locate.profile import profiles_of
from edge.fusion.locate.row import MIN_PHASE_READS
from edge.fusion.locate.single import place_singly
from edge.fusion.window import Window

PACES_M_S: Final = np.geomspace(0.005, 0.6, 28)  # one who stops at every book is slow on average
STEP: Final = 3  # so many paces apart, what is left still falls towards the best
LEAST_M: Final = 0.3  # on a shorter way nothing is passed, and any place fits
MOST_M: Final = 6.0  # a row that is read in one sweep is no longer
FEW_TAGS: Final = 8  # so many show the pace
FEW_READS: Final = 4_000
DISTANCE_M: Final = 0.5  # from the spines; the pace makes up for what it is wrong by
POSE_EVERY_NS: Final = GAP_NS // 4
LEAST_S: Final = 0.5e-9 * GAP_NS


@dataclass(frozen=True, slots=True)
class Leg:
    """Reads of one source on one way, by time; the pace; the share of power that it leaves unexplained."""

    rows: Index
    pace_m_s: float
    left: float


def sweeps_of(tags: TagColumns) -> list[Index]:
    """The reads of each source between two pauses, by time; what is too short or too long is left out."""
    found: list[Index] = []
    for source in np.unique(tags.source):
        rows = np.flatnonzero(tags.source == source)
        rows = rows[np.argsort(tags.t_ns[rows], kind="stable")]
        found += np.split(rows, np.flatnonzero(np.diff(tags.t_ns[rows]) > GAP_NS) + 1)
    return [rows for rows in found if LEAST_S < _lasted_s(tags, rows) < MOST_M / PACES_M_S[0]]


def path(tags: TagColumns, leg: Leg, board: str, start_m: float = 0.0, scale: float = 1.0) -> PoseColumns:
    """Poses along a leg at a steady pace: from `start_m` on, `scale` times as far (negative: to the left)."""
    first_ns, last_ns = int(tags.t_ns[leg.rows[0]]), int(tags.t_ns[leg.rows[-1]])
    count = (last_ns - first_ns) // POSE_EVERY_NS + 2
    t_ns = np.linspace(first_ns, last_ns, count).astype(np.int64)
    return PoseColumns(
        t_ns=t_ns,
        source=np.full(count, tags.source[leg.rows[0]], np.intp),
        shelf=np.zeros(count, np.intp),
        x_m=start_m + scale * (t_ns - first_ns).astype(np.float64) * (leg.pace_m_s * 1e-9),
        y_m=np.full(count, DISTANCE_M),
        z_m=np.full(count, np.nan),
        sources=tags.sources,
        shelves=(board,),
    )


def _lasted_s(tags: TagColumns, rows: Index) -> float:
    return float(tags.t_ns[rows[-1]] - tags.t_ns[rows[0]]) * 1e-9


def paced(window: Window, rows: Index, options: Options, *, roughly: bool = False) -> Leg:
    """Reads of one source by time, at the pace that explains them best; `roughly` within a factor of 1.4.

    Where they are over too soon for any pace, nothing is explained.
    """
    tags = window.tags
    often = np.argsort(np.bincount(tags.tag[rows]))[-FEW_TAGS:]
    theirs = rows[np.isin(tags.tag[rows], often)]
    some = replace(window, tags=take(tags, theirs[:: len(theirs) // FEW_READS + 1]))
    way_m = PACES_M_S * _lasted_s(tags, rows)
    legs = [Leg(rows, pace, np.inf) for pace in PACES_M_S[(way_m > LEAST_M) & (way_m < MOST_M)].tolist()]
    if not legs:
        return Leg(rows, float(PACES_M_S[-1]), np.inf)
    found = {n: _tried(window, some, legs[n], options) for n in range(0, len(legs), STEP)}
    best = _least(found)
    between = () if roughly else range(max(best - STEP + 1, 0), min(best + STEP, len(legs)))
    found |= {n: _tried(window, some, legs[n], options) for n in between if n != best}
    return found[_least(found)]


def _tried(whole: Window, some: Window, leg: Leg, options: Options) -> Leg:
    """What `leg` along the whole leaves unexplained of some tags."""
    return replace(leg, left=_left(replace(some, poses=path(whole.tags, leg, "")), options))


def _least(found: Mapping[int, Leg]) -> int:
    """The number of the pace that leaves least."""
    return min(found, key=lambda n: found[n].left)


def _left(window: Window, options: Options) -> float:
    """The share of power that the path leaves unexplained, of the tag in the middle; inf: no phases."""
    cut = cut_up(window, {}, options)
    if cut is None:
        return np.inf
    tracks, rows = cut.tracks, cut.phased_on(0)
    reads = np.bincount(tracks.tag[rows], minlength=len(window.tags.epcs))
    tags = np.flatnonzero(reads >= MIN_PHASE_READS)
    if not len(tags):
        return np.inf
    ends_m = float(tracks.x_m[rows].min()), float(tracks.x_m[rows].max())
    middle = np.full(len(tags), 0.5 * sum(ends_m))
    first = coarse_places(profiles_of(tracks, rows, tags, cut.ports, middle, options), *ends_m, options)
    alone = place_singly(profiles_of(tracks, rows, tags, cut.ports, first.x_m, options), first, options)
    return float(np.median(alone.misfit))
