"""What the baselines share: each tag's reads on its best board, by place of the antenna."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from edge.columns import F64
from edge.fusion.locate.board import choose_boards
from edge.fusion.locate.options import Options
from edge.fusion.locate.path import passes_of
from edge.fusion.locate.port import calibrate
from edge.fusion.locate.tracks import follow
from edge.fusion.window import Window

C_M_MHZ = 299.792458
BIN_M = 0.02


@dataclass(frozen=True, slots=True)
class TagReads:
    """One tag's reads on its board, by time; `fold` is 2 where phases are known modulo π only."""

    epc: str
    shelf: str
    x_m: F64
    y_m: float
    rssi_dbm: F64
    theta_rad: F64
    f_mhz: F64
    fold: int
    low_m: float
    high_m: float


Method = Callable[[TagReads], float]


def tag_reads(window: Window) -> Iterator[TagReads]:
    """All tags that were read on a pass."""
    passes = passes_of(window.poses)
    if not passes:
        return
    tracks = follow(window.tags, passes)
    boards = choose_boards(tracks, passes, len(window.tags.epcs))
    ports = [calibrate(tracks, n) for n in range(len(tracks.ports))]
    fold = 2 if any(port.half_turns for port in ports) else 1
    shelf_of_leg = np.array([boards.shelves.index(one.shelf) for one in passes])
    for tag in np.flatnonzero(boards.best >= 0):
        board = int(boards.best[tag])
        rows = np.flatnonzero((tracks.tag == tag) & (shelf_of_leg[tracks.leg] == board))
        spans = [one.span_m for one in passes if one.shelf == boards.shelves[board]]
        yield TagReads(
            epc=window.tags.epcs[tag],
            shelf=boards.shelves[board],
            x_m=tracks.x_m[rows],
            y_m=float(np.median(tracks.y_m[rows])) + 0.5 * Options().depth_m,
            rssi_dbm=tracks.rssi_dbm[rows],
            theta_rad=tracks.theta_rad[rows],
            f_mhz=tracks.f_mhz[rows],
            fold=fold,
            low_m=min(span[0] for span in spans),
            high_m=max(span[1] for span in spans),
        )


def profiles(one: TagReads) -> Iterator[tuple[float, F64, F64, F64]]:
    """For each channel: its frequency, bins' places, mean phases (folded) and mean amplitudes."""
    for f_mhz in np.unique(one.f_mhz):
        here = one.f_mhz == f_mhz
        cell = np.floor(one.x_m[here] / BIN_M).astype(int)
        cells, place = np.unique(cell, return_inverse=True)
        count = np.bincount(place)
        turn = one.fold * one.theta_rad[here]
        z = np.bincount(place, np.cos(turn)) + 1j * np.bincount(place, np.sin(turn))
        x_m = np.bincount(place, one.x_m[here]) / count
        size = np.bincount(place, 10.0 ** (one.rssi_dbm[here] / 20.0)) / count
        if len(cells) > 2:
            yield float(f_mhz), x_m, np.angle(z), size
