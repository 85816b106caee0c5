"""The encoder's zero of every board, against those of the boards above and below.

A cart sets its encoder to 0 at each board's end, and misses it by up to a centimetre or two: the whole row
moves. Its antenna hears tags of the next tiers, too. Where such a tag comes out on two boards' paths differs
by the two zeros, and by errors that have nothing to do with the boards: the median over a pair's tags tells
the difference. How much zeros vary is not known, so ERRORS_M are all tried, each as likely as it makes what
is seen (an average over models). Boards that no pair ties together stay as they are.

What a row's own echoes say of its ends was tried as well: on simulated shelves it goes the wrong way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.fusion.locate.cut import Cut
from edge.fusion.locate.hologram import coarse_places
from edge.fusion.locate.profile import profiles_of
from edge.fusion.locate.result import Zero
from edge.fusion.locate.robust import median_and_sd

MIN_READS: Final = 20
MOST_TAGS: Final = 32  # of other boards, that one board's passes are asked for
LEAST_TAGS: Final = 5
SAME_BAY_M: Final = 0.12  # farther apart, two boards' places are not of one tag's
LEAST_SHARE: Final = 0.6
LEAST_SPREAD_M: Final = 0.015
TIER_DEPTHS_M: Final = np.array([0.0, 0.05, 0.1, 0.15, 0.2])  # a tier aside is farther off
TIER_DEPTH_SD_M: Final = 0.15
ERRORS_M: Final = (0.0005, 0.002, 0.004, 0.008, 0.015)


@dataclass(frozen=True, slots=True)
class Pair:
    """Tags of board `own` come out by x_m farther to the right on the passes of board `other`."""

    own: int
    other: int
    x_m: float
    sd_m: float
    tags: int


def zeros_of(pairs: Sequence[Pair], shelves: Sequence[str]) -> dict[str, Zero]:
    """The zeros that explain the pairs' differences, of the boards that are in any."""
    used = sorted({board for pair in pairs for board in (pair.own, pair.other)})
    if not used:
        return {}
    signs = np.zeros((len(pairs), len(used)))
    for row, pair in zip(signs, pairs, strict=True):
        row[used.index(pair.other)], row[used.index(pair.own)] = 1.0, -1.0
    seen, sd = np.array([p.x_m for p in pairs]), np.array([p.sd_m for p in pairs])
    found = [_solved(signs, seen, sd, error_m) for error_m in ERRORS_M]
    share = np.exp(np.array([log_p for log_p, _, _ in found]) - max(log_p for log_p, _, _ in found))
    share /= share.sum()
    x_m = sum(s * x for s, (_, x, _) in zip(share, found, strict=True))
    square = sum(s * (v + x**2) for s, (_, x, v) in zip(share, found, strict=True))
    sd_m = np.sqrt(square - x_m**2)
    tags = [sum(pair.tags for pair in pairs if board in (pair.own, pair.other)) for board in used]
    return {
        shelves[board]: Zero(float(x), float(s), n)
        for board, x, s, n in zip(used, x_m, sd_m, tags, strict=True)
    }


def _solved(signs: F64, seen: F64, sd: F64, error_m: float) -> tuple[float, F64, F64]:
    """log p(seen), and mean and variance of the zeros, where these err by `error_m`."""
    cov = error_m**2 * signs @ signs.T + np.diag(sd**2)
    inverse = np.linalg.inv(cov)
    towards = error_m**2 * signs.T @ inverse
    log_p = -0.5 * float(seen @ inverse @ seen) - 0.5 * float(np.linalg.slogdet(cov)[1])
    variance = error_m**2 * (1.0 - np.einsum("bp,pb->b", towards, signs))
    return log_p, towards @ seen, variance


def pairs_of(cut: Cut, place_m: Mapping[int, float]) -> list[Pair]:
    """What the passes of every board say of the tags of others; `place_m` is by tag, where it was located."""
    located = np.full(len(cut.boards.best), np.nan)
    located[list(place_m)] = list(place_m.values())
    found: list[Pair] = []
    for other in range(len(cut.boards.shelves)):
        rows = cut.phased_on(other)
        reads = np.bincount(cut.tracks.tag[rows], minlength=len(located))
        strange = np.isfinite(located) & (cut.boards.best != other) & (reads >= MIN_READS)
        tags = np.flatnonzero(strange)
        tags = np.sort(tags[np.argsort(-reads[tags], kind="stable")][:MOST_TAGS])
        if len(tags) >= LEAST_TAGS:
            found += _pairs(_seen(cut, rows, tags) - located[tags], cut.boards.best[tags], other)
    return found


def _seen(cut: Cut, rows: Index, tags: Index) -> F64:
    low, high = float(cut.tracks.x_m[rows].min()), float(cut.tracks.x_m[rows].max())
    middle = np.full(len(tags), 0.5 * (low + high))
    far = replace(cut.options, depth_sd_m=TIER_DEPTH_SD_M)
    profiles = profiles_of(cut.tracks, rows, tags, cut.ports, middle, far)
    return coarse_places(profiles, low, high, far, TIER_DEPTHS_M).x_m


def _pairs(ahead_m: F64, board: Index, other: int) -> list[Pair]:
    found = []
    for own in np.unique(board):
        all_m = ahead_m[board == own]
        near_m = all_m[np.abs(all_m) < SAME_BAY_M]
        if len(near_m) >= LEAST_TAGS and len(near_m) >= LEAST_SHARE * len(all_m):
            found.append(Pair(int(own), other, *median_and_sd(near_m, LEAST_SPREAD_M), len(near_m)))
    return found
