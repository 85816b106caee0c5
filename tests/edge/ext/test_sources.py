"""Fields of point sources: both writings agree, and the field is that of its equation."""

import cmath
import math

import numpy as np
import pytest

from edge.ext.sources import C128, F64, ITSELF, errors, sources


def test_both_writings_agree() -> None:
    rng = np.random.default_rng(4)
    path = (rng.uniform(0, 1, 30), rng.uniform(0.3, 0.5, 30), rng.uniform(17, 20, 30))
    at = (rng.uniform(0, 1, 7), rng.uniform(0, 0.6, 7))
    mirrors = np.array(
        [ITSELF, (-0.3, 0.2, -1.0, 1.8, 1.0, 0.0, 0.9, 2.5), (0.4, 0.0, 1.0, 0.0, -1.0, 0.6, 0, 0)]
    )
    out = []
    for twin in ("py", "c"):
        kernel = pytest.importorskip(f"edge.ext._sources_{twin}")
        out.append(np.zeros((7, 30, 2)))
        kernel.sources(*path, *at, mirrors, out[-1])
    np.testing.assert_allclose(out[0], out[1], atol=1e-9)


def read(seed: int) -> tuple[F64, F64, F64, C128, F64]:
    """Path, wavenumber, the field that was read and its deviations."""
    rng = np.random.default_rng(seed)
    h = rng.normal(size=30) + 1j * rng.normal(size=30)
    along = (rng.uniform(0, 1, 30), rng.uniform(0.3, 0.5, 30), rng.uniform(17, 20, 30))
    return *along, h, rng.uniform(0.02, 0.06, (2, 30))


def test_both_writings_of_errors_agree() -> None:
    *path, h, sd = read(7)
    mirrors = np.array([ITSELF, (-0.3, 0.2, -1.0, 1.8, 1.0, 0.0, 0.9, 2.5)])
    out = []
    for twin in ("py", "c"):
        kernel = pytest.importorskip(f"edge.ext._sources_{twin}")
        out.append(np.zeros((15, 60)))
        parts = np.stack([h.real, h.imag], axis=1)
        kernel.errors(*path, parts, sd, np.linspace(0, 1, 7), np.linspace(0, 0.3, 7), mirrors, out[-1])
    np.testing.assert_allclose(out[0], out[1], rtol=1e-9, atol=1e-9)


def test_errors_are_those_of_amplitude_and_phase() -> None:
    x, y, k, h, sd = read(8)
    at = np.array([0.3, 0.6]), np.array([0.0, 0.1])
    sent, rows = sources(x, y, k, *at), errors(x, y, k, h, sd, *at)
    for n in range(2):
        for s in range(30):
            off = complex(sent[n, s]) / complex(h[s])
            assert rows[n, s] == pytest.approx(off.real / sd[0, s])
            assert rows[n, 30 + s] == pytest.approx(off.imag / sd[1, s])
            assert rows[2 + n, s] == pytest.approx(-off.imag / sd[0, s])
            assert rows[2 + n, 30 + s] == pytest.approx(off.real / sd[1, s])
    assert rows[4] == pytest.approx([*(1.0 / sd[0]), *np.zeros(30)])


def test_field_is_that_of_its_equation() -> None:
    path = (np.array([0.7]), np.array([0.4]), np.array([18.0]))
    found = sources(*path, np.array([0.3]), np.array([0.1]))
    d = math.hypot(0.4, 0.5)
    assert complex(found[0, 0]) == pytest.approx((0.5 / d) ** 2 / d * cmath.exp(-18j * d))


def test_waves_are_exact_at_every_turn() -> None:
    rng = np.random.default_rng(6)
    d = np.concatenate([rng.uniform(0.1, 40.0, 500), np.pi / 4 * np.arange(1, 200), [5000.0, 40000.0]])
    found = sources(np.zeros(len(d)), d, np.full(len(d), 19.0), np.zeros(1), np.zeros(1))[0]
    np.testing.assert_allclose(found * d, np.exp(-19j * d), atol=1e-9)


def test_mirrors_show_sources_elsewhere() -> None:
    path = (np.array([0.7, 0.8]), np.array([0.4, 0.4]), np.array([18.0, 18.0]))
    places, depths = np.array([0.3, 0.5]), np.array([0.1, 0.0])
    found = sources(*path, places, depths, np.array([(0.0, 0.5, -1.0, 1.8, -1.0, 0.6, 0.0, 0.0)]))
    np.testing.assert_allclose(found, 0.5j * sources(*path, 1.8 - places, 0.6 - depths), rtol=1e-12)


def test_what_a_mirror_sends_back_is_damped_by_the_way_to_it() -> None:
    path = (np.array([0.7, 0.8]), np.array([0.4, 0.4]), np.array([18.0, 18.0]))
    places, depths = np.array([0.3, 1.1]), np.array([0.1, 0.0])
    found = sources(*path, places, depths, np.array([(*ITSELF[:6], 0.9, 2.5)]))
    share = np.exp(-2.5 * np.array([[0.6], [0.2]]))
    np.testing.assert_allclose(found, share * sources(*path, places, depths), rtol=1e-12)


def test_shapes_that_do_not_fit_are_refused() -> None:
    one, two = np.zeros(1), np.zeros(2)
    with pytest.raises(ValueError, match="do not fit"):
        sources(one, two, one, one, one)
    with pytest.raises(ValueError, match="do not fit"):
        sources(one, one, one, one, one, np.zeros((1, 5)))
    with pytest.raises(ValueError, match="do not fit"):
        sources(one, one, one, one, two)
    with pytest.raises(ValueError, match="do not fit"):
        errors(one, one, one, two.astype(complex), np.ones((2, 1)), one, one)
    with pytest.raises(ValueError, match="do not fit"):
        errors(one, one, one, one.astype(complex), np.ones((2, 2)), one, one)
