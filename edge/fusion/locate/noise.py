"""What one read of a reader is worth: its noise, by successive reads of tags that the antenna hardly left.

Two reads of one tag in quick succession differ by noise, and by the direct path's change, which is taken out.
Amplitude is as sure for weak tags as for strong ones; phase is not, so its noise is kept by strength.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.fusion.locate.physics import distance_m, wavenumber
from edge.fusion.locate.port import successive
from edge.fusion.locate.result import Port
from edge.fusion.locate.robust import median
from edge.fusion.locate.tracks import Tracks

NEAR_M: Final = 0.01
SOON_S: Final = 0.1
LEAST_PAIRS: Final = 80
LEVELS: Final = 4
LEAST_SD: Final = (0.008, 0.012)  # of log-amplitude (RSSI in steps) and one-way phase
NAPERS_PER_DB: Final = np.log(10.0) / 40.0  # one way
TO_SD: Final = 1.4826 / np.sqrt(2.0)  # from the median size of a difference of two


@dataclass(frozen=True, slots=True)
class Noise:
    """Deviations of one read: log_amplitude; phase_rad (one way, float64[l]) at rising strengths rssi_dbm."""

    log_amplitude: float
    rssi_dbm: F64
    phase_rad: F64

    def sd(self, amplitude: F64) -> F64:
        """float64[2, k]: of log-amplitude and phase of reads of this one-way amplitude, 10^(RSSI/40)."""
        rssi_dbm = 40.0 * np.log10(np.maximum(amplitude, 1e-9))
        phase = np.interp(rssi_dbm, self.rssi_dbm, self.phase_rad)
        return np.stack([np.full(len(phase), self.log_amplitude), phase])


USUAL: Final = Noise(0.028, np.array([-60.0, -40.0]), np.array([0.06, 0.04]))


def noise_of(tracks: Tracks, rows: Index, ports: Sequence[Port], x_m: F64, depth_m: float) -> Noise:
    """The noise of the reads `rows`; x_m : float64[highest tag + 1], coarse places (NaN: not known).

    The usual noise where too few reads are close enough.
    """
    pairs = successive(tracks, rows)
    a, b = pairs.a, pairs.b
    near = np.abs(tracks.x_m[b] - tracks.x_m[a]) < NEAR_M
    near &= (tracks.t_s[b] - tracks.t_s[a] < SOON_S) & (tracks.port[a] == tracks.port[b])
    near &= np.isfinite(x_m[tracks.tag[a]]) & np.isfinite(tracks.rssi_dbm[a] + tracks.rssi_dbm[b])
    near &= np.isfinite(tracks.f_mhz[a] + tracks.f_mhz[b])
    a, b = a[near], b[near]
    if len(a) < LEAST_PAIRS:
        return USUAL
    rssi_dbm = 0.5 * (tracks.rssi_dbm[a] + tracks.rssi_dbm[b])
    off = _phase_off(tracks, a, b, ports, x_m, depth_m)
    step = tracks.rssi_dbm[b] - tracks.rssi_dbm[a]
    # The mean square, as steps of the RSSI make the median 0; fading hardly moves it over a centimetre.
    amplitude = NAPERS_PER_DB * float(np.sqrt(0.5 * np.mean(step**2)))
    parts = np.array_split(np.argsort(rssi_dbm, kind="stable"), LEVELS)
    return Noise(
        max(amplitude, LEAST_SD[0]),
        np.array([rssi_dbm[part].mean() for part in parts]),
        np.array([max(TO_SD * median(np.abs(off[part])), LEAST_SD[1]) for part in parts]),
    )


def _phase_off(tracks: Tracks, a: Index, b: Index, ports: Sequence[Port], x_m: F64, depth_m: float) -> F64:
    """By how much the later read's one-way phase differs from the earlier's beyond what the path explains."""
    length_m = np.array([port.extra_length_m for port in ports])[tracks.port[a]]
    period = np.where([port.half_turns for port in ports], np.pi, 2.0 * np.pi)[tracks.port[a]]
    there, here = (
        tracks.theta_rad[n]
        - 2.0
        * wavenumber(tracks.f_mhz[n])
        * (distance_m(tracks.x_m[n], tracks.y_m[n] + depth_m, x_m[tracks.tag[n]]) + length_m)
        for n in (a, b)
    )
    turn: F64 = (here - there + 0.5 * period) % period - 0.5 * period
    return 0.5 * turn
