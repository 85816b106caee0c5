"""Hand-held, without an encoder: the order in which the antenna passed the tags, from phase and time alone.

Each leg is located as a pass is, at its own pace (`sweeps`). What comes out are no places, as nobody knows
where the hand was: tags are told in the order they were passed. Legs that pass the same tags, there and back
or sweep after sweep, are laid over one another by them and located together. Label tags with known places
turn the order into places between them, and tell which way the hand went.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from edge.columns import F64, PoseColumns, concat
from edge.fusion.locate import locate
from edge.fusion.locate.options import Options
from edge.fusion.locate.overlay import line, places
from edge.fusion.locate.result import LocateResult, Method, TagPlace
from edge.fusion.locate.sweeps import Leg, paced, path, sweeps_of
from edge.fusion.locate.turning import ways_of
from edge.fusion.window import Window

WANDER: Final = 0.2  # a hand's pace varies by a fifth between labels
Labels = Mapping[str, tuple[str, float]]


def locate_by_time(window: Window, labels: Labels, options: Options) -> LocateResult:
    """Tags in the order in which they were passed, one row a shelf; the poses in `window` are not looked at.

    `labels` maps an EPC to (board, place in m). A place is NaN, and the board "", where two labels of one
    board do not tell them. Without labels, ranks count from the tag that was passed first.
    """
    few = replace(options, coupling=False, echoes=False, ends=False, zeros=False)
    sweeps = [paced(window, rows, few) for rows in sweeps_of(window.tags)]
    legs = [leg for sweep in sweeps for leg in ways_of(window, sweep, few)]
    found = locate(replace(window, poses=_laid_over(window, legs, few)), {}, options)
    names = dict.fromkeys(place.shelf for place in found.places)
    told = [_told([p for p in found.places if p.shelf == name], labels) for name in names]
    return replace(found, places=tuple(place for row in told for place in row), rows=())


def _laid_over(window: Window, legs: Sequence[Leg], options: Options) -> PoseColumns:
    """The path of all legs; those along one row on one board, in the frame of the row's first."""
    rows: list[dict[str, float]] = []
    paths: list[PoseColumns] = []
    for leg in legs:
        own_m = places(window, leg, options) if len(legs) > 1 else {}
        lines = ((n, found) for n, row in enumerate(rows) if (found := line(own_m, row)) is not None)
        n, (start_m, scale) = next(lines, (len(rows), (0.0, 1.0)))
        if n == len(rows):
            rows.append({})
        rows[n] = {epc: start_m + scale * x_m for epc, x_m in own_m.items()} | rows[n]
        paths.append(path(window.tags, leg, f"sweep {n + 1}", start_m, scale))
    return concat(paths, PoseColumns)


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
