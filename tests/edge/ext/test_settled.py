"""The tape read backwards: both twins agree, and all that was said gets its least-squares answer."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.ext import _balance_py, _settled_py, occupancy, settled, sound
from edge.ext.balance import PEOPLE, SPACE_STATES
from edge.ext.occupancy import CO2, HEADS
from edge.ext.settled import CUT, Tape
from tests.edge.ext.test_occupancy import ENDS, OPTIONS, STATES, WHERE, a_step, filter_of, index, table
from tests.edge.ext.test_occupancy import plainly as plainly_lived

CELLS = 20_000
HOUR = 1.0


def forward(seed: int, n_steps: int, kernel: bool) -> tuple[Tape, np.ndarray, np.ndarray]:
    """A filter's tape of some steps, by the kernel or by its twin."""
    rng = np.random.default_rng(seed)
    tape = Tape.of(CELLS)
    f = replace(filter_of(rng), tape=tape)
    spaces = np.array([table(rng) for _ in range(n_steps + 1)])
    moved, hours = rng.integers(0, 5, (n_steps, 2, 3)) * 1.0, np.full(n_steps, 0.02)
    given_to = f, spaces, np.zeros((2, sound.COLUMNS)), moved, OPTIONS, hours, hours
    if kernel:
        occupancy.advance(*given_to)
    else:
        plainly_lived(*given_to)
    return tape, f.x, f.P


def backward(tape: Tape, n_steps: int, look_back=settled.look_back) -> np.ndarray:
    people = np.full((n_steps, 2, 2), np.nan)
    look_back(tape, np.zeros((1, STATES)), np.zeros((1, STATES, STATES)), people)
    return people


def plainly(tape: Tape, lam: np.ndarray, Lam: np.ndarray, people: np.ndarray) -> None:
    assert _settled_py.look_back(tape.cells, int(tape.used[0]), lam, Lam, people) == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_twins_agree(seed: int, n_steps: int) -> None:
    (ours, _, _), (plain, _, _) = (forward(seed, n_steps, kernel) for kernel in (True, False))
    found, expected = backward(ours, n_steps), backward(plain, n_steps, plainly)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())
    np.testing.assert_allclose(backward(ours, n_steps, plainly), found, rtol=1e-9, atol=1e-9)


def test_the_last_step_is_what_the_filter_says() -> None:
    tape, x, P = forward(3, 4, kernel=True)
    at = [PEOPLE, SPACE_STATES + PEOPLE]
    np.testing.assert_allclose(backward(tape, 4)[-1], np.column_stack((x[0, at], P[0, at, at])))


class LeastSquares:
    """All states of all steps as one normal distribution; what is measured is taken in at the end."""

    def __init__(self, x: np.ndarray, P: np.ndarray) -> None:
        self.mean, self.cov, self.n = x.copy(), P.copy(), len(x)
        self.rows: list[tuple[int, np.ndarray, float, float]] = []

    def move(self, F: np.ndarray, add: np.ndarray, Q: np.ndarray) -> None:
        last = slice(len(self.mean) - self.n, None)
        across = self.cov[:, last] @ F.T
        self.cov = np.block([[self.cov, across], [across.T, F @ self.cov[last, last] @ F.T + Q]])
        self.mean = np.concatenate((self.mean, F @ self.mean[last] + add))

    def measure(self, state: int, value: float, variance: float) -> None:
        self.rows.append((len(self.mean) - self.n + state, value, variance))

    def answer(self) -> tuple[np.ndarray, np.ndarray]:
        at, value, variance = (np.array(column) for column in zip(*self.rows, strict=True))
        gain = np.linalg.solve(self.cov[np.ix_(at, at)] + np.diag(variance), self.cov[at]).T
        mean = self.mean + gain @ (value - self.mean[at])
        return mean.reshape(-1, self.n), np.diag(self.cov - gain @ self.cov[at]).reshape(-1, self.n)


