"""The antenna's path: poses into passes along a board, smoothed, and the place at any read's time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.columns import F64, I64, Index, PoseColumns

GAP_NS: Final = 2_000_000_000  # no pose for 2 s means not on a shelf (the contract, clause 1)
TURN_M: Final = 0.05  # a change of direction by less is the encoder's noise
SMOOTH_S: Final = 0.4  # a cart of some kilograms changes its speed no faster
FASTEST_M_S: Final = 3.0  # no cart and no hand swings an antenna faster
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
    """The rows cut at every gap and every change of board, then at every turn; without strays."""
    cut = (np.diff(poses.t_ns[rows]) > GAP_NS) | (np.diff(poses.shelf[rows]) != 0)
    for run in np.split(rows, np.flatnonzero(cut) + 1):
        run = run[~strays(poses.t_ns[run], poses.x_m[run])]
        yield from np.split(run, turns(poses.x_m[run]))


def strays(t_ns: I64, x_m: F64) -> NDArray[np.bool_]:
    """Which poses leap away from the one before and back to the next, faster than anything goes."""
    leap = np.diff(x_m)
    is_fast = np.abs(leap) > FASTEST_M_S * 1e-9 * np.diff(t_ns) + TURN_M
    back = is_fast[:-1] & is_fast[1:] & (leap[:-1] * leap[1:] < 0)
    return np.concatenate([[False], back, [False]])[: len(x_m)]


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
        y_m=smoothed(t_ns, poses.y_m[rows]),
        z_m=poses.z_m[rows],
    )


def smoothed(t_ns: I64, x_m: F64) -> F64:
    """The path without the encoder's noise: a local quadratic in time (Savitzky and Golay 1964)."""
    if len(x_m) < 8 or _noise_m(x_m) < QUIET_M:
        return x_m
    t_s = (t_ns - t_ns[0]) * 1e-9
    n = np.arange(len(t_s))
    low = np.minimum(np.searchsorted(t_s, t_s - SMOOTH_S), np.maximum(0, n - 4))
    high = np.maximum(np.searchsorted(t_s, t_s + SMOOTH_S), np.minimum(len(t_s), n + 5))
    near = low[:, None] + np.arange(int((high - low).max()))[None, :]
    inside = near < high[:, None]
    near = np.minimum(near, len(t_s) - 1)
    return _local_quadratic(t_s[near] - t_s[:, None], x_m[near], inside)


def _noise_m(x_m: F64) -> float:
    """White noise on a smooth path: third differences have 20 times its variance."""
    return float(np.median(np.abs(np.diff(x_m, 3))) / 0.6745 / np.sqrt(20.0))


def _local_quadratic(since_s: F64, x_m: F64, inside: NDArray[np.bool_]) -> F64:
    """The value at 0 of each row's weighted parabola: since_s, x_m, inside are [n, m]."""
    reach = np.where(inside, np.abs(since_s), 0.0).max(axis=1, keepdims=True) + 1e-9
    weight = np.where(inside, np.clip(1.0 - (since_s / reach) ** 2, 0.05, None), 0.0) ** 2
    power = np.stack([(since_s / reach) ** p for p in range(3)], axis=-1)
    left = np.einsum("nmp,nm,nmq->npq", power, weight, power)
    right = np.einsum("nmp,nm,nm->np", power, weight, x_m)
    fitted: F64 = np.linalg.solve(left, right[:, :, None])[:, 0, 0]
    return fitted
