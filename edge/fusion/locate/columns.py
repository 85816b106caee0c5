"""Boards above one another that the reads do not tell apart: a coupled row of columns, several tags in each.

Tags that stand above one another have much the same field: the array drives them alike. So tags of several
boards in one row are no line of coupled tags, and yet the line's columns explain them: every column is one
dipole of a coupled row (`coupled`), every tag stands in one of the columns or by itself, and every column
holds a tag at least. Columns and tags' choices are improved in turn, from even rows of many lengths and
pitches. What ends well is averaged by its evidence, and with the holograms of the tags alone, taken across
the bins where a tag was silent: both err, and unlike.

A row is taken so only where a single path explains little of its tags' fields, where they stand closer than
one line of books could couple, and where columns are worth ASKED nats a tag.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.ext.assign import assign
from edge.fusion.locate.coupled import (
    Prior,
    State,
    misfit_energy,
    moved,
    prior_energy,
    settle,
    slot_costs,
    start_at,
    uncoupled,
)
from edge.fusion.locate.profile import Profile
from edge.fusion.locate.samples import Part, parts_of

TAGS: Final = (12, 40)  # fewer do not tell, and more are not one place
LEAST_MISFIT: Final = 0.07  # what a single path leaves of the fields, by the median tag
CROWDED_M: Final = 0.03
COLUMNS: Final = range(4, 15)
PITCHES_M: Final = (0.025, 0.03, 0.035, 0.04, 0.045, 0.05, 0.055, 0.06, 0.07, 0.08)
AROUND_M: Final = 0.12
BEYOND_M: Final = 0.06
KEPT: Final = 12
SAME_M: Final = 0.02
ROUNDS: Final = 8
ASKED: Final = 1.5  # nats a tag: single lines of books are worth 1.5 at most, three boards 1.9 to 3.0
EVIDENCE: Final = 0.3  # the energy takes model errors for independent: measured, as for rows
FREE_PLACE: Final = 3.0  # nats that a place of its own must be worth to a tag, beside one of the columns
SHARE: Final = 0.5  # of the columns, in the mean with the holograms


@dataclass(frozen=True, slots=True)
class InColumns:
    """Places of tags and their deviations, float64[n], and how many boards stand above one another."""

    x_m: F64
    sd_m: F64
    boards: int


@dataclass(frozen=True, slots=True)
class Columns:
    """A row of m columns: where they are, what each tag costs in each [n, m], the tag's column or -1."""

    state: State
    cost: F64
    column: Index
    energy: float


def may_be_columns(own_m: F64, misfit: F64) -> bool:
    """Whether tags stand so close, and single paths leave so much of their fields, that columns are likely.

    own_m, misfit : each tag's place by a single path, and the share of power that it leaves
    """
    n = len(own_m)
    if not TAGS[0] <= n <= TAGS[1] or np.median(misfit) < LEAST_MISFIT:
        return False
    return bool(np.ptp(np.percentile(own_m, (10.0, 90.0))) < 0.8 * CROWDED_M * n)


def place_in_columns(
    profiles: Sequence[Profile], own_m: F64, across_m: F64, prior: Prior
) -> InColumns | None:
    """Tags on boards above one another; None where that is not what they show.

    own_m, across_m : each tag's place by a single path, and by the hologram across its silent bins
    """
    parts = parts_of(profiles, own_m)
    middle_m = 0.5 * (own_m + across_m)
    search = _Search(parts, _alone(parts, (own_m, across_m), prior), prior)
    found = sorted(map(search.improved, search.seeds(middle_m)), key=_energy)
    if not found or found[0].energy > -ASKED * len(own_m):
        return None
    boards = round(len(own_m) / len(found[0].state.x_m))
    return InColumns(*_mean(found, search.alone, middle_m, across_m), max(1, boards))


def _alone(parts: Sequence[Part], starts: Sequence[F64], prior: Prior) -> F64:
    """float64[n]: the energy of every tag by itself, from the better start."""
    blind = uncoupled(prior)
    fits = [settle(parts, start_at(x_m, blind), blind).state for x_m in starts]
    least: F64 = np.min([misfit_energy(parts, state, blind) for state in fits], axis=0)
    return least


def _energy(one: Columns) -> float:
    return one.energy


