"""The antenna's path: poses into passes along a board, smoothed, and the place at any read's time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.columns import F64, I64, Index, PoseColumns

GAP_NS: Final = 2_000_000_000  # no pose for 2 s means not on a shelf (the contract, clause 1)
TURN_M: Final = 0.05  # a change of direction by less is the encoder's noise
SMOOTH_S: Final = 0.4  # a cart of some kilograms changes its speed no faster
QUIET_M: Final = 0.001  # an encoder below this noise is taken as it is


@dataclass(frozen=True, slots=True)
class Pass:
    """One go of one source along one board in one direction: poses by time, smoothed."""

    source: str
    shelf: str
    t_ns: I64
    x_m: F64
    y_m: F64
    z_m: F64

    @property
    def forward(self) -> bool:
        """Whether the antenna went to the right."""
        return bool(self.x_m[-1] >= self.x_m[0])

    @property
    def span_m(self) -> tuple[float, float]:
        """The leftmost and the rightmost place of the antenna."""
        return float(self.x_m.min()), float(self.x_m.max())


def passes_of(poses: PoseColumns) -> list[Pass]:
    """All passes in order of their start; a single pose makes a pass of its own."""
    found: list[Pass] = []
    for source in np.unique(poses.source):
        rows = np.flatnonzero(poses.source == source)
        rows = rows[np.argsort(poses.t_ns[rows], kind="stable")]
        found.extend(_pass(poses, run) for run in _runs(poses, rows))
    return sorted(found, key=_start_ns)


def _start_ns(one: Pass) -> int:
    return int(one.t_ns[0])


def _runs(poses: PoseColumns, rows: Index) -> Iterator[Index]:
    """The rows cut at every gap and every change of board, then at every turn."""
    cut = (np.diff(poses.t_ns[rows]) > GAP_NS) | (np.diff(poses.shelf[rows]) != 0)
    for run in np.split(rows, np.flatnonzero(cut) + 1):
        yield from np.split(run, turns(poses.x_m[run]))


def turns(x_m: F64) -> list[int]:
    """Where the direction changes by more than TURN_M: indices of the turning points."""
    found: list[int] = []
    low = high = 0
    heading = 0
    for n, x in enumerate(x_m.tolist()):
        low, high = (n if x <= x_m[low] else low), (n if x >= x_m[high] else high)
        if heading >= 0 and x_m[high] - x > TURN_M:
            found, heading, low = [*found, high] if heading else found, -1, n
        elif heading <= 0 and x - x_m[low] > TURN_M:
            found, heading, high = [*found, low] if heading else found, 1, n
    return [n for n in found if n > 0]


def _pass(poses: PoseColumns, rows: Index) -> Pass:
    t_ns, first = np.unique(poses.t_ns[rows], return_index=True)
    rows = rows[first]
    x_m = poses.x_m[rows]
    return Pass(
        source=poses.sources[poses.source[rows[0]]],
        shelf=poses.shelves[poses.shelf[rows[0]]],
        t_ns=t_ns,
        x_m=smoothed(t_ns, x_m),
        y_m=poses.y_m[rows],
        z_m=poses.z_m[rows],
    )


def smoothed(t_ns: I64, x_m: F64) -> F64:
    """The path without the encoder's noise: a local quadratic in time (Savitzky and Golay 1964)."""
    if len(x_m) < 8 or _noise_m(x_m) < QUIET_M:
        return x_m
    t_s = (t_ns - t_ns[0]) * 1e-9
    out = np.empty_like(x_m)
    for n, now in enumerate(t_s):
        lo, hi = np.searchsorted(t_s, [now - SMOOTH_S, now + SMOOTH_S])
        lo, hi = min(lo, max(0, n - 4)), max(hi, min(len(t_s), n + 5))
        out[n] = _local_quadratic(t_s[lo:hi] - now, x_m[lo:hi])
    return out


def _noise_m(x_m: F64) -> float:
    """White noise on a smooth path: third differences have 20 times its variance."""
    return float(np.median(np.abs(np.diff(x_m, 3))) / 0.6745 / np.sqrt(20.0))


def _local_quadratic(t_s: F64, x_m: F64) -> float:
    reach = np.abs(t_s).max() + 1e-9
    weight = np.clip(1.0 - (t_s / reach) ** 2, 0.05, None)
    design = np.stack([np.ones_like(t_s), t_s, t_s * t_s], axis=1) * weight[:, None]
    return float(np.linalg.lstsq(design, x_m * weight, rcond=None)[0][0])
