"""What a tag's own reads say of its place, around one start or two."""

import numpy as np
import pytest

from edge.fusion.locate.own import Own, own

GRID_M = np.linspace(0.0, 0.9, 451)
PEAK = (0.0, 0.5, 1.0, 0.5, 0.0)


def said(*start_m: float, misfit: float = 1.0) -> Own:
    return Own(start_m, (PEAK,) * len(start_m), 0.015, misfit)


def mass(density: "np.ndarray[tuple[int], np.dtype[np.float64]]", low_m: float, high_m: float) -> float:
    return float(density[(low_m <= GRID_M) & (high_m >= GRID_M)].sum() * (GRID_M[1] - GRID_M[0]))


def test_places_around_both_starts_are_possible() -> None:
    density = said(0.2, 0.5).density(GRID_M)
    assert mass(density, 0.0, 0.9) == pytest.approx(1.0, abs=0.01)
    assert mass(density, 0.14, 0.26) == pytest.approx(mass(density, 0.44, 0.56), rel=1e-3)
    assert mass(density, 0.14, 0.26) > 0.45


def test_badly_explained_tag_may_stand_anywhere_but_mostly_where_it_is_seen() -> None:
    well, badly = (mass(said(0.3, misfit=misfit).density(GRID_M), 0.5, 0.9) for misfit in (1.0, 2.5))
    assert 5 * well < badly < 0.1


def test_badly_known_axis_widens_a_place() -> None:
    exact, wide = (said(0.4).density(GRID_M, sd_m).max() for sd_m in (0.0, 0.03))
    assert wide < 0.7 * exact


def test_place_beyond_the_grid_says_nothing() -> None:
    np.testing.assert_allclose(said(3.0).density(GRID_M), 1.0 / 0.9)


def test_likelihoods_of_two_looks_stay_as_they_compare() -> None:
    one = own([0.2, 0.5], np.log(np.array([PEAK, PEAK]) + 1e-9) - np.array([[700.0], [702.0]]), 0.015, 1.0)
    density = one.at(np.array([0.3, 0.6])).density(GRID_M)
    assert mass(density, 0.24, 0.36) / mass(density, 0.54, 0.66) == pytest.approx(np.exp(2.0), rel=0.1)
