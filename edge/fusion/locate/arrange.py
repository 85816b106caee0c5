"""Which tag stands in which slot: a search over arrangements of a coupled row.

Coupling draws neighbours towards each other, so one tag's own hologram may peak beyond its neighbour, and
descent alone stays there. As long as tags are alike, a slot's field depends on the slots alone: one matrix
says how well every tag suits every slot, and the best arrangement of given slots is an assignment problem.
Slots of even rows of several pitches, and of the coarse places as they are, are filled so; then slots and
arrangement are improved in turn. A tag's own coarse place is off by ANCHOR_SD_M in rows at contact: that is
held against arrangements that carry tags farther, and draws no place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.ext.assign import assign
from edge.fusion.locate.coupled import Fit, Prior, State, moved, settle, slot_costs, start_at
from edge.fusion.locate.samples import Part

PITCHES: Final = (0.5, 0.65, 0.8, 1.0, 1.2, 1.45)  # of the coarse places' own
SHIFTS: Final = (-1.0, -0.5, 0.5, 1.0)  # in pitches, beside none
KEPT: Final = 4
ROUNDS: Final = 6
FINISHED: Final = 2
SAME_M: Final = 0.01
ANCHOR_SD_M: Final = 0.06
LEAST_GAIN: Final = 0.1
SHIFT_GAINS: Final = 1.0  # nats a tag that another shift may gain; on real rows it is 0.7 at most


@dataclass(frozen=True, slots=True)
class Arranged:
    """A fit, and its energy with what is held against tags far from their coarse places."""

    fit: Fit
    energy: float

    @property
    def x_m(self) -> F64:
        return self.fit.state.x_m


@dataclass(frozen=True, slots=True)
class Bounds:
    """Energies that end a search early.

    hopeless : where even rows are above it, nothing is searched
    dim : where a search from an even row and one from the tags' own places end above it, no other is made
    clear : where both end at one row below it, that is the row
    """

    hopeless: float = np.inf
    dim: float = np.inf
    clear: float = -np.inf


def arrange(
    parts: Sequence[Part],
    starts: Sequence[F64],
    prior: Prior,
    bounds: Bounds = Bounds(),
    widely: bool = True,
) -> list[Arranged]:
    """Arrangements of a row that were worked out, the best first; `starts[0]` are the tags' own places.

    None where the row is beyond `bounds`. Where it does not search `widely`, rows settle from the starts in
    the order that they have.
    """
    search = _Search(parts, starts[0], prior)
    if not widely:
        return sorted((search.settled(start_at(x_m, prior)) for x_m in starts), key=_energy)
    seeds = list(search.lattices(shifts=(0.0,)))
    if min(seeds, key=_first)[0] > bounds.hopeless + SHIFT_GAINS * len(starts[0]):
        return []
    seeds = sorted([*seeds, *search.lattices(SHIFTS)], key=_first)[:KEPT]
    if seeds[0][0] > bounds.hopeless:
        return []
    found = [search.improved(start_at(seeds[0][1], prior), stiff=True)]
    found += [search.improved(start_at(x_m, prior), stiff=False) for x_m in starts[:1]]
    best = min(found, key=_energy)
    if best.energy > bounds.dim:
        return []
    if best.energy <= bounds.clear and _apart_m(found) <= SAME_M:
        found = [best]
    else:
        found += [search.improved(start_at(x_m, prior), stiff=True) for _, x_m in seeds[1:]]
        found += [search.improved(start_at(x_m, prior), stiff=False) for x_m in starts[1:]]
    found.sort(key=_energy)
    return sorted([*map(search.finished, found[:FINISHED]), *found[FINISHED:]], key=_energy)


def _apart_m(found: Sequence[Arranged]) -> float:
    """The largest difference of a tag's place between the ends of two searches."""
    return float(np.abs(found[0].x_m - found[1].x_m).max())


def _first(pair: tuple[float, F64]) -> float:
    return pair[0]


