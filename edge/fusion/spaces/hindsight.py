"""A recording's estimates in the light of all of it: the estimator goes forward, then its tape is read back.

What comes later tells what was before: the building is empty at night, and what a door misses is known by
Friday. The tape of a long recording of many spaces is too long to keep: checkpoints are kept beside it, and
what was given up of it is written once more when it is needed (Griewank 1992).

A counter that is found to hang the wrong way round has done so for a while: the estimator is taken back to
where that began, and goes on from there with the counter turned.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext import occupancy, settled
from edge.ext.settled import Tape
from edge.fusion.spaces import snapshot
from edge.fusion.spaces.anyone import Anyone
from edge.fusion.spaces.began import LOOK_BACK_NS, beginnings
from edge.fusion.spaces.estimator import Estimates, SpaceEstimator, Turn
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.kept import Kept
from edge.fusion.spaces.snapshot import EstimatorMemory
from edge.fusion.spaces.steps import MOST, Steps
from edge.fusion.window import Window

_STEPS: Final = 360
_CELLS: Final = 6_000_000
_KEPT: Final = 12_000_000
"""Cells of all tapes that are kept: 96 MB."""


@dataclass(slots=True)
class Stretch:
    """The steps from `first` on: what the estimator was before them, and its tape, unless it was given up."""

    first: int
    before: EstimatorMemory
    tape: Tape | None = None

    def is_full(self, t: int, most: int) -> bool:
        """Whether step t, which takes at most so many cells, is for another one."""
        return self.tape is None or t - self.first >= _STEPS or self.tape.left < most


@dataclass(slots=True)
class Hindsight:
    """Feed it windows in order like an estimator; take the `rest`, which is all, at the end."""

    building: Building
    cells: int = _KEPT
    estimator: SpaceEstimator = field(init=False)
    _kept: Kept = field(default_factory=Kept)
    _parts: list[Window] = field(default_factory=list)
    _turns: list[Turn] = field(default_factory=list)
    _stretches: list[Stretch] = field(default_factory=list)
    _spare: list[Tape] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.estimator = SpaceEstimator(self.building)

    def advance(self, part: Window) -> None:
        """Take in a window."""
        self._parts.append(part)
        self._step(len(self._parts) - 1)
        if self.estimator.found:
            self._go_back(self.estimator.found[-1])

    def ready(self) -> Iterator[Steps]:
        """None, before all is known."""
        return iter(())

    def rest(self) -> Iterator[Steps]:
        """All steps, settled, some at a time."""
        people, options = self._people(), self.estimator.options
        anyone = Anyone.of(self.building, self.estimator.spaces, options)
        for part in self._told(people) if len(anyone.own) else ():
            anyone.hear(part)
        anyone.settle()
        for a, part in zip(range(0, len(people), MOST), self._told(people), strict=True):
            yield replace(part, numbers=anyone.told(part.numbers, people[a : a + MOST], a))

    def _told(self, people: F64) -> Iterator[Steps]:
        """All steps as the filter has them, some at a time; `people` are settled."""
        usual = self.estimator.options
        options = replace(usual, sd_widening=usual.sd_widening * usual.settled_widening).for_kernel()
        for a in range(0, len(people), MOST):
            part = self._kept.steps(a, a + MOST, self.estimator)
            rows = people[a : a + MOST].reshape(-1, 2), part.spaces.reshape(-1, occupancy.COLUMNS)
            numbers = occupancy.tell(*rows, options)
            yield replace(part, numbers=numbers.reshape(part.numbers.shape))

    def _people(self) -> F64:
        """Mean and variance of the people in every space by step, given all steps: (T, n, 2)."""
        f = self.estimator.state.filter
        found = np.empty((len(self._parts), len(f.where), 2))
        lam, Lam = np.zeros_like(f.x), np.zeros_like(f.P)
        end = len(self._parts)
        for stretch in reversed(self._stretches):
            tape = stretch.tape or self._written_again(stretch, end)
            settled.look_back(tape, lam, Lam, found)
            self._put_by(tape)
            stretch.tape, end = None, stretch.first
        return np.maximum(found, 0.0, out=found)

    def _step(self, t: int) -> None:
        """Step t of the estimator, put down on the tape of its stretch."""
        now = _write(self.estimator, self._parts[t], self._tape(t), t)
        self._kept.put(t, now, self.estimator)

    def _tape(self, t: int) -> Tape:
        """The tape that step t goes on: that of a new stretch where the last is full."""
        if not self._stretches or self._stretches[-1].is_full(t, self._most_a_step):
            self._make_room()
            self._stretches.append(Stretch(t, copy.deepcopy(snapshot.dump(self.estimator)), self._empty()))
        tape = self._stretches[-1].tape
        assert tape is not None
        return tape

    def _make_room(self) -> None:
        """Give up the oldest tapes where all of them are too long."""
        kept = [stretch for stretch in self._stretches if stretch.tape]
        written = sum(stretch.tape.written for stretch in kept if stretch.tape)
        for stretch in kept:
            if stretch.tape and written > self.cells:
                written -= stretch.tape.written
                self._put_by(stretch.tape)
                stretch.tape = None

    @property
    def _most_a_step(self) -> int:
        f = self.estimator.state.filter
        return settled.most_a_step(len(f.where), len(f.ends), f.x.shape[1])

    def _empty(self) -> Tape:
        most = self._most_a_step
        return self._spare.pop() if self._spare else Tape.of(max(min(_CELLS, most * _STEPS), most))

    def _put_by(self, tape: Tape) -> None:
        tape.used[0] = 0
        self._spare.append(tape)

    def _written_again(self, stretch: Stretch, end: int) -> Tape:
        """The tape of the steps from the stretch's first to `end`."""
        estimator, tape = self._before(stretch, self._turns), self._empty()
        for t in range(stretch.first, end):
            _write(estimator, self._parts[t], tape, t)
        return tape

    def _before(self, stretch: Stretch, turns: list[Turn]) -> SpaceEstimator:
        """The estimator as it was before a stretch, knowing which doors are turned from when on."""
        found = SpaceEstimator(self.building)
        snapshot.load(found, stretch.before)
        was_ns = stretch.before.t_ns or 0
        found.turns = sorted((turn for turn in turns if turn.t_ns >= was_ns), key=attrgetter("t_ns"))
        return found

    def _go_back(self, told: Turn) -> None:
        """Go on from where it began that a door was taken the wrong way round."""
        before_ns = [turn.t_ns for turn in self._turns if turn.door == told.door]
        since_ns = max([told.t_ns - LOOK_BACK_NS, *before_ns])
        options = [Turn(t_ns, told.door) for t_ns in beginnings(*self._kept.passed(told.door, since_ns))]
        if options:
            fits = [self._fit(turn, options[0].t_ns) for turn in options]
            self._turns.append(options[int(np.argmax(fits))])
            self._again(self._at(self._turns[-1].t_ns))
        self.estimator.found.clear()

    def _again(self, stretch: Stretch) -> None:
        """All steps from a stretch on once more, with what is known now."""
        n = self._stretches.index(stretch)
        for later in self._stretches[n:]:
            if later.tape:
                self._put_by(later.tape)
        del self._stretches[n:]
        self.estimator = self._before(stretch, self._turns)
        for t in range(stretch.first, len(self._parts)):
            self._step(t)

    def _fit(self, turn: Turn, since_ns: int) -> float:
        """How well all that was said since then fits a door that was turned at that time."""
        stretch = self._at(since_ns)
        estimator = self._before(stretch, [*self._turns, turn])
        for part in self._parts[stretch.first :]:
            estimator.advance(part)
        return estimator.fit

    def _at(self, t_ns: int) -> Stretch:
        """The last stretch that begins before a time."""
        before = [stretch for stretch in self._stretches if (stretch.before.t_ns or 0) <= t_ns]
        return before[-1]


def _write(estimator: SpaceEstimator, part: Window, tape: Tape, t: int) -> Estimates:
    """Step t of an estimator, put down on a tape."""
    estimator.state.wind(tape)
    now = estimator.advance(part)
    f = estimator.state.filter
    settled.mark(tape, f.x, f.P, f.where, f.sizes, t)
    return now
