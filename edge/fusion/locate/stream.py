"""Locating while the antenna moves: places appear, settle, and are final when the antenna has left the board.

Only the readings of the board that is being scanned are kept; of the boards before, one number a tag
remains: how strongly it was heard there, so that a tag heard through the back of a shelf is not claimed
twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from edge.columns import Readings, concat_readings, take
from edge.fusion.locate import locate
from edge.fusion.locate.options import Options
from edge.fusion.locate.path import GAP_NS
from edge.fusion.locate.result import LocateResult, Row, TagPlace
from edge.fusion.window import Window, whole


@dataclass(frozen=True, slots=True)
class Update:
    """What a window brought: places that may still move, and rows that are final.

    withdrawn : tags that were final elsewhere and are heard better on a board that is final now
    """

    moving: tuple[TagPlace, ...] = ()
    final: tuple[LocateResult, ...] = ()
    withdrawn: tuple[str, ...] = ()


@dataclass(slots=True)
class _Visit:
    """A source at a board: its readings since it came."""

    shelf: str
    last_ns: int
    parts: list[Readings] = field(default_factory=list)


class LocateStream:
    """Push windows in order of time; memory is that of the boards being scanned."""

    def __init__(self, shelves: Mapping[str, float], options: Options | None = None) -> None:
        self._shelves = shelves
        self._options = options or Options()
        self._visits: dict[str, _Visit] = {}
        self._heard: dict[str, tuple[str, float]] = {}

    def push(self, window: Window) -> Update:
        """Take in a window: the places on boards being scanned, and the rows of boards that were left."""
        final: list[LocateResult] = []
        for source in dict.fromkeys(window.poses.sources + window.tags.sources):
            final.extend(self._follow(source, window))
        gone = [s for s, visit in self._visits.items() if window.end_ns - visit.last_ns > GAP_NS]
        final.extend([self._finish(source) for source in gone])
        moving = [self._locate(visit) for visit in self._visits.values()]
        return self._update(moving, final)

    def finish(self) -> Update:
        """The scan is over: every board being scanned is final."""
        return self._update([], [self._finish(source) for source in list(self._visits)])

    def _follow(self, source: str, window: Window) -> list[LocateResult]:
        """Cut the window of one source at every change of board; reads go with the poses before them."""
        poses, tags = _of(window.poses, source), _of(window.tags, source)
        final: list[LocateResult] = []
        if not len(poses):
            if source in self._visits:
                self._visits[source].parts.append(Readings(tags=tags))
            return final
        cuts = np.flatnonzero(np.diff(poses.shelf)) + 1
        edges_ns = [window.start_ns - GAP_NS, *poses.t_ns[cuts].tolist(), window.end_ns + GAP_NS]
        for n, rows in enumerate(np.split(np.arange(len(poses)), cuts)):
            here = take(poses, rows)
            reads = take(tags, (tags.t_ns >= edges_ns[n]) & (tags.t_ns < edges_ns[n + 1]))
            shelf = here.shelves[here.shelf[0]]
            if source in self._visits and self._is_elsewhere(source, shelf, int(here.t_ns[0])):
                final.append(self._finish(source))
            visit = self._visits.setdefault(source, _Visit(shelf, int(here.t_ns[0])))
            visit.last_ns = int(here.t_ns[-1])
            visit.parts.append(Readings(tags=reads, poses=here))
        return final

    def _is_elsewhere(self, source: str, shelf: str, t_ns: int) -> bool:
        visit = self._visits[source]
        return visit.shelf != shelf or t_ns - visit.last_ns > GAP_NS

    def _locate(self, visit: _Visit) -> LocateResult:
        visit.parts[:] = [concat_readings(visit.parts)]
        return locate(whole(visit.parts[0]), self._shelves, self._options)

    def _finish(self, source: str) -> LocateResult:
        return self._locate(self._visits.pop(source))

    def _update(self, moving: list[LocateResult], final: list[LocateResult]) -> Update:
        withdrawn: list[str] = []
        kept = [self._claim(result, withdrawn) for result in final]
        return Update(
            moving=tuple(place for result in moving for place in result.places),
            final=tuple(kept),
            withdrawn=tuple(withdrawn),
        )

    def _claim(self, result: LocateResult, withdrawn: list[str]) -> LocateResult:
        """Leave out tags that were heard better on another board, and take over those that were not."""
        lost: set[str] = set()
        for place in result.places:
            strength = _strength(place)
            shelf, best = self._heard.get(place.epc, (place.shelf, -np.inf))
            if shelf != place.shelf and best >= strength:
                lost.add(place.epc)
                continue
            if shelf != place.shelf:
                withdrawn.append(place.epc)
            self._heard[place.epc] = (place.shelf, max(strength, best if shelf == place.shelf else -np.inf))
        return _without(result, lost)


def _of(columns: Any, source: str) -> Any:
    if source not in columns.sources:
        return take(columns, np.zeros(len(columns), np.bool_))
    return take(columns, columns.source == columns.sources.index(source))


def _strength(place: TagPlace) -> float:
    return float(np.log(max(place.reads, 1)))


def _without(result: LocateResult, lost: set[str]) -> LocateResult:
    """The result without the given tags, ranks closed up."""
    if not lost:
        return result
    rows = tuple(_row_without(row, lost) for row in result.rows)
    rank = {epc: n for row in rows for n, epc in enumerate(row.epcs)}
    places = tuple(replace(p, rank=rank[p.epc]) for p in result.places if p.epc not in lost)
    return replace(result, places=places, rows=rows)


def _row_without(row: Row, lost: set[str]) -> Row:
    keep = np.array([n for n, epc in enumerate(row.epcs) if epc not in lost], np.intp)
    p = np.clip([row.left_of(a, b) for a, b in pairwise(keep.tolist())], 1e-6, 1.0 - 1e-6)
    return Row(
        shelf=row.shelf,
        epcs=tuple(row.epcs[n] for n in keep),
        x_m=row.x_m[keep],
        cov_m2=row.cov_m2[np.ix_(keep, keep)],
        log_odds=np.log(p / (1.0 - p)),
        board_p=row.board_p[keep],
    )
