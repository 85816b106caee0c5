"""Reads on the antenna's path: for each read its pass, port, place and board."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.columns import F64, Index, TagColumns
from edge.fusion.locate.path import Pass


@dataclass(frozen=True, slots=True)
class Tracks:
    """n reads made on a pass, by pass and time: with what the path says of each.

    port, leg, tag : intp[n]; `leg` points into the passes, `port` into `ports`
    x_m, y_m : float64[n], the antenna's place
    theta_rad, f_mhz, rssi_dbm : float64[n], as read (NaN: unknown)
    """

    port: Index
    leg: Index
    tag: Index
    x_m: F64
    y_m: F64
    theta_rad: F64
    f_mhz: F64
    rssi_dbm: F64
    t_s: F64
    ports: tuple[tuple[str, int], ...]

    def __len__(self) -> int:
        return len(self.tag)

    def on(self, legs: Index) -> Index:
        """The reads that were made on these passes."""
        low, high = np.searchsorted(self.leg, legs), np.searchsorted(self.leg, legs, side="right")
        return np.concatenate([np.arange(*ends) for ends in zip(low, high, strict=True)] or [legs[:0]])


def follow(tags: TagColumns, passes: Sequence[Pass]) -> Tracks:
    """The reads of `tags` (by time) that fall on one of the passes of their source."""
    return _tracks(tags, *_on(tags, passes))


def _on(tags: TagColumns, passes: Sequence[Pass]) -> tuple[Index, Index, F64]:
    """The reads on passes: which, on which pass, and where (float64[2, n])."""
    rows = [_reads_of(tags, one) for one in passes]
    count = np.array([len(row) for row in rows], np.intp)
    place = np.empty((2, count.sum()))
    for one, row, end in zip(passes, rows, np.cumsum(count), strict=True):
        place[:, end - len(row) : end] = _place(one, tags.t_ns[row])
    return np.concatenate([np.empty(0, np.intp), *rows]), np.repeat(np.arange(len(passes)), count), place


def _reads_of(tags: TagColumns, one: Pass) -> Index:
    if one.source not in tags.sources:
        return np.empty(0, np.intp)
    lo, hi = np.searchsorted(tags.t_ns, [one.t_ns[0], one.t_ns[-1] + 1])
    source = tags.sources.index(one.source)
    found: Index = lo + np.flatnonzero(tags.source[lo:hi] == source)
    return found


def _place(one: Pass, t_ns: np.ndarray[tuple[int], np.dtype[np.int64]]) -> F64:
    t_s, at_s = (one.t_ns - one.t_ns[0]) * 1e-9, (t_ns - one.t_ns[0]) * 1e-9
    return np.stack([np.interp(at_s, t_s, v) for v in (one.x_m, one.y_m)])


def _tracks(tags: TagColumns, row: Index, leg: Index, place: F64) -> Tracks:
    port, ports = _ports(tags, row)
    start_ns = int(tags.t_ns[0]) if len(tags) else 0
    return Tracks(
        port=port,
        leg=leg.astype(np.intp, copy=False),
        tag=tags.tag[row],
        x_m=place[0],
        y_m=place[1],
        theta_rad=tags.phase_rad[row],
        f_mhz=tags.freq_mhz[row],
        rssi_dbm=tags.rssi_dbm[row],
        t_s=((tags.t_ns[row] - start_ns) * 1e-9).astype(np.float64, copy=False),
        ports=ports,
    )


def _ports(tags: TagColumns, row: Index) -> tuple[Index, tuple[tuple[str, int], ...]]:
    """The port of each read, and the ports: source and antenna."""
    antenna = tags.antenna[row]
    antennas = np.unique(antenna)
    many = max(1, len(antennas))
    pair = tags.source[row] * many + np.searchsorted(antennas, antenna)
    known = np.unique(pair)
    ports = tuple((tags.sources[s], int(antennas[a])) for s, a in np.stack(divmod(known, many), axis=1))
    return np.searchsorted(known, pair).astype(np.intp, copy=False), ports
