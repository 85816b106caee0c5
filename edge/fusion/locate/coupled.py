"""Thin books couple: a row's tags as an array of loaded dipoles, all profiles fitted together.

The antenna drives every tag with the direct field g_i; the tags' currents are h = (diag(u) + Z)^-1 g, with
Z the mutual impedances of `impedance` (a function of spacing alone) and u_i a tag's own impedance with its
load, much the same for all (self impedance, minimum-scattering antennas: Hansen, Phased Array Antennas, ch.
7). By reciprocity the reader sees h². Unknown: places, u, how far behind the spines the row sits, the
beam's width; a complex gain for each tag and pass is eliminated (variable projection, Golub and Pereyra
1973). Levenberg and Marquardt on Σ_i K·log(residual energy of tag i); `edge.ext.coupled` has the loops.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext.coupled import direct, normal_equations
from edge.fusion.locate.impedance import mutual
from edge.fusion.locate.profile import C128
from edge.fusion.locate.samples import Part, followed, left_by
from edge.fusion.locate.spacing import USUAL_SHARE, spacing_energy, spacing_slope

MAX_STEP_M: Final = 0.03
LEAST_LINE_M: Final = 0.02
NEVER: Final = 1e9
LARGE_OHM: Final = 1e4  # own impedance beside which the mutual ones vanish
ENOUGH: Final = 1e-2  # nats: a step that gains less is the last


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed before the data: all sd's of normal priors.

    informative : samples that a profile is worth, since multipath correlates them over a fifth of a metre
    floor : residual energy that no model gets below
    flip : what a change of root costs, in the energies of the samples it stands between; or NEVER
    spacing_share : the spread of the gaps as a share of their mean, infinite where evenness says nothing
    """

    own: complex = 1.15 - 1.6j
    own_sd: float = 0.35
    unlike_sd: float = 0.2
    depth_m: float = 0.0
    depth_sd_m: float = 0.025
    ragged_sd_m: float = 0.005
    beam: float = 1.5
    beam_sd: float = 0.7
    spacing_share: float = USUAL_SHARE
    informative: float = 7.0
    floor: float = 0.02
    flip: float = 20.0


def uncoupled(prior: Prior) -> Prior:
    """The same for tags that do not couple."""
    return replace(prior, own=complex(LARGE_OHM), own_sd=1e-2, unlike_sd=1e-3)


@dataclass(frozen=True, slots=True)
class State:
    """One setting of all unknowns of n tags."""

    x_m: F64
    ragged_m: F64
    unlike: C128
    depth_m: float
    own: complex
    beam: float

    def vector(self) -> F64:
        """All unknowns in a row: 4 n + 4."""
        common = [self.depth_m, self.own.real, self.own.imag, self.beam]
        return np.concatenate([self.x_m, self.ragged_m, self.unlike.real, self.unlike.imag, common])


def state_of(q: F64) -> State:
    """The inverse of `State.vector`."""
    n = (len(q) - 4) // 4
    x, ragged, real, imag = q[:n], q[n : 2 * n], q[2 * n : 3 * n], q[3 * n : 4 * n]
    depth, own_r, own_i, beam = q[4 * n :]
    return State(x, ragged, real + 1j * imag, float(depth), complex(own_r, own_i), float(beam))


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a fit ended: the state, its energy (negative log posterior) and the Hessian there."""

    state: State
    energy: float
    hessian: F64


@dataclass(frozen=True, slots=True)
class _Field:
    """The model of one part at one state, the best gains, and the slopes' right sides."""

    s: C128
    gain: C128
    residual: C128
    mix: C128
    sway: C128
    slopes: C128