def _energy(one: Arranged) -> float:
    return one.energy


def against(x_m: F64, own_m: F64) -> F64:
    """float64[…]: what is held against a tag at `x_m` whose coarse place is `own_m`."""
    held: F64 = 0.5 * ((x_m - own_m) / ANCHOR_SD_M) ** 2
    return held


@dataclass(frozen=True, slots=True)
class _Search:
    parts: Sequence[Part]
    own_m: F64
    prior: Prior

    @property
    def alike(self) -> Prior:
        return replace(self.prior, unlike_sd=0.5 * self.prior.unlike_sd)

    @property
    def rigid(self) -> Prior:
        return replace(self.prior, spacing_share=0.05, own_sd=0.15, unlike_sd=0.02)

    def lattices(self, shifts: Sequence[float]) -> Iterator[tuple[float, F64]]:
        """Even rows, each with the tags in their best slots: the energy, and the tags' places."""
        middle, spacing = _line(self.own_m)
        rank = np.arange(len(self.own_m)) - 0.5 * (len(self.own_m) - 1)
        for pitch in PITCHES:
            for shift in shifts:
                slots: F64 = (middle + pitch * spacing * (rank + shift)).astype(np.float64)
                cost, slot = self._assigned(start_at(slots, self.prior))
                yield cost, slots[slot]

    def improved(self, start: State, stiff: bool) -> Arranged:
        """Slots and arrangement improved in turn, the row held nearly even at first where it is `stiff`."""
        fit = settle(self.parts, start, self.rigid if stiff else self.alike, 3)
        seen: set[tuple[int, ...]] = set()
        for _ in range(ROUNDS):
            _, slot = self._assigned(moved(fit.state, fit.state.x_m))
            order = tuple(np.argsort(fit.state.x_m[slot]).tolist())
            if _stays(slot) or order in seen:
                break
            seen.add(order)
            changed = moved(fit.state, fit.state.x_m[slot])
            fit = settle(self.parts, changed, self.rigid if stiff else self.alike, 3)
        return self._loosened(self._judged(settle(self.parts, fit.state, self.alike, 6)))

    def _loosened(self, best: Arranged) -> Arranged:
        for _ in range(ROUNDS // 2):
            _, slot = self._assigned(moved(best.fit.state, best.x_m))
            if _stays(slot):
                break
            state = moved(best.fit.state, best.x_m[slot])
            other = self._judged(settle(self.parts, state, self.alike, 6))
            if other.energy > best.energy - LEAST_GAIN:
                break
            best = other
        return best

    def finished(self, one: Arranged) -> Arranged:
        """Settled wholly, under the prior itself."""
        return self.settled(one.fit.state)

    def settled(self, state: State) -> Arranged:
        """Settled twice, since where a row ends says which roots suit it."""
        once = settle(self.parts, state, self.prior)
        return self._judged(settle(self.parts, once.state, self.prior))

    def _assigned(self, state: State) -> tuple[float, Index]:
        cost = slot_costs(self.parts, state, self.prior)
        cost += against(state.x_m[None, :], self.own_m[:, None])
        slot = assign(cost)
        return float(cost[np.arange(len(slot)), slot].sum()), slot

    def _judged(self, fit: Fit) -> Arranged:
        return Arranged(fit, fit.energy + float(against(fit.state.x_m, self.own_m).sum()))


def _stays(slot: Index) -> bool:
    return bool((slot == np.arange(len(slot))).all())


def _line(x_m: F64) -> tuple[float, float]:
    """Middle and spacing of the even row through the places in order (Theil and Sen: medians)."""
    row = np.sort(x_m)
    low, high = np.triu_indices(len(row), 1)
    spacing = float(np.median((row[high] - row[low]) / (high - low)))
    rank = np.arange(len(row)) - 0.5 * (len(row) - 1)
    return float(np.median(row - spacing * rank)), spacing
