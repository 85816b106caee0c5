"""What scans said, by tag and board: all that a stock-take rests on, small enough to keep and to merge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from edge.columns import F64, Index, TagMemory
from edge.fusion.locate import LocateResult, Method
from edge.fusion.locate.fallback import window_middle
from edge.fusion.locate.own import Own
from edge.fusion.locate.path import Pass, passes_of
from edge.fusion.locate.tracks import Tracks, follow
from edge.fusion.window import Window

LOUD_PERCENTILE = 80.0
MOST_OWN = 4  # scans: more tell little that those do not
WINDOW_SPAN_M = 0.40  # how far from a tag a single read may come


@dataclass(frozen=True, slots=True)
class Heard:
    """One tag as heard from one board's passes.

    `loud_dbm` is the 80th percentile of its RSSI, NaN where none is known; `window_m` the middle of its
    read window.
    """

    reads: int
    loud_dbm: float
    window_m: float
    passes: int


@dataclass(frozen=True, slots=True)
class TagEvidence:
    """One tag: how often it was read at all, from which boards, and where locating put it.

    `x_m` and `x_sd_m` are on `shelf`, the board that was heard best; None where the tag was never read on
    a pass. `own`: what the reads of each scan say of the place; empty where that is not known apart from
    other tags.
    """

    epc: str
    reads: int
    heard: Mapping[str, Heard]
    shelf: str | None = None
    x_m: float | None = None
    x_sd_m: float | None = None
    own: tuple[Own, ...] = ()
    pc: str | None = None
    tid: str | None = None
    user: str | None = None
    last_ns: int = 0


@dataclass(frozen=True, slots=True)
class PassSpan:
    """One pass along a board: when, and from where to where the antenna went."""

    start_ns: int
    end_ns: int
    low_m: float
    high_m: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Tags by EPC, and the passes of every board that was scanned."""

    tags: Mapping[str, TagEvidence] = field(default_factory=dict)
    scans: Mapping[str, tuple[PassSpan, ...]] = field(default_factory=dict)

    def as_of_ns(self, shelf: str) -> int | None:
        """When the board's last pass ended."""
        return max((one.end_ns for one in self.scans.get(shelf, ())), default=None)


def heard(window: Window) -> Evidence:
    """Evidence of one scan before any tag is located."""
    passes = passes_of(window.poses)
    of_tag = _heard(follow(window.tags, passes), passes, len(window.tags.epcs))
    reads = np.bincount(window.tags.tag, minlength=len(window.tags.epcs))
    last_ns = np.zeros(len(window.tags.epcs), np.int64)
    np.maximum.at(last_ns, window.tags.tag, window.tags.t_ns)
    tags = {
        epc: _tag(window, n, int(reads[n]), int(last_ns[n]), of_tag[n])
        for n, epc in enumerate(window.tags.epcs)
    }
    return Evidence(tags, _scans(passes))


def placed(evidence: Evidence, located: LocateResult) -> Evidence:
    """The same with the places that locating found from phase; others are no better than the read window."""
    tags = dict(evidence.tags)
    for place in located.places:
        if place.method is Method.PHASE:
            own = (place.own,) if place.own else ()
            tags[place.epc] = replace(
                tags[place.epc], shelf=place.shelf, x_m=place.x_m, x_sd_m=place.x_sd_m, own=own
            )
    return Evidence(tags, evidence.scans)


def merged(parts: Iterable[Evidence]) -> Evidence:
    """Evidence of several scans as one: passes add up, places are weighted by their precision."""
    tags: dict[str, TagEvidence] = {}
    scans: dict[str, tuple[PassSpan, ...]] = {}
    for part in parts:
        for epc, tag in part.tags.items():
            tags[epc] = _merged_tag(tags[epc], tag) if epc in tags else tag
        for shelf, spans in part.scans.items():
            scans[shelf] = tuple(sorted({*scans.get(shelf, ()), *spans}, key=_start_ns))
    return Evidence(tags, scans)


def _start_ns(span: PassSpan) -> int:
    return span.start_ns


