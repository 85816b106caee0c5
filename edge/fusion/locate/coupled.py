"""Thin books couple: a row's tags as an array of loaded dipoles, all profiles fitted together.

The antenna drives every tag with the direct field g_i; the tags' currents are h = (diag(u) + Z)^-1 g, with
Z the mutual impedances of `impedance` (a function of spacing alone) and u_i a tag's own impedance with its
load, much the same for all (self impedance, minimum-scattering antennas: Hansen, Phased Array Antennas, ch.
7). By reciprocity the reader sees h². Unknown: places, u, how far behind the spines the row sits, the
beam's width; a complex gain for each tag and pass is eliminated (variable projection, Golub and Pereyra
1973). Levenberg and Marquardt on Σ_i K·log(residual energy of tag i).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.columns import F64
from edge.fusion.locate.impedance import mutual
from edge.fusion.locate.physics import wavenumber
from edge.fusion.locate.profile import C128, Profile, continuous

MAX_STEP_M: Final = 0.03


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed before the data: all sd's of normal priors.

    informative : samples that a profile is worth, since multipath correlates them over a fifth of a metre
    floor : residual energy that no model gets below
    """

    own: complex = 1.15 - 1.6j
    own_sd: float = 0.35
    unlike_sd: float = 0.2
    depth_m: float = 0.0
    depth_sd_m: float = 0.025
    ragged_sd_m: float = 0.005
    beam: float = 1.5
    beam_sd: float = 0.7
    spacing_sd: float = 0.2
    spacing_weight: float = 4.0
    informative: float = 10.0
    floor: float = 0.02


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
class Part:
    """A profile as the fit uses it: each tag's samples scaled to unit power."""

    x_m: F64
    y_m: float
    k: float
    h: C128
    seen: F64


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a fit ended: the state, its energy (negative log posterior) and the Hessian there."""

    state: State
    energy: float
    hessian: F64


def parts_of(profiles: Sequence[Profile], coarse_x_m: F64) -> list[Part]:
    """Profiles scaled for the fit, their roots of unity resolved by continuity along the path."""
    return [_part(continuous(one, coarse_x_m)) for one in profiles]


def _part(one: Profile) -> Part:
    seen = (one.count > 0).astype(np.float64)
    power = (np.abs(one.h) ** 2).sum(axis=1) / np.maximum(seen.sum(axis=1), 1.0)
    scale = np.where(power > 0, 1.0 / np.sqrt(np.maximum(power, 1e-300)), 0.0)
    return Part(one.x_m, one.y_m, float(wavenumber(one.f_mhz)), one.h * scale[:, None], seen)


@dataclass(frozen=True, slots=True)
class _Field:
    """The model of one part at one state, and its slopes where asked for."""

    s: C128
    gain: C128
    residual: C128
    inverse: C128
    jx: C128
    jy: C128
    jbeam: C128
    sway: C128


def _field(part: Part, state: State) -> _Field:
    ahead = part.x_m[None, :] - state.x_m[:, None]
    y = (part.y_m + state.depth_m + state.ragged_m)[:, None]
    d = np.hypot(ahead, y)
    g = (np.exp(-1j * part.k * d) / d * (y / d) ** state.beam).astype(np.complex128)
    apart = state.x_m[:, None] - state.x_m[None, :]
    z, rise = mutual(np.abs(apart), 2.0 * np.pi / part.k)
    np.fill_diagonal(z, 0.0)
    inverse = np.linalg.inv(np.diag(state.own + state.unlike) + z).astype(np.complex128)
    s = (inverse @ g).astype(np.complex128)
    gain, residual = _project(part, s)
    along = g * (-1j * part.k - (1.0 + state.beam) / d)
    sway = rise * np.sign(apart)
    jx: C128 = along * (-ahead / d) - sway @ s
    jy: C128 = along * (y / d) + g * state.beam / y
    jbeam: C128 = g * np.log(y / d)
    return _Field(s, gain, residual, inverse, jx, jy, jbeam, inverse @ sway.T)


def _project(part: Part, s: C128) -> tuple[C128, C128]:
    """The best gain of every tag, and the residual it leaves."""
    power = np.maximum((np.abs(s) ** 2 * part.seen).sum(axis=1), 1e-300)
    gain = (part.h * s.conj()).sum(axis=1) / power
    return gain, (part.h - gain[:, None] * s) * part.seen


def misfit(parts: Sequence[Part], state: State) -> F64:
    """float64[n]: the share of each tag's energy that the model leaves."""
    left, total = np.zeros(len(state.x_m)), np.zeros(len(state.x_m))
    for part in parts:
        left += (np.abs(_field(part, state).residual) ** 2).sum(axis=1)
        total += part.seen.sum(axis=1)
    return left / np.maximum(total, 1.0)


def energy(parts: Sequence[Part], state: State, prior: Prior) -> float:
    """Negative log posterior, up to a constant."""
    data = prior.informative * np.log(misfit(parts, state) + prior.floor).sum()
    weight, mean = _normal_priors(len(state.x_m), prior)
    return float(
        data + 0.5 * (weight * (state.vector() - mean) ** 2).sum() + spacing_energy(state.x_m, prior)
    )


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