@dataclass(frozen=True, slots=True)
class _Search:
    parts: Sequence[Part]
    alone: F64
    prior: Prior

    def seeds(self, middle_m: F64) -> Iterator[Columns]:
        """The best even rows of columns, no two of them alike."""
        tried = sorted((self.judged(start_at(x_m, self.prior)) for x_m in _even(middle_m)), key=_energy)
        kept: list[F64] = []
        for one in tried:
            x_m = one.state.x_m
            if not any(len(x_m) == len(other) and np.abs(x_m - other).max() < SAME_M for other in kept):
                kept.append(x_m)
                yield one
            if len(kept) == KEPT:
                return

    def judged(self, state: State) -> Columns:
        """Every tag in the column that suits it, or by itself; the energy is beside that of all alone."""
        cost = slot_costs(self.parts, state, self.prior)
        total, column = _chosen(cost, self.alone)
        return Columns(state, cost, column, total - float(self.alone.sum()) + prior_energy(state, self.prior))

    def improved(self, seed: Columns) -> Columns:
        """Columns and choices in turn: nearly even at first, then freer, at last under the prior itself."""
        rigid = replace(self.prior, spacing_share=0.05, own_sd=0.15, unlike_sd=0.02)
        alike = replace(self.prior, unlike_sd=0.5 * self.prior.unlike_sd)
        best = self._in_turn(seed, rigid, 3)
        best = self._in_turn(self.judged(moved(best.state, best.state.x_m)), alike, 6)
        return self._in_turn(best, self.prior, 30)

    def _in_turn(self, one: Columns, prior: Prior, rounds: int) -> Columns:
        best: Columns | None = None
        seen: set[tuple[int, ...]] = set()
        while len(seen) < ROUNDS and tuple(one.column.tolist()) not in seen:
            seen.add(tuple(one.column.tolist()))
            layers = _layers(self.parts, one.column, len(one.state.x_m))
            one = self.judged(settle(layers, one.state, prior, rounds).state)
            best = one if best is None or one.energy < best.energy else best
        return best or one


def _even(middle_m: F64) -> Iterator[F64]:
    centre, low, high = float(np.median(middle_m)), middle_m.min() - BEYOND_M, middle_m.max() + BEYOND_M
    for columns, pitch in product(COLUMNS, PITCHES_M):
        for shift in np.arange(-AROUND_M, AROUND_M, 0.5 * pitch):
            x_m: F64 = centre + shift + pitch * (np.arange(columns, dtype=np.float64) - 0.5 * (columns - 1))
            if columns < len(middle_m) and low <= x_m[0] and x_m[-1] <= high:
                yield x_m


def _chosen(cost: F64, alone: F64) -> tuple[float, Index]:
    """The least total where every column holds a tag, and the column of every tag or -1."""
    n, m = cost.shape
    free = np.minimum(cost.min(axis=1), alone)
    all_costs = np.concatenate([cost, np.repeat(free[:, None], n - m, axis=1)], axis=1)
    place = assign(all_costs)
    anywhere = np.where(cost.min(axis=1) < alone, cost.argmin(axis=1), -1)
    return float(all_costs[np.arange(n), place].sum()), np.where(place < m, place, anywhere)


def _layers(parts: Sequence[Part], column: Index, columns: int) -> list[Part]:
    """The parts as the columns see them: one tag of each column, then the second of those with two, …"""
    held = [np.flatnonzero(column == one) for one in range(columns)]
    found = []
    for layer in range(max(map(len, held))):
        tag = np.array([tags[layer] if len(tags) > layer else -1 for tags in held])
        is_held = (tag >= 0)[:, None]
        for part in parts:
            h, seen = np.where(is_held, part.h[tag], 0.0), np.where(is_held, part.seen[tag], 0.0)
            found.append(replace(part, h=h, seen=seen, cost=np.zeros(columns)))
    return found


def _mean(found: Sequence[Columns], alone: F64, middle_m: F64, across_m: F64) -> tuple[F64, F64]:
    """Places and deviations over all rows of columns by their evidence, and over the holograms."""
    weight = np.exp(-EVIDENCE * (np.array([one.energy for one in found]) - found[0].energy))
    weight /= weight.sum()
    chosen = [_places(one, alone, middle_m) for one in found]
    x_m = weight @ np.array([x for x, _ in chosen])
    spread = weight @ np.array([second for _, second in chosen]) - x_m**2
    mean = SHARE * x_m + (1.0 - SHARE) * across_m
    variance = SHARE * spread + SHARE * (1.0 - SHARE) * (x_m - across_m) ** 2
    return mean, np.sqrt(np.maximum(variance, 0.0))


def _places(one: Columns, alone: F64, middle_m: F64) -> tuple[F64, F64]:
    """Every tag's likeliest place, and the mean square over all its places."""
    cost = np.concatenate([one.cost, (alone + FREE_PLACE)[:, None]], axis=1)
    x_m = np.concatenate([np.broadcast_to(one.state.x_m, one.cost.shape), middle_m[:, None]], axis=1)
    p = np.exp(-EVIDENCE * (cost - cost.min(axis=1, keepdims=True)))
    p /= p.sum(axis=1, keepdims=True)
    likeliest = x_m[np.arange(len(x_m)), cost.argmin(axis=1)]
    return likeliest, likeliest**2 + (p * (x_m - likeliest[:, None]) ** 2).sum(axis=1)
