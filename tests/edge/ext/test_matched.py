"""The matched-field kernel: both writings agree, and the direct path is found where it is."""

import numpy as np
import pytest

from edge.ext.matched import C128, F64, matched

K_RAD_M = 2.0 * np.pi * 920.0 / 299.792458
PATH_M = np.arange(0.0, 1.0, 0.01)
LINES_M = np.array([0.45, 0.5, 0.55])


def field(x_m: float, y_m: float, path_m: F64 = PATH_M) -> C128:
    d = np.hypot(path_m - x_m, y_m)
    return np.exp(-1j * K_RAD_M * d) * y_m / d**2


def test_both_writings_agree() -> None:
    rng = np.random.default_rng(5)
    h = (rng.normal(size=(4, 60)) + 1j * rng.normal(size=(4, 60))) * (rng.random((4, 60)) > 0.4)
    path, at = np.sort(rng.uniform(0, 1, 60)), rng.uniform(0, 1, (4, 9))
    out = []
    for twin in ("py", "c"):
        kernel = pytest.importorskip(f"edge.ext._matched_{twin}")
        out.append(np.zeros((4, 3, 9)))
        kernel.matched(h.real.copy(), h.imag.copy(), path, at, LINES_M, K_RAD_M, out[-1])
    np.testing.assert_allclose(out[0], out[1], atol=1e-9)


def test_direct_path_is_explained_wholly_at_its_place_whatever_its_gain() -> None:
    h = (0.3 - 2.0j) * field(0.42, 0.5)[None, :]
    explained, total = matched(h, PATH_M, np.array([[0.38, 0.42, 0.46]]), LINES_M, K_RAD_M)
    share = explained[0] / total[0]
    assert share[1, 1] == pytest.approx(1.0)
    assert share.argmax() == 4


def test_shifted_and_mirrored_scenes_give_the_same() -> None:
    at = np.array([[0.3, 0.35, 0.4]])
    straight, _ = matched(field(0.35, 0.5)[None, :], PATH_M, at, LINES_M, K_RAD_M)
    shifted, _ = matched(field(1.35, 0.5, PATH_M + 1)[None, :], PATH_M + 1, at + 1, LINES_M, K_RAD_M)
    mirrored, _ = matched(field(-0.35, 0.5, -PATH_M)[None, :], -PATH_M, -at, LINES_M, K_RAD_M)
    np.testing.assert_allclose(shifted, straight, rtol=1e-9)
    np.testing.assert_allclose(mirrored, straight, rtol=1e-9)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        matched(np.ones((2, 5), complex), PATH_M, np.zeros((2, 3)), LINES_M, K_RAD_M)
