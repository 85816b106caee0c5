"""The posterior over pairs: its evidence is the dense Gaussian's, and it is the same seen in a mirror."""

import numpy as np
import pytest

from tests.bench.echo_bound import DEPTH, REACH_M, SD, order_left, path
from tests.bench.echo_pairs import evidence, posterior_mean


def test_evidence_is_that_of_dense_gaussians_summed_over_pairs() -> None:
    rng = np.random.default_rng(0)
    points, direct, read = rng.normal(size=(4, 2, 12)), rng.normal(size=(2, 12)), rng.normal(size=12)
    log_prior = np.log([0.1, 0.2, 0.3, 0.4])
    terms = []
    for i, j in ((i, j) for i in range(4) for j in range(4) if i != j):
        cov = np.eye(12) + points[i].T @ points[i] + points[j].T @ points[j]
        of_direct = direct @ np.linalg.solve(cov, direct.T)
        towards = direct @ np.linalg.solve(cov, read)
        left = read @ np.linalg.solve(cov, read) - towards @ np.linalg.solve(of_direct, towards)
        dets = np.linalg.slogdet(cov)[1] + np.linalg.slogdet(of_direct)[1]
        terms.append(log_prior[i] + log_prior[j] - 0.5 * (left + dets))
    expected = np.logaddexp.reduce(terms)
    assert evidence(points, direct, read, log_prior) == pytest.approx(expected, rel=1e-9)


def test_place_is_found_beside_a_point_and_mirrored_with_the_scene() -> None:
    x_m, y_m, k = path()
    line = y_m + DEPTH[0]
    near, far = np.hypot(x_m, line), np.hypot(x_m - 0.16, line)
    h = (line / near) ** 2 / near * np.exp(-1j * k * near)
    h = h + 0.3j * (line / far) ** 2 / far * np.exp(-1j * k * far)
    seen = posterior_mean((x_m, y_m, k), h, SD, 0.5, REACH_M, DEPTH)
    mirrored = posterior_mean((-x_m, y_m, k), h, SD, 0.5, REACH_M, DEPTH)
    assert abs(seen) < 0.01
    assert mirrored == pytest.approx(-seen, abs=1e-6)


def test_order_of_given_errors_falls_with_their_size() -> None:
    rng = np.random.default_rng(0)
    off_m = np.array([-0.02, 0.0, 0.001, 0.02])
    assert order_left(0.0 * off_m, 0.028, rng) == 1.0
    assert 0.5 < order_left(2.0 * off_m, 0.028, rng) < order_left(off_m, 0.028, rng) < 1.0


def test_a_neighbour_that_is_known_to_pass_the_field_on_draws_a_place_less() -> None:
    error_m = []
    for beside in ((np.zeros(0), np.zeros(0)), (np.array([0.02, -0.03]), np.array([0.7, 0.6]))):
        rng = np.random.default_rng(4)
        noise = SD[:, None] * rng.normal(size=(2, len(path()[0])))
        x_m, y_m, k = path()
        near, beside_it = (np.hypot(x_m - at_m, y_m + DEPTH[0]) for at_m in (0.0, 0.02))
        line = y_m + DEPTH[0]
        h = (line / near) ** 2 / near * np.exp(-1j * k * near)
        h = h + 0.6j * (line / beside_it) ** 2 / beside_it * np.exp(-1j * k * beside_it)
        read = h * np.exp(noise[0] + 1j * noise[1])
        error_m.append(abs(posterior_mean((x_m, y_m, k), read, SD, 0.1, REACH_M, DEPTH, beside)))
    assert error_m[1] < error_m[0]
