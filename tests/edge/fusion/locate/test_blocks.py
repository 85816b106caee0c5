"""Long rows in blocks: the ends, which neighbours draw to one side, and the middle, which they do not."""

import numpy as np
import pytest

from edge.columns import F64
from edge.fusion.locate.blocks import by_themselves, solve_row_jointly
from edge.fusion.locate.coupled import Prior
from edge.fusion.locate.coupling import Joint
from edge.fusion.locate.hologram import coarse_places
from edge.fusion.locate.options import Options
from edge.fusion.locate.profile import Profile
from edge.fusion.locate.single import place_singly
from tests.edge.fusion.locate.coupled_scene import row

PATH_M = np.arange(0.0, 1.7, 0.02)
REACH_M = 0.6
OWN_SD_M = 0.03
TAGS = 24

pytestmark = pytest.mark.slow


def solved(profile: Profile) -> tuple[F64, Joint | None]:
    """The tags' own places, and what the row says."""
    options = Options()
    first = coarse_places([profile], 0.0, float(PATH_M[-1]), options)
    own = place_singly([profile], first, options).peak_m
    alone = by_themselves(own, OWN_SD_M**2 * np.eye(len(own)))
    return own, solve_row_jointly([profile], [own, first.x_m], alone, Prior())


def errors_m(x_m: F64, places_m: F64) -> F64:
    """Absolute errors with what all share taken away."""
    off: F64 = np.abs(x_m - places_m - np.median(x_m - places_m))
    return off


@pytest.fixture(scope="module")
def long_row() -> tuple[F64, F64, Joint]:
    """True places in no order, the tags' own places, and the row's."""
    rng = np.random.default_rng(1)
    places_m = rng.permutation(0.3 + np.cumsum(0.045 + 0.005 * rng.standard_normal(TAGS)))
    own, joint = solved(row(places_m, path_m=PATH_M, reach_m=REACH_M))
    assert joint is not None
    return places_m, own, joint


def test_places_of_a_long_row_are_those_of_its_blocks(long_row: tuple[F64, F64, Joint]) -> None:
    places_m, own, joint = long_row
    assert errors_m(own, places_m).max() > 0.02
    assert errors_m(joint.x_m, places_m).max() < 0.01
    assert (np.argsort(joint.x_m) == np.argsort(places_m)).all()


def test_odds_and_deviations_belong_to_the_row_as_found(long_row: tuple[F64, F64, Joint]) -> None:
    places_m, _, joint = long_row
    assert joint.log_odds.shape == (TAGS - 1,)
    assert (joint.log_odds > 0.0).all()
    assert np.linalg.eigvalsh(joint.cov_m2).min() > 0.0
    assert (errors_m(joint.x_m, places_m) < 3.0 * np.sqrt(np.diag(joint.cov_m2))).all()


def test_long_row_that_does_not_couple_is_left_alone() -> None:
    places_m = 0.3 + 0.045 * np.arange(TAGS)
    _, joint = solved(row(places_m, coupled=False, path_m=PATH_M, reach_m=REACH_M))
    assert joint is None


def test_blocks_without_coupling_keep_their_tags_places() -> None:
    thin, wide = 0.3 + 0.04 * np.arange(20), 1.4 + 0.16 * np.arange(16)
    path_m = np.arange(0.0, 4.2, 0.02)
    left = row(thin, path_m=path_m, reach_m=REACH_M)
    right = row(wide, coupled=False, path_m=path_m, reach_m=REACH_M)
    h, count = np.concatenate([left.h, right.h]), np.concatenate([left.count, right.count])
    both = Profile(path_m, 0.5, left.f_mhz, h, count, 1)
    start = np.concatenate([thin, wide])
    alone = by_themselves(start, OWN_SD_M**2 * np.eye(len(start)))
    joint = solve_row_jointly([both], [start], alone, Prior())
    assert joint is not None
    np.testing.assert_array_equal(joint.x_m[-8:], wide[-8:])
    assert (np.diag(joint.cov_m2)[:8] < OWN_SD_M**2 / 4.0).all()
    np.testing.assert_allclose(np.diag(joint.cov_m2)[-8:], OWN_SD_M**2)