def _tag(window: Window, n: int, reads: int, last_ns: int, of_boards: dict[str, Heard]) -> TagEvidence:
    memory = window.tags.memory.get(n, TagMemory())
    return TagEvidence(
        epc=window.tags.epcs[n],
        reads=reads,
        heard=of_boards,
        pc=memory.pc,
        tid=memory.tid,
        user=memory.user,
        last_ns=last_ns,
    )


def _heard(tracks: Tracks, passes: list[Pass], n_tags: int) -> list[dict[str, Heard]]:
    """For every tag the boards it was heard from."""
    found: list[dict[str, Heard]] = [{} for _ in range(n_tags)]
    if not len(tracks):
        return found
    shelves = list(dict.fromkeys(one.shelf for one in passes))
    board = np.array([shelves.index(one.shelf) for one in passes], np.intp)[tracks.leg]
    for rows in _groups(tracks.tag * len(shelves) + board):
        tag, shelf = int(tracks.tag[rows[0]]), shelves[int(board[rows[0]])]
        rssi = tracks.rssi_dbm[rows]
        window_m = window_middle(tracks.x_m[rows], rssi)
        found[tag][shelf] = Heard(len(rows), _loud(rssi), window_m, len(np.unique(tracks.leg[rows])))
    return found


def _groups(cell: Index) -> list[Index]:
    order = np.argsort(cell, kind="stable")
    return [rows for rows in np.split(order, np.flatnonzero(np.diff(cell[order])) + 1) if len(rows)]


def _loud(rssi_dbm: F64) -> float:
    known = rssi_dbm[np.isfinite(rssi_dbm)]
    return float(np.percentile(known, LOUD_PERCENTILE)) if len(known) else float("nan")


def _scans(passes: Iterable[Pass]) -> dict[str, tuple[PassSpan, ...]]:
    scans: dict[str, tuple[PassSpan, ...]] = {}
    for one in passes:
        span = PassSpan(int(one.t_ns[0]), int(one.t_ns[-1]), *one.span_m)
        scans[one.shelf] = (*scans.get(one.shelf, ()), span)
    return scans


def _merged_tag(a: TagEvidence, b: TagEvidence) -> TagEvidence:
    heard = {**a.heard, **b.heard}
    for shelf in a.heard.keys() & b.heard.keys():
        heard[shelf] = _merged_heard(a.heard[shelf], b.heard[shelf])
    newer, older = (b, a) if b.last_ns >= a.last_ns else (a, b)
    both = replace(
        newer, reads=a.reads + b.reads, heard=heard, pc=newer.pc or older.pc, tid=newer.tid or older.tid
    )
    both = replace(both, user=newer.user or older.user)
    if a.shelf == b.shelf and a.x_m is not None and b.x_m is not None:
        return _merged_place(both, a, b)
    # On different boards: it was moved, or one scan heard it from afar. The one that heard it better says.
    placed = max((a, b), key=_best_reads)
    return replace(both, shelf=placed.shelf, x_m=placed.x_m, x_sd_m=placed.x_sd_m, own=placed.own)


def _merged_heard(a: Heard, b: Heard) -> Heard:
    known = [(h.reads, h.loud_dbm) for h in (a, b) if h.loud_dbm == h.loud_dbm]
    total = sum(reads for reads, _ in known)
    loud = sum(reads * dbm for reads, dbm in known) / total if total else float("nan")
    window_m = (a.reads * a.window_m + b.reads * b.window_m) / (a.reads + b.reads)
    return Heard(a.reads + b.reads, loud, window_m, a.passes + b.passes)


def _merged_place(both: TagEvidence, a: TagEvidence, b: TagEvidence) -> TagEvidence:
    assert a.x_m is not None
    assert b.x_m is not None
    precise_a, precise_b = (a.x_sd_m or 0.1) ** -2, (b.x_sd_m or 0.1) ** -2
    total = precise_a + precise_b
    x_m = (precise_a * a.x_m + precise_b * b.x_m) / total
    own = (*a.own, *b.own)[-MOST_OWN:] if a.own and b.own else ()
    return replace(both, x_m=x_m, x_sd_m=total**-0.5, own=own)


def _best_reads(tag: TagEvidence) -> int:
    return max((heard.reads for heard in tag.heard.values()), default=0)
