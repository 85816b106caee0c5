"""The likelihood among echoes: against a dense Gaussian, and what a board's own tags tell of it."""

import numpy as np
import pytest

from edge.ext.echoes import likely
from edge.fusion.locate.among import _explained, place_among_echoes
from edge.fusion.locate.echoes import Images, complex_rows, field, scatterers
from edge.fusion.locate.hypotheses import tags_of
from edge.fusion.locate.noise import USUAL
from edge.fusion.locate.options import Options
from edge.fusion.locate.sight import sights
from tests.bench.echo_pairs import real_rows
from tests.edge.fusion.locate.echo_scene import BACK, BACK_M, END, scene

OPTIONS = Options()


def test_likelihood_is_that_of_the_dense_gaussian() -> None:
    one = scene(1, n=1)
    (sight,) = sights(one.profiles, one.x_m, 0.04, USUAL)
    echoes = scatterers(sight, float(one.x_m[0]), 0.04)
    places = one.x_m[0] + np.array([-0.02, 0.0, 0.03])
    sent = field(sight, places, np.full(3, 0.05))
    found = likely(complex_rows(sight, places, np.full(3, 0.05)), echoes, np.array([0.4 * 1.3]))[0][0]
    read = np.concatenate([1.0 / sight.sd[0], np.zeros(len(sight))])
    cov = np.eye(len(read)) + (0.4 * 1.3) ** 2 * echoes.T @ echoes
    dense = []
    for row in sent:
        a = np.stack([real_rows(sight, row), real_rows(sight, 1j * row)], axis=1)
        of_a = a.T @ np.linalg.solve(cov, a)
        left = read - a @ np.linalg.solve(of_a, a.T @ np.linalg.solve(cov, read))
        dense.append(-0.5 * left @ np.linalg.solve(cov, left) - 0.5 * np.linalg.slogdet(of_a)[1])
    expected = np.array(dense) - 0.5 * np.linalg.slogdet(cov)[1]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_passes_are_turned_to_agree() -> None:
    one = scene(2, n=3)
    for sight in sights(one.profiles, one.x_m, 0.04, USUAL):
        half = len(sight) // 2
        d = np.hypot(sight.x_m[:, None] - one.x_m, sight.y_m[:, None] + 0.04)
        turned = sight.h * np.exp(1j * sight.k * d.min(axis=1))
        assert abs(np.angle((turned[:half] * turned[half:].conj()).sum())) < 0.1


def test_board_tells_what_it_reflects() -> None:
    one = scene(3, n=30, strength=0.15)
    seen = sights(one.profiles, one.x_m, OPTIONS.depth_m, USUAL)
    _, found = _explained(tags_of(seen, one.x_m, OPTIONS), Images(), one.length_m, OPTIONS, 2)
    assert found.back[0] == pytest.approx(BACK_M, abs=0.03)
    assert found.back[1] == pytest.approx(BACK, abs=0.12)
    for _, of_end in found.ends:
        assert of_end == pytest.approx(END, abs=0.06)


def test_places_among_echoes_are_better_than_direct_paths_alone() -> None:
    off, alone = [], []
    for seed in range(4):
        one = scene(seed)
        start = one.x_m + np.random.default_rng(seed).normal(0, 0.02, len(one.x_m))
        placed = place_among_echoes(one.profiles, start, one.length_m, OPTIONS)
        assert placed is not None
        off.extend((placed.x_m - one.x_m) / placed.sd_m)
        alone.extend(placed.x_m - one.x_m)
    assert np.median(np.abs(alone)) < 0.010
    assert 0.80 < np.mean(np.abs(off) < 1.645) <= 1.0


def test_few_tags_and_another_world_are_left_to_others() -> None:
    one = scene(5)
    assert place_among_echoes(scene(5, n=6).profiles, scene(5, n=6).x_m, 0.9, OPTIONS) is None
    rng = np.random.default_rng(0)
    for profile in one.profiles:
        profile.h[:] *= np.exp(rng.normal(0, 0.5, profile.h.shape))
    assert place_among_echoes(one.profiles, one.x_m, 0.9, OPTIONS) is None


def test_tag_is_found_where_it_should_stand_though_it_seemed_half_a_wavelength_off() -> None:
    one, tag = scene(1), 8
    start = one.x_m.copy()
    start[tag] += 0.16
    lost = place_among_echoes(one.profiles, start, one.length_m, OPTIONS)
    found = place_among_echoes(one.profiles, start, one.length_m, OPTIONS, near_m=one.x_m)
    assert lost is not None
    assert found is not None
    assert abs(lost.x_m[tag] - one.x_m[tag]) > 0.05
    assert abs(found.x_m[tag] - one.x_m[tag]) < 0.02


def test_tag_that_stands_elsewhere_is_not_drawn_to_where_it_should_stand() -> None:
    one, tag = scene(1), 8
    near = one.x_m.copy()
    near[tag] += 0.20
    placed = place_among_echoes(one.profiles, one.x_m, one.length_m, OPTIONS, near_m=near)
    assert placed is not None
    assert placed.own is not None
    assert abs(placed.x_m[tag] - one.x_m[tag]) < 0.02
    grid = np.linspace(0.0, one.length_m, 451)
    assert abs(grid[placed.own[tag].density(grid).argmax()] - one.x_m[tag]) < 0.02
