"""Each port calibrated from its own reads: half-turn flips, and the electrical length that hopping shows.

θ(f) = (4πf(d + L0)/c + θ_tag + πb) mod 2π: two successive reads of a tag on different channels, the antenna
hardly moved in between, differ by 4πΔf(d + L0)/c. L0 is where the periodogram of all such pairs peaks.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.fusion.locate.physics import C_M_MHZ
from edge.fusion.locate.result import Port
from edge.fusion.locate.tracks import Tracks

STILL_M: Final = 0.012  # phase moves by less than 0.5 rad over it, to either side
SAME_S: Final = 0.1
LENGTHS_M: Final = (-5.0, 80.0)
FEW_FLIPS: Final = 0.02  # of successive phases; readers that keep the half turn show none
_MIN_PAIRS: Final = 8
_EIGHTH: Final = np.cos(np.pi / 4.0)  # of an eighth of a turn


@dataclass(frozen=True, slots=True)
class Pairs:
    """Successive reads of one tag on one pass and port: indices of the earlier and the later."""

    a: Index
    b: Index


def successive(tracks: Tracks, rows: Index) -> Pairs:
    """All pairs of successive reads of a tag with known phases among `rows`."""
    rows = rows[np.isfinite(tracks.theta_rad[rows])]
    order = rows[np.lexsort((tracks.t_s[rows], tracks.tag[rows], tracks.leg[rows]))]
    a, b = order[:-1], order[1:]
    same = (tracks.tag[a] == tracks.tag[b]) & (tracks.leg[a] == tracks.leg[b])
    return Pairs(a[same], b[same])


def calibrate(tracks: Tracks, port: int, lengths: bool = True, half_turns: bool = True) -> Port:
    """What the reads of one port say about it."""
    rows = np.flatnonzero(tracks.port == port)
    pairs = successive(tracks, rows)
    flip_share = _flip_share(tracks, pairs)
    is_half = half_turns and flip_share > FEW_FLIPS
    source, antenna = tracks.ports[port]
    return Port(
        source=source,
        antenna=antenna,
        half_turns=is_half,
        flip_share=flip_share,
        extra_length_m=_length_m(tracks, pairs, 2 if is_half else 1) if lengths else 0.0,
        channels=len(np.unique(tracks.f_mhz[rows][np.isfinite(tracks.f_mhz[rows])])),
        reads=len(rows),
    )


def _flip_share(tracks: Tracks, pairs: Pairs) -> float:
    """How often the phase steps by about π on one channel in quick succession, beyond what noise does.

    Noise that reaches π/4 to 3π/4 reaches half as many steps of the quarter turns around 0 and around π.
    """
    near = (tracks.t_s[pairs.b] - tracks.t_s[pairs.a] < SAME_S) & _still(tracks, pairs)
    near &= tracks.f_mhz[pairs.a] == tracks.f_mhz[pairs.b]
    step = np.cos(tracks.theta_rad[pairs.b] - tracks.theta_rad[pairs.a])[near]
    kept, turned = int((step > _EIGHTH).sum()), int((step < -_EIGHTH).sum())
    between = len(step) - kept - turned
    if len(step) < _MIN_PAIRS or kept + turned <= between:
        return 0.0
    return float(np.clip((turned - 0.5 * between) / (kept + turned - between), 0.0, 0.5))


def _still(tracks: Tracks, pairs: Pairs) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    moved: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        np.abs(tracks.x_m[pairs.b] - tracks.x_m[pairs.a]) < STILL_M
    )
    return moved


def _length_m(tracks: Tracks, pairs: Pairs, times: int) -> float:
    hop = _still(tracks, pairs) & (np.abs(tracks.f_mhz[pairs.b] - tracks.f_mhz[pairs.a]) > 1e-6)
    a, b = pairs.a[hop], pairs.b[hop]
    if len(a) < _MIN_PAIRS:
        return 0.0
    df_mhz = tracks.f_mhz[b] - tracks.f_mhz[a]
    step = times * (tracks.theta_rad[b] - tracks.theta_rad[a])
    spread = np.abs(df_mhz).max()
    lengths = np.arange(*LENGTHS_M, C_M_MHZ / (4.0 * np.pi * times * spread) * 0.5)
    turn = 4.0 * np.pi * times / C_M_MHZ
    power = _periodogram(step, turn * df_mhz, lengths)
    best = _peak(lengths, power)
    return best - float(np.median(np.hypot(tracks.y_m[a], 0.25)))


def _periodogram(step: F64, per_m: F64, lengths: F64) -> F64:
    keep = slice(None, None, max(1, len(step) // 4000))
    unit = np.exp(1j * step[keep])
    power: F64 = np.array(
        [float((unit * np.exp(-1j * per_m[keep] * length)).real.sum()) for length in lengths]
    )
    return power


def _peak(grid: F64, value: F64) -> float:
    """The maximum on an even grid, between its points by a parabola."""
    n = int(value.argmax())
    if not 0 < n < len(grid) - 1:
        return float(grid[n])
    left, mid, right = value[n - 1 : n + 2]
    bend = left - 2.0 * mid + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(grid[n] + shift * (grid[1] - grid[0]))
