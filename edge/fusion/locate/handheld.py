"""Hand-held, without an encoder: the order in which the antenna passed the tags, from phase and time alone.

The hand is taken to be steady over a sweep, a run of reads without a pause. How fast it went shows in the
reads: a tag's phase falls and rises again in a V (V-zones: STPP, NSDI 2015) whose width in time fits one pace
only. At the pace that leaves least unexplained, the sweep is located as a pass is. What comes out are no
places, as nobody knows where the hand was: tags are told in the order they were passed. Label tags with known
places turn it into places between them, and tell which way the hand went.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from edge.columns import F64, Index, PoseColumns, TagColumns, concat, take
from edge.fusion.locate import locate
from edge.fusion.locate.cut import cut_up
from edge.fusion.locate.hologram import coarse_places
from edge.fusion.locate.options import Options
from edge.fusion.locate.path import GAP_NS
from edge.fusion.locate.profile import profiles_of
from edge.fusion.locate.result import LocateResult, Method, TagPlace
from edge.fusion.locate.row import MIN_PHASE_READS
from edge.fusion.locate.single import place_singly
from edge.fusion.window import Window

PACES_M_S: Final = np.geomspace(0.06, 0.6, 14)
MOST_M: Final = 6.0  # a row that is read in one sweep is no longer
FEW_TAGS: Final = 8  # so many show the pace
DISTANCE_M: Final = 0.5  # from the spines; the pace makes up for what it is wrong by
POSE_EVERY_NS: Final = GAP_NS // 4
WANDER: Final = 0.2  # a hand's pace varies by a fifth between labels
Labels = Mapping[str, tuple[str, float]]


def locate_by_time(window: Window, labels: Labels, options: Options) -> LocateResult:
    """Tags in the order in which they were passed, one row a sweep; the poses in `window` are not looked at.

    `labels` maps an EPC to (board, place in m). A place is NaN, and the board "", where two labels of one
    board do not tell them. Without labels, ranks count from the tag that was passed first.
    """
    sweeps = [_paced(window, rows, n, options) for n, rows in enumerate(sweeps_of(window.tags))]
    found = locate(replace(window, poses=concat(sweeps, PoseColumns)), {}, options)
    names = dict.fromkeys(place.shelf for place in found.places)
    told = [_told([p for p in found.places if p.shelf == name], labels) for name in names]
    return replace(found, places=tuple(place for row in told for place in row), rows=())


def sweeps_of(tags: TagColumns) -> list[Index]:
    """The reads of each source between two pauses, by time; what is too short or too long is left out."""
    found: list[Index] = []
    for source in np.unique(tags.source):
        rows = np.flatnonzero(tags.source == source)
        rows = rows[np.argsort(tags.t_ns[rows], kind="stable")]
        found += np.split(rows, np.flatnonzero(np.diff(tags.t_ns[rows]) > GAP_NS) + 1)
    return [rows for rows in found if 0.5e-9 * GAP_NS < _lasted_s(tags, rows) < MOST_M / PACES_M_S[0]]


def _lasted_s(tags: TagColumns, rows: Index) -> float:
    return float(tags.t_ns[rows[-1]] - tags.t_ns[rows[0]]) * 1e-9


def _paced(window: Window, rows: Index, n: int, options: Options) -> PoseColumns:
    """The path of sweep `n`, at the pace that explains its reads best."""
    tags = window.tags
    often = np.argsort(np.bincount(tags.tag[rows]))[-FEW_TAGS:]
    some = replace(window, tags=take(tags, rows[np.isin(tags.tag[rows], often)]))
    few = replace(options, coupling=False, echoes=False, ends=False, zeros=False)
    swept, paces = take(tags, rows), PACES_M_S[PACES_M_S * _lasted_s(tags, rows) < MOST_M].tolist()
    left = [_left(replace(some, poses=_path(swept, n, pace)), few) for pace in paces]
    return _path(swept, n, paces[int(np.argmin(left))])


def _path(tags: TagColumns, n: int, pace_m_s: float) -> PoseColumns:
    """Poses from 0 on at a steady pace, on a board of the sweep's own."""
    first_ns, last_ns = int(tags.t_ns[0]), int(tags.t_ns[-1])
    count = (last_ns - first_ns) // POSE_EVERY_NS + 2
    t_ns = np.linspace(first_ns, last_ns, count).astype(np.int64)
    return PoseColumns(
        t_ns=t_ns,
        source=np.full(count, tags.source[0], np.intp),
        shelf=np.zeros(count, np.intp),
        x_m=(t_ns - first_ns).astype(np.float64) * (pace_m_s * 1e-9),
        y_m=np.full(count, DISTANCE_M),
        z_m=np.full(count, np.nan),
        sources=tags.sources,
        shelves=(f"sweep {n + 1}",),
    )


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


def _told(row: list[TagPlace], labels: Labels) -> list[TagPlace]:
    """One sweep's tags, by places between the labels of the board that most of its labels are of."""
    known = [(place.x_m, *labels[place.epc]) for place in row if place.epc in labels]
    boards = [shelf for _, shelf, _ in known]
    shelf = max(boards, key=boards.count, default="")
    at_m, true_m = np.array([(at, x) for at, on, x in known if on == shelf]).reshape(-1, 2).T
    if len(at_m) < 2:
        return [replace(p, shelf=shelf, x_m=np.nan, x_sd_m=np.nan, method=Method.TIME) for p in row]
    if np.polyfit(at_m, true_m, 1)[0] < 0:
        row, at_m = [replace(p, x_m=-p.x_m, rank=len(row) - 1 - p.rank) for p in reversed(row)], -at_m
    order = np.argsort(at_m)
    return [_between(place, shelf, at_m[order], true_m[order]) for place in row]


def _between(place: TagPlace, shelf: str, at_m: F64, true_m: F64) -> TagPlace:
    """A tag's place between labels; NaN outside them."""
    x_m = float(np.interp(place.x_m, at_m, true_m, left=np.nan, right=np.nan))
    to_label_m = float(np.abs(true_m - x_m).min())
    scale = abs(true_m[-1] - true_m[0]) / max(at_m[-1] - at_m[0], 1e-9)
    sd_m = float(np.hypot(scale * place.x_sd_m, WANDER * to_label_m))
    return replace(place, shelf=shelf, x_m=x_m, x_sd_m=sd_m, method=Method.TIME)