def _field(part: Part, state: State) -> _Field:
    lines = np.maximum(part.y_m + state.depth_m + state.ragged_m, LEAST_LINE_M)
    g, by_x, by_y, by_beam = direct(part.x_m, state.x_m, lines, part.k, state.beam)
    apart = state.x_m[:, None] - state.x_m[None, :]
    z, rise = mutual(np.abs(apart), 2.0 * np.pi / part.k)
    np.fill_diagonal(z, state.own + state.unlike)
    mix = np.linalg.inv(z).astype(np.complex128)
    s = mix @ g
    gain, residual = _project(part, s)
    sway = rise * np.sign(apart)
    return _Field(s, gain, residual, mix, mix @ sway.T, np.stack([by_x - sway @ s, by_y, by_beam]))


def fields(parts: Sequence[Part], state: State) -> list[C128]:
    """The model's field of every tag in every part, complex128[n, k]."""
    return [_sent(part, state) for part in parts]


def _sent(part: Part, state: State) -> C128:
    """The fields alone, of as many places as the state has."""
    lines = np.maximum(part.y_m + state.depth_m + state.ragged_m, LEAST_LINE_M)
    g = direct(part.x_m, state.x_m, lines, part.k, state.beam)[0]
    z, _ = mutual(np.abs(state.x_m[:, None] - state.x_m[None, :]), 2.0 * np.pi / part.k)
    np.fill_diagonal(z, state.own + state.unlike)
    return np.linalg.solve(z, g).astype(np.complex128)


def _project(part: Part, s: C128) -> tuple[C128, C128]:
    """The best gain of every tag, and the residual it leaves."""
    power = np.maximum((np.abs(s) ** 2 * part.seen).sum(axis=1), 1e-300)
    gain = (part.h * s.conj()).sum(axis=1) / power
    return gain, (part.h - gain[:, None] * s) * part.seen


def misfit(parts: Sequence[Part], state: State) -> F64:
    """float64[n]: the share of each tag's energy that the model leaves, changes of root included."""
    return _share(parts, [_field(part, state) for part in parts])


def misfit_energy(parts: Sequence[Part], state: State, prior: Prior) -> F64:
    """float64[n]: the data's energy of every tag, on the roots that suit the state."""
    models = zip(parts, fields(parts, state), strict=True)
    suited = [followed(part, s, prior.flip) for part, s in models]
    energy: F64 = prior.informative * np.log(misfit(suited, state) + prior.floor)
    return energy


def _share(parts: Sequence[Part], at: Sequence[_Field]) -> F64:
    left = sum((np.abs(f.residual) ** 2).sum(axis=1) + part.cost for part, f in zip(parts, at, strict=True))
    share: F64 = left / _samples(parts)
    return share


def _samples(parts: Sequence[Part]) -> F64:
    total: F64 = np.maximum(np.sum([part.seen.sum(axis=1) for part in parts], axis=0), 1.0)
    return total


def slot_costs(parts: Sequence[Part], state: State, prior: Prior) -> F64:
    """float64[n, m]: the data's energy of every tag in each of the m places of `state`, tags being alike."""
    models = zip(parts, fields(parts, state), strict=True)
    left = np.sum([left_by(part, s, prior.flip) for part, s in models], axis=0)
    cost: F64 = prior.informative * np.log(left / _samples(parts)[:, None] + prior.floor)
    return cost


def energy(parts: Sequence[Part], state: State, prior: Prior) -> float:
    """Negative log posterior, up to a constant."""
    return _at(parts, state, prior).energy


@dataclass(frozen=True, slots=True)
class _At:
    """Everything worked out at one state."""

    state: State
    fields: list[_Field]
    share: F64
    energy: float


def _at(parts: Sequence[Part], state: State, prior: Prior) -> _At:
    found = [_field(part, state) for part in parts]
    share = _share(parts, found)
    return _At(state, found, share, _energy(state, prior, share))


def _energy(state: State, prior: Prior, share: F64) -> float:
    return float(prior.informative * np.log(share + prior.floor).sum()) + prior_energy(state, prior)


def prior_energy(state: State, prior: Prior) -> float:
    """Negative log prior of a state, up to a constant."""
    weight, mean = _normal_priors(len(state.x_m), prior)
    normal = 0.5 * (weight * (state.vector() - mean) ** 2).sum()
    return float(normal + spacing_energy(state.x_m, prior.spacing_share))


