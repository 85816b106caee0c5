"""Pairs of points: both writings agree, and the evidence is that of dense Gaussians."""

from typing import Any

import numpy as np
import pytest

from edge.ext.points import F64, evidence

G, M, N, R = 7, 3, 40, 4
STRENGTHS = np.array([0.1, 0.5])


def made(seed: int, echoes: int = R) -> tuple[F64, F64, F64, F64]:
    """Rows of hypotheses with what was read, of points, of echoes; log priors."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(2 * M + 1, N))
    return rows, rng.normal(size=(2 * G, N)), rng.normal(size=(echoes, N)), rng.normal(size=(M, G))


def of_both(given: tuple[F64, F64, F64, F64], firsts: int) -> list[F64]:
    found = []
    for twin in ("py", "c"):
        kernel: Any = pytest.importorskip(f"edge.ext._points_{twin}")
        found.append(np.zeros((1 + 2 * len(STRENGTHS), M)))
        kernel.evidence(*given, STRENGTHS, firsts, found[-1])
    return found


@pytest.mark.parametrize(
    ("seed", "firsts", "echoes"), [(0, 1, R), (1, 3, 0), (2, G, 1), (3, 2 * G, R), (4, 2, 2 * N)]
)
def test_both_writings_agree(seed: int, firsts: int, echoes: int) -> None:
    one, other = of_both(made(seed, echoes), firsts)
    np.testing.assert_allclose(one, other, rtol=1e-9)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 30.0])
def test_both_writings_agree_where_points_hardly_show_and_where_one_outdoes_all(scale: float) -> None:
    rows, points, echoes, log_prior = made(6)
    rows[-1] *= scale
    one, other = of_both((rows, points, echoes, scale * log_prior), 4)
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


def test_evidence_is_that_of_dense_gaussians_summed_over_places() -> None:
    rows, points, echoes, log_prior = made(4)
    found = evidence(rows, points, echoes, log_prior, STRENGTHS, G)
    for n in range(M):
        own = rows[[n, M + n]]
        assert found[0, n] == pytest.approx(_dense(own, rows[-1], echoes))
        for t, strength in enumerate(STRENGTHS):
            beside = [np.concatenate([echoes, strength * points[[i, G + i]]]) for i in range(G)]
            one = [_dense(own, rows[-1], all_) + log_prior[n, i] for i, all_ in enumerate(beside)]
            two = [
                _dense(own, rows[-1], np.concatenate([beside[i], beside[j][R:]]))
                + log_prior[n, i]
                + log_prior[n, j]
                for i in range(G)
                for j in range(G)
                if i != j
            ]
            expected = [np.logaddexp.reduce(one), np.logaddexp.reduce(two)]
            np.testing.assert_allclose(found[[1 + t, 3 + t], n], expected, rtol=1e-9)


def _dense(own: F64, read: F64, echoes: F64) -> float:
    """Log density of `read` but for its constant, a flat prior on the two strengths of `own`."""
    precise = np.linalg.inv(np.eye(N) + echoes.T @ echoes)
    of_own = own @ precise @ own.T
    rest = read - own.T @ np.linalg.solve(of_own, own @ precise @ read)
    dets = np.linalg.slogdet(precise)[1] - np.linalg.slogdet(of_own)[1]
    return float(0.5 * dets - 0.5 * rest @ precise @ rest)


def test_what_does_not_fit_is_refused() -> None:
    rows, points, echoes, log_prior = made(5)
    with pytest.raises(ValueError, match="do not fit"):
        evidence(rows[1:], points, echoes, log_prior, STRENGTHS, 3)
    with pytest.raises(ValueError, match="do not fit"):
        evidence(rows, points, echoes[:, 1:], log_prior, STRENGTHS, 3)
    with pytest.raises(ValueError, match="positive definite"):
        evidence(rows, points, np.nan * echoes, log_prior, STRENGTHS, 3)
