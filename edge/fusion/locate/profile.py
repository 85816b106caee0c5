"""Profiles: what one pass saw of each tag, as samples of the one-way field along the antenna's path.

The round trip squares the one-way field h, so RSSI gives |h| = 10^(rssi/40), and the phase gives arg h =
-θ/2 up to a sign; where phases are known modulo π only, up to a power of j. Reads of all channels in one
bin become one sample at the port's middle frequency: each read's phase is first freed of what its own
frequency and place (within the bin, and across as the cart weaves) would give for the tag's coarse place, and
that is put back for the bin's middle on the pass's median line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.columns import F64, Index
from edge.fusion.locate.options import Options
from edge.fusion.locate.physics import distance_m, wavenumber
from edge.fusion.locate.result import Port
from edge.fusion.locate.robust import held
from edge.fusion.locate.tracks import Tracks

C128 = NDArray[np.complex128]
USUAL_MHZ: Final = 915.0  # where a recording keeps its frequencies to itself
USUAL_DBM: Final = -55.0


@dataclass(frozen=True, slots=True)
class Profile:
    """Samples of n tags in k bins of one pass and port.

    x_m : float64[k], the bins' middles; y_m : the antenna's distance to the spines; f_mhz : the middle
    frequency
    h : complex128[n, k], one-way field, a root of unity of order 2·`fold` unknown; 0 where nothing was read
    count : float64[n, k], reads; fold : 1, or 2 where phases are known modulo π
    """

    x_m: F64
    y_m: float
    f_mhz: float
    h: C128
    count: F64
    fold: int

    @property
    def root(self) -> float:
        """The angle by which a sample's phase may be off, any number of times: π, or π/2."""
        return float(np.pi / self.fold)


def profile(
    tracks: Tracks, rows: Index, port: Port, local: Index, coarse: F64, bin_m: float, level: bool = False
) -> Profile:
    """The profile of one pass and port.

    rows : reads with known phase; local : intp[len(tracks.tag ids)], a tag's place in the profile, -1 if
    not in it
    coarse : float64[n, 2], each tag's coarse x and its distance from the antenna's line
    level : whether amplitudes, too, are freed of what a read's own place gives
    """
    fold = 2 if port.half_turns else 1
    tag = local[tracks.tag[rows]]
    f_mhz = np.where(np.isnan(tracks.f_mhz[rows]), USUAL_MHZ, tracks.f_mhz[rows])
    middle_mhz = float(np.median(f_mhz))
    low = float(tracks.x_m[rows].min())
    cell = ((tracks.x_m[rows] - low) / bin_m).astype(np.intp)
    n, k = len(coarse), int(cell.max()) + 1
    x_m: F64 = (low + (np.arange(k) + 0.5) * bin_m).astype(np.float64)
    x0, line = coarse[tag, 0], coarse[tag, 1]
    y_m = float(np.median(tracks.y_m[rows]))
    weave = tracks.y_m[rows] - y_m
    here = wavenumber(f_mhz) * (distance_m(tracks.x_m[rows], line + weave, x0) + port.extra_length_m)
    there = wavenumber(middle_mhz) * (distance_m(x_m[cell], line, x0) + port.extra_length_m)
    turn = float(fold) * (tracks.theta_rad[rows] - 2.0 * (here - there))
    flat = tag * k + cell
    count = np.bincount(flat, minlength=n * k).astype(np.float64)
    amplitude = 10.0 ** (np.nan_to_num(tracks.rssi_dbm[rows], nan=USUAL_DBM) / 40.0)
    if level:
        amplitude *= loudness(x_m[cell] - x0, line) / loudness(tracks.x_m[rows] - x0, line + weave)
    size = np.bincount(flat, amplitude, n * k) / np.maximum(count, 1.0)
    angle = np.arctan2(np.bincount(flat, np.sin(turn), n * k), np.bincount(flat, np.cos(turn), n * k))
    h: C128 = (size * np.exp(-0.5j * angle / fold)).astype(np.complex128)
    return Profile(
        x_m=x_m,
        y_m=y_m,
        f_mhz=middle_mhz,
        h=h.reshape(n, k),
        count=count.reshape(n, k),
        fold=fold,
    )


def loudness(ahead_m: F64, line_m: F64) -> F64:
    """|h| of a direct path through a patch antenna: the squared cosine of the angle, over the distance."""
    size: F64 = line_m**2 / np.hypot(ahead_m, line_m) ** 3
    return size


def continuous(one: Profile, coarse_x_m: F64) -> Profile:
    """The same profile with every tag's samples on the roots of unity that make its phase run on smoothly.

    The phase is followed along the path after the direct path from the coarse place is taken out, which
    leaves only what multipath and coupling turn.
    """
    d = distance_m(one.x_m[None, :], np.array(one.y_m), coarse_x_m[:, None])
    direct = np.exp(-1j * wavenumber(one.f_mhz) * d)
    turned = one.h * direct.conj()
    seen = one.count > 0
    smooth = np.unwrap(held(np.angle(turned), seen), period=one.root, axis=1)
    return replace(one, h=np.where(seen, np.abs(turned) * np.exp(1j * smooth) * direct, 0.0))


def profiles_of(
    tracks: Tracks,
    rows: Index,
    tags: Index,
    ports: Sequence[Port],
    x_m: F64,
    options: Options,
    level: bool = False,
) -> list[Profile]:
    """One profile for each pass and port among `rows`; `level` as in `profile`."""
    local = np.full(max(int(tracks.tag[rows].max(initial=0)), int(tags.max())) + 1, -1, np.intp)
    local[tags] = np.arange(len(tags))
    rows = rows[local[tracks.tag[rows]] >= 0]
    found = []
    of_pass = tracks.leg[rows] * len(ports) + tracks.port[rows]
    for one in np.unique(of_pass):
        part, port = rows[of_pass == one], int(one % len(ports))
        line = np.full(len(tags), float(np.median(tracks.y_m[part])) + options.depth_m)
        coarse = np.stack([x_m, line], axis=1)
        found.append(profile(tracks, part, ports[port], local, coarse, options.bin_m, level))
    return found