def test_where_all_is_linear_it_is_the_least_squares_answer() -> None:
    rng, tape = np.random.default_rng(7), Tape.of(CELLS)
    f, door, steps = filter_of(rng), 2 * SPACE_STATES, 8
    oracle = LeastSquares(f.x[0], f.P[0])
    for t in range(steps):
        n_in, n_out, noise = rng.integers(0, 9, 3) * 1.0
        F, toward = np.eye(STATES), np.zeros(STATES)
        toward[PEOPLE] = 1.0
        F[PEOPLE, door : door + 2] += n_in, -n_out
        both = index(((0,), (-1,), (PEOPLE,), (door,)))
        _balance_py.flow(f.x, f.P, *both, *(np.array([v]) for v in (n_in, n_out, noise)), tape)
        f.P[0] += 0.1 * np.eye(STATES)
        oracle.move(
            F,
            toward * (n_in - n_out),
            np.outer(toward, toward) * noise * (n_in + n_out) + 0.1 * np.eye(STATES),
        )
        for state in (PEOPLE, SPACE_STATES + PEOPLE):
            value = float(rng.uniform(0, 40))
            places = index(((0,), (state,), (-1,), (-1,)))
            numbers = (np.array([v]) for v in (1.0, value, 3.0, 1e9))
            _balance_py.measure(f.x, f.P, *places, *numbers, np.empty(1), np.empty(1), tape)
            oracle.measure(state, value, 3.0)
        settled.mark(tape, f.x, f.P, f.where, f.sizes, t)
    mean, variance = oracle.answer()
    at = [PEOPLE, SPACE_STATES + PEOPLE]
    found = backward(tape, steps)
    np.testing.assert_allclose(found[..., 0], mean[1:, at], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found[..., 1], variance[1:, at], rtol=1e-9, atol=1e-9)


def test_behind_a_cut_nothing_is_learnt_of_what_was_before() -> None:
    f, tape = filter_of(np.random.default_rng(1)), Tape.of(CELLS)
    settled.mark(tape, f.x, f.P, f.where, f.sizes, 0)
    before = f.x[0, PEOPLE], f.P[0, PEOPLE, PEOPLE]
    for k in range(STATES):
        tape.write(CUT, 0, (float(k),))
    spaces = np.full((2, occupancy.COLUMNS), np.nan)
    spaces[:, :CO2] = 0.0
    spaces[0, HEADS] = 17.0
    heard, hours = np.zeros((2, sound.COLUMNS)), np.full(1, 0.02)
    tables = np.stack((spaces, spaces))
    occupancy.advance(
        replace(f, tape=tape), tables, heard, np.zeros((1, 2, 3)), OPTIONS, hours, 0.0 * hours, number=1
    )
    assert backward(tape, 2)[0, 0].tolist() == pytest.approx(before)


def test_a_level_of_sound_is_on_the_tape_too() -> None:
    f, tape = filter_of(np.random.default_rng(2)), Tape.of(CELLS)
    spaces, heard = table(np.random.default_rng(2)), np.zeros((2, sound.COLUMNS))
    spaces[:, occupancy.SOUND], spaces[:, occupancy.COUNTED] = 50.0, 1.0
    f = occupancy.Filter(f.x, f.P, f.drift, f.where, f.ends, tape)
    for _ in range(2):
        sound.listen(f, spaces, heard, 0.02)
    assert tape.written > 0


def test_a_tape_without_room_is_refused() -> None:
    f = filter_of(np.random.default_rng(0))
    with pytest.raises(ValueError, match="room"):
        settled.mark(Tape.of(10), f.x, f.P, f.where, f.sizes, 0)
    with pytest.raises(ValueError, match="room"):
        a_step(replace(f, tape=Tape.of(10)), table(np.random.default_rng(0)))


def test_a_tape_of_another_filter_is_refused() -> None:
    tape, _, _ = forward(0, 1, kernel=True)
    with pytest.raises(ValueError, match="another filter"):
        settled.look_back(tape, np.zeros((1, 9)), np.zeros((1, 9, 9)), np.zeros((1, 2, 2)))
    with pytest.raises(ValueError, match="expected"):
        settled.look_back(tape, np.zeros((1, 9)), np.zeros((1, 9, 8)), np.zeros((1, 2, 2)))


def test_no_more_is_written_than_a_step_may_take() -> None:
    tape, _, _ = forward(11, 1, kernel=True)
    assert tape.written <= settled.most_a_step(len(WHERE), len(ENDS), STATES)
