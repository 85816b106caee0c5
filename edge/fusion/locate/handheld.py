"""Hand-held, without an encoder: the order in which the antenna passed the tags, from phase and time alone.

A tag's phase falls while the antenna comes near and rises afterwards: the V-zone (STPP, NSDI 2015). Its
minimum is a time, not a place: with a steady hand the times are in the order of the books; how fast the
hand went is not known, so no place is claimed. Label tags with known places turn times into places between
them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.columns import F64, Index, TagColumns
from edge.fusion.locate.order import neighbour_log_odds

MIN_READS: Final = 8
HALF_ZONE_S: Final = 1.0
WEIGHT_PER_DB: Final = 0.23  # ln(10)/10


@dataclass(frozen=True, slots=True)
class TimeOrder:
    """Tags in the order they were passed: when, how sure, and the odds of every two neighbours."""

    source: str
    epcs: tuple[str, ...]
    t_s: F64
    t_sd_s: F64
    log_odds: F64


def time_orders(tags: TagColumns) -> tuple[TimeOrder, ...]:
    """One order for each source, of the tags with enough reads."""
    return tuple(_order(tags, n) for n in np.unique(tags.source).tolist())


def _order(tags: TagColumns, source: int) -> TimeOrder:
    rows = np.flatnonzero(tags.source == source)
    rows = rows[np.argsort(tags.tag[rows], kind="stable")]
    ids, start, count = np.unique(tags.tag[rows], return_index=True, return_counts=True)
    enough = count >= MIN_READS
    passed = [_closest(tags, rows[s : s + n]) for s, n in zip(start[enough], count[enough], strict=True)]
    t_s, sd_s = np.array(passed, np.float64).reshape(-1, 2).T
    order = np.argsort(t_s, kind="stable")
    odds = neighbour_log_odds(t_s, np.diag(sd_s**2), order) if len(order) > 1 else np.empty(0)
    epcs = tuple(tags.epcs[tag] for tag in ids[enough][order])
    return TimeOrder(tags.sources[source], epcs, t_s[order], sd_s[order], odds)


def _closest(tags: TagColumns, rows: Index) -> tuple[float, float]:
    """When one tag was nearest, and the sd: by its RSSI, and by its V-zone where phases allow it."""
    t_s = (tags.t_ns[rows] - tags.t_ns[0]) * 1e-9
    loud = np.nan_to_num(tags.rssi_dbm[rows], nan=-60.0)
    weight = np.exp(WEIGHT_PER_DB * (loud - loud.max()))
    middle = float(np.average(t_s, weights=weight))
    spread = float(np.sqrt(np.average((t_s - middle) ** 2, weights=weight)))
    vertex = _vertex(tags, rows, t_s, middle)
    if vertex is not None:
        return vertex
    return middle, max(0.5 * spread, 0.05)


def _vertex(tags: TagColumns, rows: Index, t_s: F64, middle: float) -> tuple[float, float] | None:
    """The minimum of a parabola through the unwrapped phase near `middle`, on the channel most read."""
    f_mhz = tags.freq_mhz[rows]
    known = np.isfinite(f_mhz) & np.isfinite(tags.phase_rad[rows]) & (np.abs(t_s - middle) < HALF_ZONE_S)
    if not known.any():
        return None
    channels, count = np.unique(f_mhz[known], return_counts=True)
    here = known & (f_mhz == channels[count.argmax()])
    if here.sum() < MIN_READS:
        return None
    since = t_s[here] - middle
    phase = np.unwrap(tags.phase_rad[rows][here])
    a, b, c = np.polyfit(since, phase, 2)
    vertex = -b / (2.0 * a) if a > 0 else np.inf
    if abs(vertex) > HALF_ZONE_S:
        return None
    left = float(np.std(phase - np.polyval([a, b, c], since)))
    return middle + float(vertex), max(left / (2.0 * a * np.sqrt(len(since))), 0.02)


def places_between(order: TimeOrder, labels_m: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Places (x and sd in m) of the tags between two label tags, the hand taken as steady between them."""
    known = [(t, labels_m[epc]) for epc, t in zip(order.epcs, order.t_s, strict=True) if epc in labels_m]
    if len(known) < 2:
        return {}
    at_s, at_m = np.array(known).T
    speed = np.gradient(at_m, at_s) if len(known) > 2 else np.full(2, np.diff(at_m)[0] / np.diff(at_s)[0])
    found: dict[str, tuple[float, float]] = {}
    for epc, t, sd in zip(order.epcs, order.t_s, order.t_sd_s, strict=True):
        if epc not in labels_m and at_s[0] <= t <= at_s[-1]:
            x_m = float(np.interp(t, at_s, at_m))
            to_label = float(np.abs(at_m - x_m).min())
            # A hand's speed varies by a fifth between labels.
            found[epc] = x_m, float(np.hypot(sd * abs(np.interp(t, at_s, speed)), 0.2 * to_label))
    return found
