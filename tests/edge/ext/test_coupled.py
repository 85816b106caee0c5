"""The coupled row's kernel: both writings agree; roots are the best of all; slopes are those of the field."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from edge.ext import load
from edge.ext.coupled import C128, F64, direct, follow, leftovers, normal_equations

PATH_M = np.arange(0.0, 1.0, 0.05)
PLACES_M = np.array([0.2, 0.5, 0.9])
LINES_M = np.array([0.5, 0.45, 0.6])


def noise(*shape: int, seed: int = 0) -> C128:
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def both(monkeypatch: pytest.MonkeyPatch, work: Callable[[], tuple[F64 | C128, ...]]) -> None:
    pytest.importorskip("edge.ext._coupled_c")
    compiled, plain = (_with(monkeypatch, no_ext, work) for no_ext in ("", "1"))
    for one, other in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


def _with(
    monkeypatch: pytest.MonkeyPatch, no_ext: str, work: Callable[[], tuple[F64 | C128, ...]]
) -> tuple[F64 | C128, ...]:
    with monkeypatch.context() as patch:
        patch.setenv("EDGE_NO_EXT", no_ext)
        load.cache_clear()
        found = work()
    load.cache_clear()
    return found


def test_both_writings_of_the_field_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    both(monkeypatch, lambda: direct(PATH_M, PLACES_M, LINES_M, 19.3, 1.4))


@pytest.mark.parametrize("fold", [1, 2])
def test_both_writings_follow_the_same_roots(monkeypatch: pytest.MonkeyPatch, fold: int) -> None:
    seen = (np.random.default_rng(3).random((5, 40)) > 0.3).astype(np.float64)
    seen[4] = 0.0
    h, model = noise(5, 40, seed=1) * seen, noise(5, 40, seed=2)
    both(monkeypatch, lambda: (leftovers(h, seen, model, fold, 2.0), *follow(h, seen, model, fold, 2.0)))


def test_both_writings_of_the_normal_equations_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    n, k = 4, 15
    seen = (np.random.default_rng(3).random((n, k)) > 0.2).astype(np.float64)
    given = [noise(n, n), noise(3, n, k, seed=1), noise(n, n, seed=2), noise(n, k, seed=3)]
    residual, gain, weight = noise(n, k, seed=4) * seen, noise(n, seed=5), np.arange(1.0, n + 1)
    both(monkeypatch, lambda: normal_equations(*given, residual, gain, seen, weight))


def test_slopes_are_those_of_the_field() -> None:
    g, by_x, by_y, by_beam = direct(PATH_M, PLACES_M, LINES_M, 19.3, 1.4)
    step = 1e-6
    moved = direct(PATH_M, PLACES_M + step, LINES_M, 19.3, 1.4)[0]
    farther = direct(PATH_M, PLACES_M, LINES_M + step, 19.3, 1.4)[0]
    narrower = direct(PATH_M, PLACES_M, LINES_M, 19.3, 1.4 + step)[0]
    for near, slope in ((moved, by_x), (farther, by_y), (narrower, by_beam)):
        np.testing.assert_allclose((near - g) / step, slope, atol=1e-3)


def test_no_other_roots_leave_less_for_the_gain_that_is_found() -> None:
    h, model, flip = noise(1, 7, seed=8), noise(1, 7, seed=9), 0.5
    seen = np.ones((1, 7))
    turned, cost = follow(h, seen, model, 1, flip)
    power = (np.abs(model) ** 2).sum()
    gain = (turned * model.conj()).sum() / power
    chosen = (np.abs(turned - gain * model) ** 2).sum() + cost[0]
    weak = np.minimum(np.abs(h[0, 1:]) ** 2, np.abs(h[0, :-1]) ** 2)
    for signs in product([1.0, -1.0], repeat=7):
        changes = flip * (weak * (np.diff(signs) != 0)).sum()
        assert chosen <= (np.abs(h[0] * signs - gain * model[0]) ** 2).sum() + changes + 1e-9
    assert leftovers(h, seen, model, 1, flip)[0, 0] == pytest.approx(chosen)


def test_mirrored_row_gives_the_mirrored_field() -> None:
    straight = direct(PATH_M, PLACES_M, LINES_M, 19.3, 1.4)
    mirrored = direct(-PATH_M, -PLACES_M, LINES_M, 19.3, 1.4)
    np.testing.assert_allclose(straight[0], mirrored[0])
    np.testing.assert_allclose(straight[1], -mirrored[1])


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        leftovers(noise(2, 3), np.ones((2, 4)), noise(1, 3), 1, 1.0)
    with pytest.raises(ValueError, match="fold"):
        leftovers(noise(2, 3), np.ones((2, 3)), noise(1, 3), 3, 1.0)
    with pytest.raises(ValueError, match="above 0"):
        direct(PATH_M, PLACES_M, np.zeros(3), 19.3, 1.4)
