"""One board: from its reads to the joint posterior of its tags' places."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.fusion.locate.among import place_among_echoes
from edge.fusion.locate.blocks import by_themselves, solve_row_jointly
from edge.fusion.locate.columns import may_be_columns, place_in_columns
from edge.fusion.locate.coupled import NEVER, Prior
from edge.fusion.locate.coupling import Joint
from edge.fusion.locate.fallback import window_place
from edge.fusion.locate.hologram import coarse_places
from edge.fusion.locate.noise import noise_of
from edge.fusion.locate.options import Options
from edge.fusion.locate.order import crowding_m, shared_m2, unexplained_m2
from edge.fusion.locate.own import Own
from edge.fusion.locate.profile import Profile, profiles_of
from edge.fusion.locate.result import Method, Port
from edge.fusion.locate.single import Placed, place_singly
from edge.fusion.locate.tracks import Tracks

MIN_PHASE_READS = 6
ECHO_BIN_M: Final = 0.015  # near nulls echoes turn phases by a radian over little more
# Multipath shifts a fit of the whole field and a hologram of differences unlike: both together err less.
HOLOGRAM_SHARE: Final = 1.0 / 3.0


@dataclass(frozen=True, slots=True)
class Solved:
    """The posterior of one board's tags: places, covariance, what each rests on; of how many boards.

    held : float64[n], P(both neighbours are on the sides where found); NaN where no row was drawn
    own : what each tag's own reads say of its place; None where that is not known apart from others
    """

    tags: Index
    x_m: F64
    cov_m2: F64
    methods: tuple[Method, ...]
    joint: Joint | None
    held: F64
    boards: int = 1
    own: tuple[Own | None, ...] = ()

    def moved(self, corrected: Callable[[F64], F64]) -> "Solved":
        """The same with all places as `corrected` has them."""
        own = tuple(one and one.at(corrected(np.array(one.start_m))) for one in self.own)
        return replace(self, x_m=corrected(self.x_m), own=own)


@dataclass(frozen=True, slots=True)
class _ByPhase:
    """Of the tags that phase places: as `Solved`."""

    x_m: F64
    cov_m2: F64
    joint: Joint | None = None
    boards: int = 1
    held: F64 | None = None
    own: tuple[Own, ...] | None = None


def solve_row(
    tracks: Tracks,
    rows: Index,
    tags: Index,
    ports: Sequence[Port],
    options: Options,
    length_m: float | None = None,
    near_m: F64 | None = None,
) -> Solved:
    """Places of `tags` from the reads `rows` (all made on passes of this board, as long as is told).

    near_m : float64[len(tags)], where they should stand by what else is known, NaN where nothing is
    """
    phased = rows[np.isfinite(tracks.theta_rad[rows])]
    reads = np.bincount(tracks.tag[phased], minlength=int(tags.max()) + 1)[tags]
    by_phase = tags[reads >= MIN_PHASE_READS]
    x_m, sd_m = np.zeros(len(tags)), np.zeros(len(tags))
    others = reads < MIN_PHASE_READS
    if others.any():
        x_m[others], sd_m[others] = _windows(tracks, rows, tags[others])
    cov = np.diag(sd_m**2)
    joint, boards, held = None, 1, np.full(len(tags), np.nan)
    own: list[Own | None] = [None] * len(tags)
    if len(by_phase):
        place = np.flatnonzero(~others)
        near = None if near_m is None else near_m[place]
        found = _solve_phase(tracks, phased, by_phase, ports, options, length_m, near)
        x_m[place], cov[np.ix_(place, place)] = found.x_m, found.cov_m2
        joint, boards = found.joint, found.boards
        held[place] = np.nan if found.held is None else found.held
        for n, one in zip(place, found.own or (), strict=False):
            own[n] = one
    methods = tuple(Method.PHASE if n >= MIN_PHASE_READS else Method.RSSI for n in reads)
    return Solved(tags, x_m, cov, methods, joint, held, boards, tuple(own))


def _windows(tracks: Tracks, rows: Index, tags: Index) -> tuple[F64, F64]:
    found = []
    ends_m = float(tracks.x_m[rows].min()), float(tracks.x_m[rows].max())
    order = rows[np.argsort(tracks.tag[rows], kind="stable")]
    edges = np.searchsorted(tracks.tag[order], np.stack([tags, tags + 1]))
    for lo, hi in edges.T:
        one = order[lo:hi]
        found.append(window_place(tracks.x_m[one], tracks.rssi_dbm[one], ends_m))
    places = np.array(found).reshape(-1, 2)
    return places[:, 0].copy(), places[:, 1].copy()


def _solve_phase(
    tracks: Tracks,
    rows: Index,
    tags: Index,
    ports: Sequence[Port],
    options: Options,
    length_m: float | None,
    near_m: F64 | None,
) -> _ByPhase:
    """Places and their covariance from phase, and the joint solution where the row couples."""
    low, high = float(tracks.x_m[rows].min()), float(tracks.x_m[rows].max())
    middle = np.full(len(tags), 0.5 * (low + high))
    first = coarse_places(profiles_of(tracks, rows, tags, ports, middle, options), low, high, options)
    if not options.refine:
        return _ByPhase(first.x_m, np.diag(first.sd_m**2 + crowding_m(first.x_m) ** 2))
    profiles = profiles_of(tracks, rows, tags, ports, first.x_m, options)
    alone = place_singly(profiles, first, options)
    if length_m is not None and options.echoes:
        coarse = replace(options, bin_m=ECHO_BIN_M)
        few = profiles_of(tracks, rows, tags, ports, alone.peak_m, coarse, level=True)
        known_m = np.full(int(tracks.tag[rows].max()) + 1, np.nan)
        known_m[tags] = alone.peak_m
        noise = noise_of(tracks, rows, ports, known_m, options.depth_m)
        among = place_among_echoes(few, alone.peak_m, length_m, options, noise, near_m)
        if among is not None:
            return _ByPhase(among.x_m, np.diag(among.sd_m**2), held=among.held, own=among.own)
    x_m = alone.peak_m + HOLOGRAM_SHARE * (first.x_m - alone.peak_m)
    cov = np.diag(alone.sd_m**2 + crowding_m(x_m) ** 2) + unexplained_m2(x_m, alone.misfit)
    if not options.coupling:
        return _ByPhase(x_m, cov)
    joint = _coupled(profiles, [alone.peak_m, first.x_m], by_themselves(x_m, cov), options)
    if joint is not None:
        return _ByPhase(joint.x_m, joint.cov_m2, joint)
    return _in_columns(profiles, alone, (low, high), options) or _ByPhase(x_m, cov)


def _in_columns(
    profiles: Sequence[Profile], alone: Placed, ends_m: tuple[float, float], options: Options
) -> _ByPhase | None:
    """Places and their covariance where boards stand above one another."""
    if not options.columns or not may_be_columns(alone.peak_m, alone.misfit):
        return None
    across_m = coarse_places(profiles, *ends_m, options, across=True).x_m
    found = place_in_columns(profiles, alone.peak_m, across_m, _prior(options))
    if found is None:
        return None
    return _ByPhase(found.x_m, shared_m2(found.x_m, found.sd_m), boards=found.boards)


def _coupled(
    profiles: Sequence[Profile], starts: Sequence[F64], alone: Joint, options: Options
) -> Joint | None:
    return solve_row_jointly(profiles, starts, alone, _prior(options), widely=options.search)


def _prior(options: Options) -> Prior:
    usual = Prior()
    return replace(
        usual,
        spacing_share=usual.spacing_share if options.evenness else np.inf,
        flip=usual.flip if options.signs else NEVER,
    )
