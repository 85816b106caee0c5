"""Hypotheses among echoes: both writings agree, and with dense matrices written out."""

from typing import Any

import numpy as np
import pytest

from edge.ext.echoes import C128, F64, against, compressed, without

M, K, R = 5, 12, 7


def made(seed: int) -> tuple[C128, C128, F64, F64]:
    """Fields of hypotheses, what was read, its deviations, rows of scatterers."""
    rng = np.random.default_rng(seed)
    sent = rng.normal(size=(M, K)) + 1j * rng.normal(size=(M, K))
    h = rng.normal(size=K) + 1j * rng.normal(size=K)
    return sent, h, rng.uniform(0.02, 0.06, (2, K)), rng.normal(size=(R, 2 * K))


def twins() -> list[Any]:
    return [pytest.importorskip(f"edge.ext._echoes_{twin}") for twin in ("py", "c")]


def parts(field: C128) -> F64:
    return np.stack([field.real, field.imag], axis=-1)


@pytest.mark.parametrize("seed", range(4))
def test_both_writings_agree(seed: int) -> None:
    sent, h, sd, echoes = made(seed)
    found = []
    for kernel in twins():
        rows, aa = np.zeros((2 * M + 1, 2 * K)), np.zeros((3, M))
        kernel.against(parts(sent), parts(h), sd, rows, aa)
        products, gram = np.ascontiguousarray(echoes @ rows.T), echoes @ echoes.T
        off_aa, off_ab = np.zeros((3, M)), np.zeros((3, M))
        half = kernel.without(products, gram, 0.3, off_aa, off_ab)
        found.append((rows, aa, off_aa, off_ab, np.array(half)))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9 * np.abs(one).max())


def test_errors_are_those_of_amplitude_and_phase() -> None:
    sent, h, sd, _ = made(5)
    rows, aa = against(sent, h, sd)
    for n in range(M):
        for s in range(K):
            off = complex(sent[n, s]) / complex(h[s])
            assert rows[n, s] == pytest.approx(off.real / sd[0, s])
            assert rows[n, K + s] == pytest.approx(off.imag / sd[1, s])
            assert rows[M + n, s] == pytest.approx(-off.imag / sd[0, s])
            assert rows[M + n, K + s] == pytest.approx(off.real / sd[1, s])
        assert aa[:, n] == pytest.approx([rows[a] @ rows[b] for a, b in ((n, n), (M + n, M + n), (n, M + n))])
    assert rows[2 * M] == pytest.approx([*(1.0 / sd[0]), *np.zeros(K)])


def blurred(seed: int) -> F64:
    """Rows of 20 scatterers, nearer to each other than 30 samples tell."""
    rng = np.random.default_rng(seed)
    at, path = np.sort(rng.uniform(-1.0, 1.0, 20)), np.linspace(-1.5, 1.5, 30)
    rows: F64 = np.exp(-0.5 * (path - at[:, None]) ** 2)
    return rows


def test_both_writings_of_compressed_rows_agree() -> None:
    found = []
    for kernel in twins():
        out = np.zeros((20, 30))
        found.append((kernel.compressed(blurred(1), 1e-6, out), out))
    assert found[0][0] == found[1][0]
    np.testing.assert_allclose(found[0][1], found[1][1], atol=1e-9)


@pytest.mark.parametrize("least", [1e-3, 1e-9])
def test_compressed_rows_say_as_much_by_fewer(least: float) -> None:
    rows = blurred(2)
    few = compressed(rows, least)
    off = rows.T @ rows - few.T @ few
    assert len(few) < 12
    assert 0.0 <= np.trace(off) <= least * np.trace(rows.T @ rows) + 1e-12
    assert np.linalg.eigvalsh(off)[0] > -1e-9
    assert len(compressed(np.random.default_rng(3).normal(size=(7, 24)))) == 7
    assert compressed(np.zeros((3, 5))).shape == (0, 5)
    assert compressed(np.zeros((3, 0))).shape == (3, 0)


@pytest.mark.parametrize("strength", [0.0, 0.2, 3.0])
def test_products_are_those_in_the_dense_metric(strength: float) -> None:
    sent, h, sd, echoes = made(6)
    rows, aa = against(sent, h, sd)
    off_aa, off_ab, half = without(echoes @ rows.T, echoes @ echoes.T, strength)
    cov = np.eye(2 * K) + strength**2 * echoes.T @ echoes
    dense = rows @ np.linalg.inv(cov) @ rows.T
    n = np.arange(M)
    np.testing.assert_allclose((aa - off_aa)[2], dense[n, M + n], rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose((aa - off_aa)[:2], [dense[n, n], dense[M + n, M + n]], rtol=1e-8)
    np.testing.assert_allclose(rows[n] @ rows[-1] - off_ab[0], dense[n, -1], rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(rows[M + n] @ rows[-1] - off_ab[1], dense[M + n, -1], rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(rows[-1] @ rows[-1] - off_ab[2], dense[-1, -1], rtol=1e-8)
    assert half == pytest.approx(0.5 * np.linalg.slogdet(cov)[1])


def test_what_does_not_fit_is_refused() -> None:
    sent, h, sd, _ = made(7)
    with pytest.raises(ValueError, match="do not fit"):
        against(sent, h[1:], sd)
    with pytest.raises(ValueError, match="do not fit"):
        without(np.zeros((R, 4)), np.eye(R), 1.0)
    for kernel in twins():
        assert np.isnan(kernel.without(np.ones((2, 3)), -np.eye(2), 2.0, np.zeros((3, 1)), np.zeros((3, 1))))
    with pytest.raises(ValueError, match="positive definite"):
        without(np.ones((2, 3)), -np.eye(2), 2.0)
