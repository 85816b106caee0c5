"""Places of a board's tags: both writings agree, and tags are weighed as each by itself."""

from dataclasses import replace

import numpy as np
import pytest

from edge.ext import _places_py
from edge.ext.echoes import likely
from edge.ext.places import F64, Seen, places
from edge.ext.sources import ITSELF, errors

MIRRORS = np.array([ITSELF, (-0.3, 0.2, -1.0, 1.8, 1.0, 0.0, 0.9, 2.5)])
AHEAD_M, DEPTH_M = np.array([-0.02, 0.0, 0.03, 0.04]), np.array([0.0, 0.05, 0.1, 0.0])
X_M = np.array([0.3, 0.5, 0.8])


def made(seed: int) -> tuple[list[Seen], F64]:
    """Three tags, unlike in samples and scatterers; strengths of these."""
    rng = np.random.default_rng(seed)
    return [_tag(rng, k, r) for k, r in ((9, 4), (1, 0), (14, 30))], rng.uniform(0.1, 2.0, (3, 2))


def _tag(rng: np.random.Generator, k: int, r: int) -> Seen:
    path = rng.uniform(0, 1, k), rng.uniform(0.3, 0.5, k), rng.uniform(17, 20, k)
    h = rng.normal(size=k) + 1j * rng.normal(size=k)
    return Seen(path, h, rng.uniform(0.02, 0.06, (2, k)), rng.normal(size=(r, 2 * k)))


def test_tags_are_weighed_as_each_by_itself() -> None:
    seen, strengths = made(1)
    found = places(seen, X_M, AHEAD_M, DEPTH_M, MIRRORS, strengths)
    for n, one in enumerate(seen):
        rows = errors(*one.path, one.h, one.sd, X_M[n] + AHEAD_M, DEPTH_M, MIRRORS)
        for all_tags, alone in zip(found, likely(rows, one.echoes, strengths[n]), strict=True):
            np.testing.assert_allclose(all_tags[n], alone, rtol=1e-12, atol=1e-12)


def test_both_writings_agree() -> None:
    kernel = pytest.importorskip("edge.ext._places_c")
    seen, strengths = made(2)
    k = [len(one.h) for one in seen]
    given = (
        np.concatenate([np.stack(one.path) for one in seen], axis=1),
        np.concatenate([np.stack([one.h.real, one.h.imag], axis=1) for one in seen]),
        np.concatenate([one.sd for one in seen], axis=1),
        np.cumsum([0, *k]),
        X_M,
        AHEAD_M,
        DEPTH_M,
        MIRRORS,
        np.concatenate([one.echoes.ravel() for one in seen]),
        np.array([len(one.echoes) for one in seen]),
        strengths,
    )
    found = []
    for twin in (_places_py, kernel):
        out = np.zeros((3, 2, 4)), np.zeros((3, 2, 4, 2)), np.zeros((3, 2, 4))
        twin.places(*given, *out)
        found.append(out)
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


def test_what_does_not_fit_is_refused() -> None:
    seen, strengths = made(3)
    with pytest.raises(ValueError, match="do not fit"):
        places(seen, X_M[1:], AHEAD_M, DEPTH_M, MIRRORS, strengths)
    with pytest.raises(ValueError, match="do not fit"):
        places(seen, X_M, AHEAD_M[1:], DEPTH_M, MIRRORS, strengths)
    with pytest.raises(ValueError, match="do not fit"):
        places(seen, X_M, AHEAD_M, DEPTH_M, MIRRORS[:, 1:], strengths)
    with pytest.raises(ValueError, match="do not fit"):
        places(
            [seen[0], replace(seen[1], h=seen[1].h[:0]), seen[2]], X_M, AHEAD_M, DEPTH_M, MIRRORS, strengths
        )
    assert places([], X_M[:0], AHEAD_M, DEPTH_M, MIRRORS, strengths[:0])[0].shape == (0, 2, 4)
