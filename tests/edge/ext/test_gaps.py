"""Draws of rows: both writings agree, and the draws follow the law of places and gaps."""

from typing import Any

import numpy as np
import pytest

from edge.ext.gaps import F64, Index, draws


def given(seed: int, n: int, m: int, sweeps: int) -> tuple[F64, Index, F64, F64]:
    rng = np.random.default_rng(seed)
    return (
        rng.normal(0.0, 1.5, (n, m)),
        np.sort(rng.integers(0, 3 * n, n)),
        -0.3 * np.abs(np.arange(6) - 2.0) - 1.0,
        rng.random((sweeps, 2 * n)),
    )


def twins() -> list[Any]:
    return [pytest.importorskip(f"edge.ext._gaps_{twin}") for twin in ("py", "c")]


@pytest.mark.parametrize(("seed", "n", "m"), [(0, 1, 5), (1, 2, 9), (2, 12, 15), (3, 20, 8)])
def test_both_writings_agree(seed: int, n: int, m: int) -> None:
    found = []
    for kernel in twins():
        out = np.zeros((30, n), np.intp)
        kernel.draws(*given(seed, n, m, 30), out)
        found.append(out)
    np.testing.assert_array_equal(*found)


def test_draws_follow_the_law() -> None:
    log_p, first, log_gap, chance = given(4, 3, 4, 4_000)
    found = draws(log_p, first, log_gap, chance)
    cells = np.stack(np.meshgrid(*[first[i] + np.arange(4) for i in range(3)], indexing="ij"), -1).reshape(
        -1, 3
    )
    gaps = np.diff(np.sort(cells, axis=1), axis=1)
    of_places = sum(log_p[i, cells[:, i] - first[i]] for i in range(3))
    p = np.exp(of_places + log_gap[np.minimum(gaps, 5)].sum(axis=1))
    p /= p.sum()
    np.testing.assert_allclose(found.mean(axis=0), p @ cells, atol=0.06)
    swapped = float(p @ (cells[:, 0] > cells[:, 1]))
    assert np.mean(found[:, 0] > found[:, 1]) == pytest.approx(swapped, abs=0.03)


def test_what_does_not_fit_is_refused() -> None:
    log_p, first, log_gap, chance = given(5, 3, 4, 2)
    for wrong in ((log_p, first[1:], log_gap, chance), (log_p, first, log_gap, chance[:, 1:])):
        with pytest.raises(ValueError, match="do not fit"):
            draws(*wrong)
    with pytest.raises(ValueError, match="do not fit"):
        draws(log_p, first, log_gap[:0], chance)


def test_no_tags_are_no_row() -> None:
    assert draws(np.zeros((0, 4)), np.zeros(0, np.intp), np.zeros(3), np.zeros((2, 0))).shape == (2, 0)
