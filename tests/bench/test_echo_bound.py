"""The bounds hang together: more scatter never helps, and knowing more never hurts."""

import numpy as np
import pytest

from tests.bench.echo_bound import many_points, order, two_points


def test_knowing_the_scatterers_helps_and_stronger_ones_hurt() -> None:
    weak = np.array([two_points(0.1, np.random.default_rng(n)) for n in range(20)])
    strong = np.array([two_points(0.6, np.random.default_rng(n)) for n in range(20)])
    assert (weak[:, 0] < weak[:, 1]).all()
    assert np.median(weak[:, 1]) < np.median(strong[:, 1])


def test_without_scatterers_only_noise_is_left() -> None:
    known, unknown = two_points(1e-4, np.random.default_rng(3))
    assert unknown == pytest.approx(known, rel=0.2)
    assert abs(many_points(1e-3, np.random.default_rng(3))) < 0.004


def test_order_falls_from_certain_to_a_coin() -> None:
    rng = np.random.default_rng(0)
    assert order(0.0, 0.028, rng) == 1.0
    assert order(10.0, 0.028, rng) == pytest.approx(0.5, abs=0.01)
