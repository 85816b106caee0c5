"""The plain twin of the balance kernel: the same filter in matrices, a row at a time."""

import math

import numpy as np
from numpy.typing import NDArray

from edge.ext.settled import BREATHED, CORRECTED, OFF, PASSED, Tape

PEOPLE, EXCESS, AIR, SWING, SOURCE = range(5)
SPACE_STATES = 6
LN_CHANGES = (math.log(0.1), math.log(12.0))
MAX_SWING = 1.5

F64 = NDArray[np.float64]
Index = NDArray[np.intp]


def predict(x: F64, P: F64, n_spaces: Index, noise: F64, dt_h: float, keep: float, tape: Tape = OFF) -> None:
    for b in range(len(x)):
        F = np.eye(x.shape[1])
        for s in range(int(n_spaces[b])):
            at = s * SPACE_STATES
            _breathe(x[b], F, at, dt_h, keep)
            people, excess, air, _, source = F[at + EXCESS, at : at + 5].tolist()
            tape.write(BREATHED, b, (at, excess, people, air, source, keep))
        P[b] = F @ P[b] @ F.T + np.diag(noise[b])


def _breathe(x: F64, F: F64, at: int, dt_h: float, keep: float) -> None:
    """The space's new state, and its rows of the Jacobian F."""
    x[at + AIR] = np.clip(x[at + AIR], *LN_CHANGES)
    x[at + SWING] = np.clip(x[at + SWING], -MAX_SWING, MAX_SWING)
    rate = math.exp(x[at + AIR] + x[at + SWING])
    source = math.exp(x[at + SOURCE])
    people, excess = max(float(x[at + PEOPLE]), 0.0), float(x[at + EXCESS])
    decay = math.exp(-rate * dt_h)
    phi = (1.0 - decay) / rate
    by_rate = -excess * rate * dt_h * decay + source * people * (dt_h * decay - phi)
    F[at + EXCESS, at : at + 5] = (source * phi, decay, by_rate, by_rate, source * people * phi)
    F[at + SWING, at + SWING] = keep
    x[at + EXCESS] = excess * decay + source * people * phi
    x[at + SWING] *= keep


def flow(
    x: F64,
    P: F64,
    block: Index,
    origin: Index,
    target: Index,
    missed: Index,
    n_in: F64,
    n_out: F64,
    noise: F64,
    tape: Tape = OFF,
) -> None:
    for r, b in enumerate(block.tolist()):
        tape.write(PASSED, b, (target[r], origin[r], missed[r], n_in[r], n_out[r]))
        toward = np.zeros(x.shape[1])
        if target[r] >= 0:
            toward[target[r]] += 1.0
        if origin[r] >= 0:
            toward[origin[r]] -= 1.0
        counted = np.zeros(x.shape[1])
        counted[missed[r]], counted[missed[r] + 1] = n_in[r], -n_out[r]
        F = np.eye(x.shape[1]) + np.outer(toward, counted)
        x[b] = F @ x[b] + toward * (n_in[r] - n_out[r])
        P[b] = F @ P[b] @ F.T + np.outer(toward, toward) * noise[r] * (n_in[r] + n_out[r])


def measure(
    x: F64,
    P: F64,
    block: Index,
    state: Index,
    gain: Index,
    offset: Index,
    scale: F64,
    value: F64,
    variance: F64,
    gate: F64,
    innovation: F64,
    spread: F64,
    tape: Tape = OFF,
) -> None:
    for r, b in enumerate(block.tolist()):
        h = np.zeros(x.shape[1])
        factor, level = float(scale[r]), float(x[b, state[r]])
        if gain[r] >= 0:
            factor *= math.exp(x[b, gain[r]])
            level = max(level, 0.0)
            h[gain[r]] += factor * level
        h[state[r]] += factor
        rest = 0.0
        if offset[r] >= 0:
            h[offset[r]] += 1.0
            rest = float(x[b, offset[r]])
        nu = float(value[r]) - factor * level - rest
        S = float(h @ P[b] @ h) + float(variance[r])
        innovation[r], spread[r] = nu, S
        S = max(S, (nu / float(gate[r])) ** 2)
        PH = P[b] @ h
        note(tape, b, h, PH, nu / S, 1.0 / S)
        x[b] += PH * (nu / S)
        P[b] -= np.outer(PH, PH) / S


def note(tape: Tape, block: int, h: F64, PH: F64, push: float, shrink: float) -> None:
    """Put a correction down: the places and values of h, which has at most three."""
    places = [*np.flatnonzero(h).tolist(), -1, -1, -1][:3]
    tape.write(CORRECTED, block, (push, shrink, *places, *(h[k] if k >= 0 else 0.0 for k in places), *PH))


def keep_positive(x: F64, P: F64, n_spaces: Index, share: float) -> None:
    for b in range(len(x)):
        for s in range(int(n_spaces[b])):
            at = s * SPACE_STATES + PEOPLE
            if x[b, at] >= 0.0:
                continue
            column = P[b, :, at].copy()
            if column[at] > 0.0:
                x[b] -= column * (x[b, at] / column[at])
                P[b] -= np.outer(column, column) * ((1.0 - share) / column[at])
            x[b, at] = 0.0
