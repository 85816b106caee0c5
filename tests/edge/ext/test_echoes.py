"""Hypotheses among echoes: both writings agree, and with dense Gaussians written out."""

from typing import Any

import numpy as np
import pytest

from edge.ext.echoes import F64, compressed, freed, likely

M, K, R = 5, 12, 7
STRENGTHS = np.array([0.0, 0.2, 3.0])


def made(seed: int, echoes: int = R) -> tuple[F64, F64]:
    """Rows of hypotheses, rows of scatterers."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(2 * M + 1, 2 * K)), rng.normal(size=(echoes, 2 * K))


def twins() -> list[Any]:
    return [pytest.importorskip(f"edge.ext._echoes_{twin}") for twin in ("py", "c")]


@pytest.mark.parametrize(("seed", "echoes"), [(0, R), (1, 1), (2, 0), (3, 3 * K)])
def test_both_writings_agree(seed: int, echoes: int) -> None:
    found = []
    for kernel in twins():
        out = np.zeros((3, M)), np.zeros((3, M, 2)), np.zeros((3, M))
        kernel.likely(*made(seed, echoes), STRENGTHS, *out)
        found.append(out)
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("strength", STRENGTHS)
def test_likelihood_is_that_of_the_dense_gaussian_over_all_gains(strength: float) -> None:
    rows, echoes = made(6)
    (log_p,), (alpha,), (left,) = likely(rows, echoes, np.array([strength]))
    precise = np.linalg.inv(np.eye(2 * K) + strength**2 * echoes.T @ echoes)
    for n in range(M):
        gain = np.array([alpha[n].real, alpha[n].imag])
        rest = rows[-1] - gain @ rows[[n, M + n]]
        assert rows[[n, M + n]] @ precise @ rest == pytest.approx([0.0, 0.0], abs=1e-9)
        assert left[n] == pytest.approx(rest @ precise @ rest)
        of_gain = rows[[n, M + n]] @ precise @ rows[[n, M + n]].T
        dets = np.linalg.slogdet(precise)[1] - np.linalg.slogdet(of_gain)[1]
        assert log_p[n] == pytest.approx(0.5 * dets - 0.5 * left[n])


@pytest.mark.parametrize(("known", "echoes"), [(0, 3), (4, R), (4, 0), (2, 3 * K)])
def test_freed_products_are_those_of_dense_projections(known: int, echoes: int) -> None:
    rows, of_echoes = made(8, echoes)
    precise = np.linalg.inv(np.eye(2 * K) + of_echoes.T @ of_echoes)
    first, others = rows[:known], rows[known:]
    share = np.linalg.solve(first @ precise @ first.T, first @ precise @ others.T)
    left = others - share.T @ first
    expected = left @ precise @ left.T
    for kernel in twins():
        out = np.zeros((len(rows), len(rows)))
        assert np.isfinite(kernel.freed(rows, of_echoes, known, out))
        np.testing.assert_allclose(out[known:, known:], expected, rtol=1e-9, atol=1e-9)


def test_known_rows_that_say_the_same_twice_count_once() -> None:
    rows, echoes = np.eye(4, 6), np.zeros((1, 6))
    twice = np.concatenate([rows[:1], rows[:1], rows + 1.0])
    np.testing.assert_allclose(freed(twice, echoes, 2), freed(twice[1:], echoes, 1), atol=1e-12)


def blurred(seed: int) -> F64:
    """Rows of 20 scatterers, nearer to each other than 30 samples tell."""
    rng = np.random.default_rng(seed)
    at, path = np.sort(rng.uniform(-1.0, 1.0, 20)), np.linspace(-1.5, 1.5, 30)
    rows: F64 = np.exp(-0.5 * (path - at[:, None]) ** 2)
    return rows


def test_both_writings_of_compressed_rows_agree() -> None:
    found = []
    for kernel in twins():
        out, counts = np.zeros((20, 30)), np.zeros(3, np.intp)
        kernel.compressed(blurred(1), np.array([14, 14, 20]), 1e-6, out, counts)
        found.append((counts, out))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_allclose(found[0][1], found[1][1], atol=1e-9)


@pytest.mark.parametrize("least", [1e-3, 1e-9])
def test_compressed_rows_say_as_much_by_fewer(least: float) -> None:
    rows = blurred(2)
    few, _ = compressed(rows, [20], least)
    off = rows.T @ rows - few.T @ few
    assert len(few) < 12
    assert 0.0 <= np.trace(off) <= least * np.trace(rows.T @ rows) + 1e-12
    assert np.linalg.eigvalsh(off)[0] > -1e-9
    assert len(compressed(np.random.default_rng(3).normal(size=(7, 24)), [7])[0]) == 7
    assert compressed(np.zeros((3, 5)), [3])[0].shape == (0, 5)
    assert compressed(np.zeros((3, 0)), [2, 1])[0].shape == (0, 0)
    assert compressed(np.zeros((0, 5)), [])[1] == []


def test_groups_are_compressed_each_by_itself() -> None:
    rows = blurred(4)
    both, counts = compressed(rows, [12, 8])
    one, other = compressed(rows[:12], [12])[0], compressed(rows[12:], [8])[0]
    np.testing.assert_array_equal(both, np.concatenate([one, other]))
    assert counts == [len(one), len(other)]
    with pytest.raises(ValueError, match="no groups"):
        compressed(rows, [12, 9])


def test_what_does_not_fit_is_refused() -> None:
    rows, echoes = made(7)
    with pytest.raises(ValueError, match="do not fit"):
        likely(rows[1:], echoes, STRENGTHS)
    with pytest.raises(ValueError, match="do not fit"):
        likely(rows, echoes[:, 1:], STRENGTHS)
    with pytest.raises(ValueError, match="do not fit"):
        freed(rows, echoes, len(rows))
    with pytest.raises(ValueError, match="positive definite"):
        freed(rows, np.nan * echoes, 2)
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match="positive definite"):
        likely(rows, np.full_like(echoes, np.nan), STRENGTHS)
