"""Two states in turn: chances by blocks are those of the plain recursion."""

import numpy as np
import pytest

from edge.fusion.spaces.chain import chances

COME_H, GO_H = 0.3, 0.8


def plainly(log_ratio: np.ndarray, step_h: np.ndarray) -> np.ndarray:
    """Forward and back, a step at a time, with whole matrices."""
    rest = COME_H / (COME_H + GO_H)
    moves = []
    for hours in step_h.tolist():
        keep = np.exp(-(COME_H + GO_H) * hours)
        to_somebody = rest + (np.array([0.0, 1.0]) - rest) * keep
        moves.append(np.stack((1 - to_somebody, to_somebody), axis=1))
    likely = np.stack((np.ones(len(log_ratio)), np.exp(log_ratio)), axis=1)
    now, before = np.array([1 - rest, rest]), []
    for move, said in zip(moves, likely, strict=True):
        now = now @ move * said
        now /= now.sum()
        before.append(now)
    after, found = np.ones(2), np.zeros(len(log_ratio))
    for t in reversed(range(len(log_ratio))):
        both = before[t] * after
        found[t] = both[1] / both.sum()
        after = moves[t] @ (likely[t] * after)
        after /= after.sum()
    return found


@pytest.mark.parametrize("length", [1, 2, 3, 10, 101, 2500])
def test_blocks_change_nothing(length: int) -> None:
    rng = np.random.default_rng(length)
    log_ratio, step_h = rng.normal(0, 2, length), rng.uniform(0.0, 0.5, length)
    assert np.allclose(chances(log_ratio, step_h, COME_H, GO_H), plainly(log_ratio, step_h), atol=1e-9)


def test_no_step_has_no_chance() -> None:
    assert chances(np.zeros(0), np.zeros(0), COME_H, GO_H).shape == (0,)


def test_what_comes_later_counts_and_one_word_is_hardly_believed() -> None:
    said = np.zeros(60)
    said[20], said[40:] = 0.5, 0.5
    found = chances(said, np.full(60, 1 / 60), COME_H, GO_H)
    assert found[10] < found[20] < found[38] < found[50]
    assert found[50] > 0.95
    assert found[38] > found[30] > found[24]


def test_certainty_stays_finite() -> None:
    found = chances(np.array([1e6, -1e6, 1e6]), np.full(3, 1 / 60), COME_H, GO_H)
    assert np.isfinite(found).all()
    assert found[0] > 0.5
