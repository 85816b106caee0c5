"""Pairs of points: both writings agree, and the evidence is that of dense Gaussians."""

from typing import Any

import numpy as np
import pytest

from edge.ext.points import F64, evidence

G, M, N = 7, 3, 40
STRENGTHS = np.array([0.1, 0.5])


def made(seed: int) -> tuple[F64, F64, F64, F64]:
    """Rows of points [2g, n], orthonormal rows of hypotheses [m, 2, n], what was read, log priors."""
    rng = np.random.default_rng(seed)
    own = np.stack([np.linalg.qr(rng.normal(size=(N, 2)))[0].T for _ in range(M)])
    return rng.normal(size=(2 * G, N)), own, 2.0 * rng.normal(size=N), rng.normal(size=(M, G))


def products(seed: int) -> tuple[F64, F64, F64, F64, F64]:
    rows, own, read, log_prior = made(seed)
    return rows @ rows.T, rows @ read, own @ rows.T, own @ read, log_prior


def twins() -> list[Any]:
    return [pytest.importorskip(f"edge.ext._points_{twin}") for twin in ("py", "c")]


@pytest.mark.parametrize(("seed", "firsts"), [(0, 1), (1, 3), (2, G), (3, 2 * G)])
def test_both_writings_agree(seed: int, firsts: int) -> None:
    found = []
    for kernel in twins():
        out = np.zeros((M, len(STRENGTHS), 2))
        kernel.evidence(*products(seed), STRENGTHS, firsts, out)
        found.append(out)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9)


def test_evidence_is_that_of_dense_gaussians_summed_over_places() -> None:
    rows, own, read, log_prior = made(4)
    found = evidence(*products(4), STRENGTHS, G)
    for n in range(M):
        free = np.eye(N) - own[n].T @ own[n]
        basis = np.linalg.svd(free)[0][:, : N - 2]  # what the hypothesis's own gain leaves free
        for t, strength in enumerate(STRENGTHS):
            one = [_dense(rows, read, basis, strength, [i]) + log_prior[n, i] for i in range(G)]
            two = [
                _dense(rows, read, basis, strength, [i, j]) + log_prior[n, i] + log_prior[n, j]
                for i in range(G)
                for j in range(G)
                if i != j
            ]
            expected = [np.logaddexp.reduce(one), np.logaddexp.reduce(two)]
            np.testing.assert_allclose(found[n, t], expected, rtol=1e-9)


def _dense(rows: F64, read: F64, basis: F64, strength: float, points: list[int]) -> float:
    """Log density of the free part of `read`, over that with no point."""
    part = rows[[*points, *(i + G for i in points)]] @ basis
    cov = np.eye(basis.shape[1]) + strength**2 * part.T @ part
    left = read @ basis
    return float(0.5 * (left @ left - left @ np.linalg.solve(cov, left)) - 0.5 * np.linalg.slogdet(cov)[1])


@pytest.mark.parametrize("scale", [1e-4, 1.0, 30.0])
def test_both_writings_agree_where_points_hardly_show_and_where_one_outdoes_all(scale: float) -> None:
    gram, towards, seen, known, log_prior = products(6)
    found = []
    for kernel in twins():
        out = np.zeros((M, len(STRENGTHS), 2))
        kernel.evidence(gram, scale * towards, seen, scale * known, scale * log_prior, STRENGTHS, 4, out)
        found.append(out)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9, atol=1e-9)


def test_what_does_not_fit_is_refused() -> None:
    gram, towards, seen, known, log_prior = products(5)
    with pytest.raises(ValueError, match="do not fit"):
        evidence(gram[1:], towards, seen, known, log_prior, STRENGTHS, 3)
    with pytest.raises(ValueError, match="positive definite"):
        evidence(-100.0 * gram, towards, seen, known, log_prior, STRENGTHS, 3)
