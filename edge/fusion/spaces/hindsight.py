"""A recording's estimates in the light of all of it: the estimator goes forward, then its tape is read back.

What comes later tells what was before: the building is empty at night, and what a door misses is known by
Friday. The tape of a long recording of many spaces is too long to keep: checkpoints are kept beside it, and
what was given up of it is written once more when it is needed (Griewank 1992).

A counter that is found to hang the wrong way round has done so for a while: the estimator is taken back to
where that began, and goes on from there with the counter turned.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext import occupancy, settled
from edge.ext.settled import Tape
from edge.fusion.spaces.anyone import Anyone
from edge.fusion.spaces.began import LOOK_BACK_NS, beginnings
from edge.fusion.spaces.checkpoint import Checkpoint
from edge.fusion.spaces.cut import Run
from edge.fusion.spaces.estimator import SpaceEstimator, Turn
from edge.fusion.spaces.faults import NONE, Faults
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.kept import Kept
from edge.fusion.spaces.steps import MOST, Steps

_STEPS: Final = 120
_CELLS: Final = 3_000_000
_KEPT: Final = 4_000_000
"""Cells of all tapes that are kept, 32 MB: more memory takes longer to get than a tape to write again."""
_RUN_CELLS: Final = 12_000_000
"""Room, seldom used, for the steps that are taken at once."""


@dataclass(frozen=True, slots=True)
class Part:
    """The `n` steps that were taken at once, the first of what was left of a run: its `rest`."""

    rest: Run
    n: int

    @property
    def run(self) -> Run:
        """Those steps."""
        return self.rest.part(0, self.n)


@dataclass(slots=True)
class Stretch:
    """The steps from `first` on, which is in the part `part`: what the estimator was before them, and the
    tape that they are on, if any is kept. `quiet`: no door was found to be turned in them."""

    first: int
    part: int
    before: Checkpoint
    tape: Tape | None = None
    quiet: bool = True

    def is_full(self, t: int, steps: int, most: int) -> bool:
        """Whether step t, and others that take at most so many cells with it, are for another one."""
        return t - self.first >= steps or (self.tape is not None and self.tape.left < most)


@dataclass(slots=True)
class Hindsight:
    """Feed it runs of steps in order like an estimator; take the `rest`, which is all, at the end. `faults`
    are those of the steps that were taken last."""

    building: Building
    cells: int = _KEPT
    estimator: SpaceEstimator = field(init=False)
    faults: Faults = NONE
    _other: SpaceEstimator = field(init=False)
    _kept: Kept = field(default_factory=Kept)
    _parts: list[Part] = field(default_factory=list)
    _turns: list[Turn] = field(default_factory=list)
    _stretches: list[Stretch] = field(default_factory=list)
    _spare: list[Tape] = field(default_factory=list)
    _is_long: bool = False
    _steps: int = _STEPS

    def __post_init__(self) -> None:
        self.estimator, self._other = SpaceEstimator(self.building), SpaceEstimator(self.building)
        self.estimator.is_asked = self._other.is_asked = False

    def take(self, run: Run) -> int:
        """Take in the first steps of a run; how many."""
        taken = self._step(run)
        self.faults = self.estimator.faults
        if self.estimator.found:
            self._go_back(self.estimator.found[-1])
        return taken

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
        a = 0
        for part in self._told(people, last=True):
            b = a + len(part)
            yield replace(part, numbers=anyone.told(part.numbers, people[a:b], a))
            a = b

    def _told(self, people: F64, *, last: bool = False) -> Iterator[Steps]:
        """All steps as the filter has them, some at a time; `people` are settled. `last`: then no more."""
        usual = self.estimator.options
        options = replace(usual, sd_widening=usual.sd_widening * usual.settled_widening).for_kernel()
        a = 0
        for part in self._kept.steps(self.estimator.doors.sides, last=last):
            b = a + len(part)
            rows = people[a:b].reshape(-1, 2), part.spaces.reshape(-1, occupancy.COLUMNS)
            a = b
            yield replace(part, numbers=occupancy.tell(*rows, options).reshape(part.numbers.shape))

    def _people(self) -> F64:
        """Mean and variance of the people in every space by step, given all steps: (T, n, 2)."""
        f = self.estimator.state.filter
        found = np.empty((len(self._kept), len(f.where), 2))
        lam, Lam = np.zeros_like(f.x), np.zeros_like(f.P)
        end = len(self._parts)
        while self._stretches:
            stretch = self._stretches.pop()
            tape = stretch.tape or self._written_again(stretch, end)
            settled.look_back(tape, lam, Lam, found)
            self._put_by(tape)
            del self._spare[1:]
            end = stretch.part
        self._spare.clear()
        self.estimator.state.wind(settled.OFF)
        self._other.state.wind(settled.OFF)
        return np.maximum(found, 0.0, out=found)

    def _step(self, run: Run) -> int:
        """The first steps of a run, put down on the tape of a stretch; how many."""
        run = run.part(0, self._most_steps)
        self.estimator.state.wind(self._tape(len(run)))
        done = self.estimator.advance(run)
        self._stretches[-1].quiet &= not self.estimator.found
        self._parts.append(Part(run, len(done)))
        self._kept.put(done)
        return len(done)

    def _tape(self, n_steps: int) -> Tape:
        """The tape that the next steps go on: that of a new stretch where the last is full."""
        t, most = len(self._kept), n_steps * self._most_cells
        if not self._stretches or self._stretches[-1].is_full(t, self._steps, most):
            self._make_room(t)
            last = self._stretches[-1].before if self._stretches else None
            tape = None if self._is_long else self._empty()
            self._stretches.append(Stretch(t, len(self._parts), Checkpoint.of(self.estimator, last), tape))
        return self._stretches[-1].tape or settled.OFF

    def _make_room(self, n_steps: int) -> None:
        """Give up all tapes where they are too long: the rest goes on none until the way back."""
        kept = [stretch.tape for stretch in self._stretches if stretch.tape]
        written = sum(tape.written for tape in kept)
        if written > self.cells:
            self._is_long, self._steps = True, max(1, min(_STEPS, _CELLS * n_steps // written))
            self._put_by(kept[0])
            for stretch in self._stretches:
                stretch.tape = None

    @property
    def _most_cells(self) -> int:
        return self.estimator.state.filter.most_cells

    @property
    def _most_steps(self) -> int:
        """So many at once: there must be room for them on a tape, however little of it they need."""
        return max(1, min(MOST, _RUN_CELLS // self._most_cells))

    def _empty(self) -> Tape:
        if self._spare:
            return self._spare.pop()
        most = self._most_cells
        return Tape.of(min(_CELLS + self._most_steps * most, _STEPS * most))

    def _put_by(self, tape: Tape) -> None:
        tape.used[0] = 0
        self._spare.append(tape)

    def _written_again(self, stretch: Stretch, end: int) -> Tape:
        """The tape of a stretch up to the part `end`."""
        estimator, tape = self._before(stretch, self._turns), self._empty()
        estimator.state.wind(tape)
        parts = self._parts[stretch.part : end]
        for run in _whole(parts) if stretch.quiet else [part.run for part in parts]:
            while len(run):
                tape.make_room(len(run) * self._most_cells)
                run = run.part(estimator.relive(run, quiet=stretch.quiet), len(run))
        return tape

    def _before(self, stretch: Stretch, turns: list[Turn]) -> SpaceEstimator:
        """The other estimator as this one was before a stretch, knowing which doors are turned from when on;
        on no tape."""
        found, was_ns = self._other, stretch.before.t_ns
        stretch.before.recall(found)
        found.state.wind(settled.OFF)
        found.turns = sorted((turn for turn in turns if turn.t_ns >= was_ns), key=attrgetter("t_ns"))
        found.found, found.fit = [], 0.0
        return found

    def _go_back(self, told: Turn) -> None:
        """Go on from where it began that a door was taken the wrong way round."""
        before_ns = [turn.t_ns for turn in self._turns if turn.door == told.door]
        since_ns = max([told.t_ns - LOOK_BACK_NS, *before_ns])
        passed = self._kept.passed(told.door, since_ns)
        options = [Turn(t_ns, told.door) for t_ns in beginnings(*passed)]
        if options:
            fits = [self._fit(turn, options[0].t_ns) for turn in options]
            self._turns.append(options[int(np.argmax(fits))])
            self._again(self._at(self._turns[-1].t_ns))
        self.estimator.found.clear()

    def _again(self, stretch: Stretch) -> None:
        """All steps from a stretch on once more, with what is known now."""
        n, parts = self._stretches.index(stretch), [part.run for part in self._parts[stretch.part :]]
        for later in self._stretches[n:]:
            if later.tape:
                self._put_by(later.tape)
        del self._stretches[n:], self._parts[stretch.part :]
        self._kept.forget(len(self._kept) - stretch.first)
        self.estimator, self._other = self._before(stretch, self._turns), self.estimator
        for run in parts:
            while len(run):
                run = run.part(self._step(run), len(run))

    def _fit(self, turn: Turn, since_ns: int) -> float:
        """How well all that was said since then fits a door that was turned at that time."""
        stretch = self._at(since_ns)
        estimator = self._before(stretch, [*self._turns, turn])
        for part in self._parts[stretch.part :]:
            run = part.run
            while len(run):
                run = run.part(len(estimator.advance(run)), len(run))
        return estimator.fit

    def _at(self, t_ns: int) -> Stretch:
        """The last stretch that begins before a time."""
        before = [stretch for stretch in self._stretches if stretch.before.t_ns <= t_ns]
        return before[-1]


def _whole(parts: list[Part]) -> Iterator[Run]:
    """The same steps in runs as they came, before trials of doors cut them."""
    at = 0
    while at < len(parts):
        rest, n = parts[at].rest, parts[at].n
        at += 1
        while at < len(parts) and _is_next(rest, n, parts[at].rest):
            n += parts[at].n
            at += 1
        yield rest.part(0, n)


def _is_next(run: Run, n: int, rest: Run) -> bool:
    """Whether that is what is left of a run behind its first n steps."""
    return len(rest) == len(run) - n and int(rest.ends_ns[-1]) == int(run.ends_ns[-1])
