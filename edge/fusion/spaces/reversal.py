"""Counters mounted the wrong way round, found by the people they take from where nobody is.

A reversed counter lets the arriving leave: it takes people from an empty space. Where that happens at a door,
a second filter takes the door the other way round, and the two are compared: which needs fewer than nobody,
and which foretells better what is measured next (after Willsky & Jones 1976: a jump is tested before it is
believed). A counter that was turned is put right some day, and a room that it shares with others then only
looks emptier than it is, so a turned door is tried again whenever many go one way. So is one that goes
against those beside it (`beside`), the least used of them first: of the others nobody would be left.
"""

from dataclasses import dataclass, field

import numpy as np

from edge.columns import F64, Index
from edge.fusion.spaces.channels import Mask

_MEMORY_H = 1.0
_FEWEST = 3.0  # people that a door must have moved before it is suspected
_ONE_WAY = 0.15  # of those who passed: what goes to and fro may be missed in one direction only
_TAKEN_BACK = 0.3
_MANY = 8.0  # people that a turned door must have moved, and the share of those who passed, to be tried again
_MOSTLY = 0.4
_SURE = 8.0
_LOST = -4.0
_PATIENCE_H = 2.0
_REST_H = 0.5
_CONTRARY = -4.0  # what doors beside it say of one that is tried
_BESIDE_MOST = 10.0  # that they say of a verdict,
_HEARD_H = 0.5  # not before the rest was heard: which of them is turned is not theirs to say


@dataclass(slots=True)
class Trial:
    """A door under suspicion; `gain`: the log-likelihood by which the reversed filter is better."""

    door: int
    gain: float = 0.0
    age_h: float = 0.0


@dataclass(slots=True)
class Reversal:
    """By door: people moved to the target in the last hour; by space: how many of them there never were."""

    origin: Index
    target: Index
    n_spaces: int
    moved: F64 = field(init=False)
    passed: F64 = field(init=False)
    below: F64 = field(init=False)
    rest_h: F64 = field(init=False)
    trial: Trial | None = None

    def __post_init__(self) -> None:
        self.moved, self.rest_h = np.zeros(len(self.origin)), np.zeros(len(self.origin))
        self.passed = np.zeros(len(self.origin))
        self.below = np.zeros(self.n_spaces + 1)  # the last stands for outside

    def note(self, people: F64, below: F64, turned: Mask, step_h: F64, beside: F64) -> tuple[int, int] | None:
        """Who passed each door in T steps, (T, n_doors, 2) in and out, and by how much each space fell below
        nobody (T, n_spaces); `turned` (T, n_doors): where a door is taken the other way round; `beside`
        (T, n_doors): what the doors beside it say of each. The first step after which a door is suspected, if
        any is, and the door; what came after that step is noted all the same."""
        n, n_in, n_out = len(self.moved), people[..., 0], people[..., 1]
        come = np.concatenate((n_in - n_out, n_in + n_out, below, np.zeros((len(below), 1))), axis=1)
        before = np.concatenate((self.moved, self.passed, self.below))
        found = _faded(before, come, np.exp(-step_h / _MEMORY_H).tolist())
        moved, passed, lost = found[:, :n], found[:, n : 2 * n], found[:, 2 * n :]
        rest_h = np.maximum(self.rest_h - np.cumsum(step_h)[:, None], 0.0)
        self.moved, self.passed, self.below = moved[-1].copy(), passed[-1].copy(), lost[-1].copy()
        self.rest_h = rest_h[-1].copy()
        contrary = (beside < _CONTRARY) & (rest_h <= 0.0)
        return self._suspect(moved, passed, lost, turned, rest_h, contrary)

    def _suspect(
        self, moved: F64, passed: F64, lost: F64, turned: Mask, rest_h: F64, contrary: Mask
    ) -> tuple[int, int] | None:
        """The door that took most, by what it moved, from where nobody was; or one that is turned, or goes
        against those beside it."""
        total = np.abs(moved)
        one_way = (total >= _FEWEST) & (total >= _ONE_WAY * passed) & (rest_h <= 0.0)
        if not one_way.any() and not contrary.any():
            return None
        losing = np.where(moved < 0, self.target, self.origin) % lost.shape[1]
        share = np.take_along_axis(lost, losing, axis=1) / np.where(one_way, total, np.inf)
        again = turned & one_way & (total >= _MANY) & (total >= _MOSTLY * passed)
        suspicion = share + np.where(again, _TAKEN_BACK + 1e-9, 0.0)
        suspicion = np.where(contrary, np.maximum(suspicion, _TAKEN_BACK + 0.1 / (1.0 + passed)), suspicion)
        suspected = np.flatnonzero(suspicion.max(axis=1) > _TAKEN_BACK)
        return (int(suspected[0]), int(np.argmax(suspicion[suspected[0]]))) if len(suspected) else None

    def decide(self, gain: float, step_h: float, beside: float) -> bool | None:
        """Count a step's gain of the trial: True when the door is reversed, False when it is cleared.
        `beside`: what the doors beside it say of it."""
        if self.trial is None:
            return None
        self.trial.gain += gain
        self.trial.age_h += step_h
        gain = self.trial.gain - min(max(beside, -_BESIDE_MOST), _BESIDE_MOST)
        if gain > _SURE and (self.trial.gain > _SURE or self.trial.age_h >= _HEARD_H):
            return self._end(True)
        if self.trial.gain < _LOST or gain < _LOST or self.trial.age_h > _PATIENCE_H:
            return self._end(False)
        return None

    def _end(self, verdict: bool) -> bool:
        assert self.trial is not None
        door = self.trial.door
        self.rest_h[door] = _REST_H
        self.moved[door] = 0.0
        self.below[:] = 0.0
        self.trial = None
        return verdict


def _faded(before: F64, come: F64, fade: list[float]) -> F64:
    """After each step what is left of what there was before, and what came: (T, n)."""
    found = np.empty_like(come)
    for t, keep in enumerate(fade):
        np.multiply(before, keep, out=found[t])
        found[t] += come[t]
        before = found[t]
    return found
