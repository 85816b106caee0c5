"""Which tag stands in which slot: a search over arrangements of a coupled row.

Coupling draws neighbours towards each other, so one tag's own hologram may peak beyond its neighbour, and
descent alone stays there. The search starts from even rows of several pitches and from the coarse places as
they are, lets tags change slots wherever that lowers the energy, and lets the slots settle in between.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np

from edge.columns import F64
from edge.fusion.locate.coupled import Fit, Part, Prior, descend, energy, moved, start_at

PITCHES: Final = (0.5, 0.65, 0.8, 1.0, 1.2, 1.45)  # of the coarse places' own
REACH: Final = 4  # slots a tag may jump at once
ROUNDS: Final = 8
KEPT: Final = 4


def arrange(parts: Sequence[Part], starts: Sequence[F64], prior: Prior) -> Fit:
    """The best arrangement of a row, from its coarse places by one or several methods."""
    seeds = sorted(_seeds(parts, starts, prior), key=_energy)
    settled = [_settle(parts, seed, prior) for seed in seeds[:KEPT]]
    settled.sort(key=_energy)
    return min((descend(parts, fit.state, prior) for fit in settled[:2]), key=_energy)


def _energy(fit: Fit) -> float:
    return fit.energy


def _seeds(parts: Sequence[Part], starts: Sequence[F64], prior: Prior) -> list[Fit]:
    rigid = replace(prior, spacing_sd=0.05, own_sd=0.15, unlike_sd=0.02)
    alike = replace(prior, unlike_sd=0.5 * prior.unlike_sd)
    found = []
    for x_m in starts:
        found.append(descend(parts, start_at(x_m, prior), prior, 4))
        for pitch in PITCHES if len(x_m) > 3 else ():
            stiff = descend(parts, start_at(_even(x_m, pitch), prior), rigid, 4)
            found.append(descend(parts, stiff.state, alike, 2))
    return found


def _even(x_m: F64, pitch: float) -> F64:
    """The same order and middle, evenly spaced at `pitch` times the fitted spacing."""
    order = np.argsort(x_m, kind="stable")
    rank = np.arange(len(x_m)) - 0.5 * (len(x_m) - 1)
    slope, middle = np.polyfit(rank, x_m[order], 1)
    even = np.empty_like(x_m)
    even[order] = middle + pitch * slope * rank
    return even


def _settle(parts: Sequence[Part], seed: Fit, prior: Prior) -> Fit:
    alike = replace(prior, unlike_sd=0.5 * prior.unlike_sd)
    fit = _exchange(parts, seed, alike, ROUNDS)
    fit = descend(parts, fit.state, prior, 6)
    return _exchange(parts, fit, prior, 3)


def _exchange(parts: Sequence[Part], fit: Fit, prior: Prior, rounds: int) -> Fit:
    """Change slots as long as that helps; the slots settle after every change."""
    n = len(fit.state.x_m)
    for _ in range(rounds):
        order = np.argsort(fit.state.x_m, kind="stable")
        slots, best = fit.state.x_m[order], None
        low = energy(parts, fit.state, prior)
        for move in _moves(n):
            x_m = np.empty(n)
            x_m[order[list(move)]] = slots
            value = energy(parts, moved(fit.state, x_m), prior)
            if value < low:
                low, best = value, x_m
        if best is None:
            break
        fit = descend(parts, moved(fit.state, best), prior, 3)
    return fit


@cache
def _moves(n: int) -> tuple[tuple[int, ...], ...]:
    """All insertions and exchanges over at most REACH slots, as permutations of range(n)."""
    found: dict[tuple[int, ...], None] = {}
    for i in range(n):
        for j in range(max(0, i - REACH), min(n, i + REACH + 1)):
            inserted = list(range(n))
            inserted.insert(j, inserted.pop(i))
            exchanged = list(range(n))
            exchanged[i], exchanged[j] = j, i
            found[tuple(inserted)] = found[tuple(exchanged)] = None
    found.pop(tuple(range(n)), None)
    return tuple(found)