def spacing_energy(x_m: F64, prior: Prior) -> float:
    """Negative log density of the gaps, their mean and spread learnt from the row (normal-gamma)."""
    gaps = np.diff(np.sort(x_m))
    if len(gaps) < 2:
        return 0.0
    usual = prior.spacing_sd * max(float(gaps.mean()), 1e-3)
    uneven = float(((gaps - gaps.mean()) ** 2).sum())
    strength = prior.spacing_weight
    return 0.5 * (strength + len(gaps)) * float(np.log1p(uneven / (strength * usual**2)))


def spacing_slope(x_m: F64, prior: Prior) -> tuple[F64, F64]:
    """Gradient and (positive) curvature of `spacing_energy` by place."""
    n = len(x_m)
    if n < 3:
        return np.zeros(n), np.zeros((n, n))
    order = np.argsort(x_m, kind="stable")
    take = np.zeros((n - 1, n))
    take[np.arange(n - 1), order[1:]] = 1.0
    take[np.arange(n - 1), order[:-1]] = -1.0
    centred = take - take.mean(axis=0)
    off = centred @ x_m
    mean = max(float((take @ x_m).mean()), 1e-3)
    uneven, strength = float(off @ off), prior.spacing_weight
    weight = (strength + n - 1) / (strength * (prior.spacing_sd * mean) ** 2 + uneven)
    gradient = weight * (centred.T @ off) - weight * uneven / mean * take.mean(axis=0)
    return gradient, weight * (centred.T @ centred)


def _normal_equations(parts: Sequence[Part], state: State, prior: Prior) -> tuple[F64, F64]:
    """Hessian (Gauss and Newton) and negative gradient of the energy at `state`."""
    n = len(state.x_m)
    left = misfit(parts, state) + prior.floor
    total = np.maximum(sum(part.seen.sum(axis=1) for part in parts), 1.0)
    weight = 2.0 * prior.informative / left / total
    hessian, slope = np.zeros((4 * n + 4, 4 * n + 4)), np.zeros(4 * n + 4)
    for part in parts:
        field = _field(part, state)
        for tag in range(n):
            jac = _jacobian(field, tag) * np.where(part.seen[tag] > 0, field.gain[tag], 0.0)
            s = field.s[tag] * part.seen[tag]
            jac -= (jac @ s.conj() / max(float((np.abs(s) ** 2).sum()), 1e-300))[:, None] * s
            split = np.concatenate([jac.real, jac.imag], axis=1)
            left_over = np.concatenate([field.residual[tag].real, field.residual[tag].imag])
            hessian += weight[tag] * (split @ split.T)
            slope += weight[tag] * (split @ left_over)
    tight, mean = _normal_priors(n, prior)
    hessian[np.diag_indices(4 * n + 4)] += tight
    slope += tight * (mean - state.vector())
    gradient, curve = spacing_slope(state.x_m, prior)
    hessian[:n, :n] += curve
    slope[:n] -= gradient
    return hessian, slope


def _jacobian(field: _Field, tag: int) -> C128:
    """∂s_tag/∂(all unknowns), complex128[4 n + 4, k]."""
    row = field.inverse[tag][:, None]
    jx = row * field.jx - field.sway[tag][:, None] * field.s
    jy = row * field.jy
    jown = -row * field.s
    common = [jy.sum(axis=0), jown.sum(axis=0), 1j * jown.sum(axis=0), field.inverse[tag] @ field.jbeam]
    return np.concatenate([jx, jy, jown, 1j * jown, common])


def descend(parts: Sequence[Part], start: State, prior: Prior, rounds: int = 30) -> Fit:
    """The nearest minimum of the energy."""
    state, best, damping = start, energy(parts, start, prior), 1e-2
    hessian, slope = _normal_equations(parts, state, prior)
    for _ in range(rounds):
        found, damping = _step(parts, state, best, prior, hessian, slope, damping)
        if found is None:
            break
        gained, state, best = best - found[1], found[0], found[1]
        hessian, slope = _normal_equations(parts, state, prior)
        if gained < 1e-2:
            break
    return Fit(state, best, hessian)


def _step(
    parts: Sequence[Part], state: State, best: float, prior: Prior, hessian: F64, slope: F64, damping: float
) -> tuple[tuple[State, float] | None, float]:
    q, n = state.vector(), len(state.x_m)
    for _ in range(5):
        damped = hessian + damping * np.diag(np.diag(hessian)) + 1e-9 * np.eye(len(q))
        move = np.linalg.solve(damped, slope)
        move *= min(1.0, MAX_STEP_M / max(float(np.abs(move[:n]).max()), 1e-12))
        tried = state_of(q + move)
        value = energy(parts, tried, prior)
        if value < best:
            return (tried, value), max(damping / 5.0, 1e-6)
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
