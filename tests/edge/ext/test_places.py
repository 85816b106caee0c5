"""Places of a board's tags: both writings agree, and tags are weighed as each by itself."""

from dataclasses import replace

import numpy as np
import pytest

from edge.ext import _places_py
from edge.ext.echoes import compressed, likely
from edge.ext.places import F64, Seen, places, surroundings
from edge.ext.sources import ITSELF, errors

MIRRORS = np.array([ITSELF, (-0.3, 0.2, -1.0, 1.8, 1.0, 0.0, 0.9, 2.5)])
AHEAD_M, DEPTH_M = np.array([-0.02, 0.0, 0.03, 0.04]), np.array([0.0, 0.05, 0.1, 0.0])
X_M = np.array([0.3, 0.5, 0.8])


def made(seed: int) -> tuple[list[Seen], list[F64], F64]:
    """Three tags, unlike in samples and scatterers; rows and strengths of these."""
    rng = np.random.default_rng(seed)
    echoes = [rng.normal(size=(r, 2 * k)) for k, r in ((9, 4), (1, 0), (14, 30))]
    return [_tag(rng, k) for k in (9, 1, 14)], echoes, rng.uniform(0.1, 2.0, (3, 2))


def _tag(rng: np.random.Generator, k: int) -> Seen:
    path = rng.uniform(0, 1, k), rng.uniform(0.3, 0.5, k), rng.uniform(17, 20, k)
    h = rng.normal(size=k) + 1j * rng.normal(size=k)
    return Seen(path, h, rng.uniform(0.02, 0.06, (2, k)))


def columns(seen: list[Seen]) -> tuple[F64, F64, F64, "np.ndarray[tuple[int], np.dtype[np.intp]]"]:
    return (
        np.concatenate([np.stack(one.path) for one in seen], axis=1),
        np.concatenate([np.stack([one.h.real, one.h.imag], axis=1) for one in seen]),
        np.concatenate([one.sd for one in seen], axis=1),
        np.cumsum([0, *(len(one.h) for one in seen)]),
    )


def test_tags_are_weighed_as_each_by_itself() -> None:
    seen, echoes, strengths = made(1)
    found = places(seen, echoes, X_M, AHEAD_M, DEPTH_M, MIRRORS, strengths)
    for n, one in enumerate(seen):
        rows = errors(*one.path, one.h, one.sd, X_M[n] + AHEAD_M, DEPTH_M, MIRRORS)
        for all_tags, alone in zip(found, likely(rows, echoes[n], strengths[n]), strict=True):
            np.testing.assert_allclose(all_tags[n], alone, rtol=1e-12, atol=1e-12)


def test_tags_are_surrounded_as_each_by_itself() -> None:
    seen, _, _ = made(4)
    strength = np.array([0.4, 0.3, 0.2, 0.7])
    found = surroundings(seen, X_M, AHEAD_M, DEPTH_M, strength, [3, 1])
    for x_m, one, (rows, counts) in zip(X_M, seen, found, strict=True):
        v = errors(*one.path, one.h, one.sd, x_m + AHEAD_M, DEPTH_M)[[0, 1, 2, 4, 5, 6, 3, 7]]
        alone = compressed(v * strength[[0, 1, 2, 0, 1, 2, 3, 3], None], [6, 2])
        np.testing.assert_allclose(rows, alone[0], rtol=1e-12, atol=1e-12)
        assert counts == alone[1]


def test_both_writings_of_places_agree() -> None:
    kernel = pytest.importorskip("edge.ext._places_c")
    seen, echoes, strengths = made(2)
    flat, many = np.concatenate([rows.ravel() for rows in echoes]), np.array([len(rows) for rows in echoes])
    found = []
    for twin in (_places_py, kernel):
        out = np.zeros((3, 2, 4)), np.zeros((3, 2, 4, 2)), np.zeros((3, 2, 4))
        twin.places(*columns(seen), X_M, AHEAD_M, DEPTH_M, MIRRORS, flat, many, strengths, *out)
        found.append(out)
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


def test_both_writings_of_surroundings_agree() -> None:
    kernel = pytest.importorskip("edge.ext._places_c")
    seen, _, _ = made(5)
    ends, found = np.array([1, 4]), []
    for twin in (_places_py, kernel):
        out, counts = np.zeros(16 * 24), np.zeros((3, 2), np.intp)
        grid = X_M, AHEAD_M, DEPTH_M, MIRRORS, np.full(4, 0.5)
        twin.surroundings(*columns(seen), *grid, ends, 1e-6, out, counts)
        found.append((out, counts))
    np.testing.assert_array_equal(found[0][1], found[1][1])
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-9, atol=1e-9)


def test_what_does_not_fit_is_refused() -> None:
    seen, echoes, strengths = made(3)
    with pytest.raises(ValueError, match="do not fit"):
        places(seen, echoes, X_M[1:], AHEAD_M, DEPTH_M, MIRRORS, strengths)
    with pytest.raises(ValueError, match="do not fit"):
        places(seen, echoes, X_M, AHEAD_M[1:], DEPTH_M, MIRRORS, strengths)
    with pytest.raises(ValueError, match="do not fit"):
        places(seen, echoes, X_M, AHEAD_M, DEPTH_M, MIRRORS[:, 1:], strengths)
    with pytest.raises(ValueError, match="do not fit"):
        places(seen, echoes[::-1], X_M, AHEAD_M, DEPTH_M, MIRRORS, strengths)
    with pytest.raises(ValueError, match="do not fit"):
        surroundings([*seen[:2], replace(seen[2], h=seen[2].h[:0])], X_M, AHEAD_M, DEPTH_M, DEPTH_M, [4])
    with pytest.raises(ValueError, match="groups"):
        surroundings(seen, X_M, AHEAD_M, DEPTH_M, DEPTH_M, [2, 1])
    assert places([], [], X_M[:0], AHEAD_M, DEPTH_M, MIRRORS, strengths[:0])[0].shape == (0, 2, 4)
    assert surroundings([], X_M[:0], AHEAD_M, DEPTH_M, DEPTH_M, [4]) == []