@lru_cache(64)
def _normal_priors(n: int, prior: Prior) -> tuple[F64, F64]:
    weight = np.concatenate(
        [
            np.zeros(n),
            np.full(n, prior.ragged_sd_m**-2),
            np.full(2 * n, prior.unlike_sd**-2),
            [prior.depth_sd_m**-2, prior.own_sd**-2, prior.own_sd**-2, prior.beam_sd**-2],
        ]
    )
    mean = np.concatenate([np.zeros(4 * n), [prior.depth_m, prior.own.real, prior.own.imag, prior.beam]])
    return weight, mean


def normal_equations_at(parts: Sequence[Part], state: State, prior: Prior) -> tuple[F64, F64]:
    """Hessian (Gauss and Newton) and negative gradient of the energy at `state`."""
    return _normal_equations(parts, _at(parts, state, prior), prior)


def _normal_equations(parts: Sequence[Part], at: _At, prior: Prior) -> tuple[F64, F64]:
    state, n = at.state, len(at.state.x_m)
    weight = 2.0 * prior.informative / (at.share + prior.floor) / _samples(parts)
    hessian, slope = np.zeros((4 * n + 4, 4 * n + 4)), np.zeros(4 * n + 4)
    for part, f in zip(parts, at.fields, strict=True):
        h, b = normal_equations(f.mix, f.slopes, f.sway, f.s, f.residual, f.gain, part.seen, weight)
        hessian += h
        slope += b
    tight, mean = _normal_priors(n, prior)
    hessian[np.diag_indices(4 * n + 4)] += tight
    slope += tight * (mean - state.vector())
    gradient, curve = spacing_slope(state.x_m, prior.spacing_share)
    hessian[:n, :n] += curve
    slope[:n] -= gradient
    return hessian, slope


def settle(parts: Sequence[Part], start: State, prior: Prior, rounds: int = 30) -> Fit:
    """The nearest minimum, the samples first put on the roots that suit the start."""
    models = zip(parts, fields(parts, start), strict=True)
    return descend([followed(part, s, prior.flip) for part, s in models], start, prior, rounds)


def descend(parts: Sequence[Part], start: State, prior: Prior, rounds: int = 30) -> Fit:
    """The nearest minimum of the energy."""
    at, damping = _at(parts, start, prior), 1e-2
    hessian, slope = _normal_equations(parts, at, prior)
    for _ in range(rounds):
        found, damping = _step(parts, at, prior, hessian, slope, damping)
        if found is None:
            break
        gained, at = at.energy - found.energy, found
        hessian, slope = _normal_equations(parts, at, prior)
        if gained < ENOUGH:
            break
    return Fit(at.state, at.energy, hessian)


def _step(
    parts: Sequence[Part], at: _At, prior: Prior, hessian: F64, slope: F64, damping: float
) -> tuple[_At | None, float]:
    q, n = at.state.vector(), len(at.state.x_m)
    for _ in range(5):
        damped = hessian + damping * np.diag(np.diag(hessian)) + 1e-9 * np.eye(len(q))
        move = np.linalg.solve(damped, slope)
        move *= min(1.0, MAX_STEP_M / max(float(np.abs(move[:n]).max()), 1e-12))
        tried = _at(parts, state_of(q + move), prior)
        if tried.energy < at.energy:
            return tried, max(damping / 5.0, 1e-6)
        damping *= 5.0
    return None, damping


def start_at(x_m: F64, prior: Prior) -> State:
    """A state with tags at the given places and everything else as the prior has it."""
    n = len(x_m)
    return State(x_m.copy(), np.zeros(n), np.zeros(n, np.complex128), prior.depth_m, prior.own, prior.beam)


def moved(state: State, x_m: F64) -> State:
    """The same state with the tags elsewhere, and all alike again."""
    n = len(x_m)
    return replace(state, x_m=x_m, ragged_m=np.zeros(n), unlike=np.zeros(n, np.complex128))
