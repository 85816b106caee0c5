"""Long rows in overlapping blocks: coupling falls off with distance, so a place needs its neighbours alone.

Every block is solved as a row of its own, from the samples of its part of the path, and so a tag costs the
same in a row of any length. Tags near a block's cut miss neighbours there: of the blocks that hold a tag, the
one counts in which it stands farthest from a cut. Amid a long row a tag's neighbours draw it both ways alike,
its own place is right, and its block shows no coupling; such a block keeps the places of its tags. A row
neither of whose ends couples is not looked at amid.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import lgamma
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.fusion.locate.coupled import Prior
from edge.fusion.locate.coupling import MAX_LOG_ODDS, MAX_ROW, Joint, solve_jointly
from edge.fusion.locate.order import neighbour_log_odds
from edge.fusion.locate.profile import Profile

STEP: Final = MAX_ROW // 2  # from block to block, in tags
# A long row may be several boards in one: a block must be worth the choice among all its arrangements.
ASKED: Final = lgamma(MAX_ROW + 1) / MAX_ROW  # nats a tag


@dataclass(frozen=True, slots=True)
class _Block:
    """One block: its tags from left to right as found, how far each stands from a cut, and its posterior."""

    tags: Index
    inside: Index
    joint: Joint


def solve_row_jointly(
    profiles: Sequence[Profile], starts: Sequence[F64], alone: Joint, prior: Prior, widely: bool = True
) -> Joint | None:
    """The joint posterior of a row of any length, or None where its profiles show no coupling.

    starts : places to begin at, the first the tags' own; alone : the posterior of tags that do not couple
    """
    n = len(starts[0])
    if n <= MAX_ROW:
        return solve_jointly(profiles, starts, prior, widely)
    order = np.argsort(starts[0], kind="stable")

    def of_block(low: int) -> Joint | None:
        tags = order[low : low + MAX_ROW]
        return solve_jointly(_of(profiles, tags), [one[tags] for one in starts], prior, widely, ASKED)

    lows = _lows(n)
    ends = {low: of_block(low) for low in (lows[0], lows[-1])}
    if not any(ends.values()):
        return None
    blocks = []
    for low in lows:
        tags = order[low : low + MAX_ROW]
        joint = ends[low] if low in ends else of_block(low)
        blocks.append(_block(tags, joint or _some(alone, tags), low > 0, low + MAX_ROW < n))
    return _together(blocks, n)


def by_themselves(x_m: F64, cov_m2: F64) -> Joint:
    """The posterior of tags that do not couple, with the odds that their places give."""
    odds = neighbour_log_odds(x_m, cov_m2, np.argsort(x_m, kind="stable"))
    return Joint(x_m, cov_m2, np.clip(odds, -MAX_LOG_ODDS, MAX_LOG_ODDS))


def _some(joint: Joint, tags: Index) -> Joint:
    return by_themselves(joint.x_m[tags], joint.cov_m2[np.ix_(tags, tags)])


def _lows(n: int) -> list[int]:
    """Where blocks begin: every STEP tags, the last so that it ends with the row."""
    return [*range(0, n - MAX_ROW, STEP), n - MAX_ROW]


def _of(profiles: Sequence[Profile], tags: Index) -> list[Profile]:
    """The profiles of some tags, on the part of the path where any of them was read."""
    found = []
    for one in profiles:
        seen = np.flatnonzero(one.count[tags].any(axis=0))
        if len(seen):
            part = slice(seen[0], seen[-1] + 1)
            found.append(
                replace(one, x_m=one.x_m[part], h=one.h[tags, part], count=one.count[tags, part]),
            )
    return found


def _block(tags: Index, joint: Joint, cut_left: bool, cut_right: bool) -> _Block:
    by_place = np.argsort(joint.x_m, kind="stable")
    rank = np.arange(len(tags))
    far = np.full(len(tags), len(tags))
    inside = np.minimum(rank if cut_left else far, rank[::-1] if cut_right else far)
    cov = joint.cov_m2[np.ix_(by_place, by_place)]
    return _Block(tags[by_place], inside, replace(joint, x_m=joint.x_m[by_place], cov_m2=cov))


def _together(blocks: Sequence[_Block], n: int) -> Joint:
    x_m, cov, deepest = np.zeros(n), np.zeros((n, n)), np.full(n, -1)
    source = np.zeros(n, np.intp)
    for number, one in enumerate(blocks):
        better = one.inside > deepest[one.tags]
        tags = one.tags[better]
        deepest[tags], source[tags], x_m[tags] = one.inside[better], number, one.joint.x_m[better]
    for number, one in enumerate(blocks):
        own = source[one.tags] == number
        cov[np.ix_(one.tags[own], one.tags[own])] = one.joint.cov_m2[np.ix_(own, own)]
    return Joint(x_m, cov, _odds(blocks, by_themselves(x_m, cov)))


def _odds(blocks: Sequence[_Block], alone: Joint) -> F64:
    """Of tags that are neighbours in a block, as the block says; of others, as their places say."""
    said: dict[tuple[int, int], tuple[int, float]] = {}
    for one in blocks:
        depths = np.minimum(one.inside[:-1], one.inside[1:])
        for pair, depth, odds in zip(pairwise(one.tags), depths, one.joint.log_odds, strict=True):
            said[pair] = max(said.get(pair, (-1, 0.0)), (int(depth), float(odds)))
    pairs = zip(pairwise(np.argsort(alone.x_m, kind="stable")), alone.log_odds, strict=True)
    return np.array([said[pair][1] if pair in said else float(odds) for pair, odds in pairs])
