"""Boards above one another: columns are found where tags share fields, and not where a path explains them."""

import numpy as np
import pytest

from edge.columns import F64
from edge.ext.coupled import direct
from edge.fusion.locate.columns import may_be_columns, place_in_columns
from edge.fusion.locate.coupled import Prior
from edge.fusion.locate.hologram import Coarse
from edge.fusion.locate.impedance import mutual
from edge.fusion.locate.options import Options
from edge.fusion.locate.physics import wavenumber
from edge.fusion.locate.profile import C128, Profile
from edge.fusion.locate.single import Placed, place_singly

F_MHZ = 922.0
K = float(wavenumber(F_MHZ))
PATH_M = np.linspace(0.0, 0.98, 50)
TRUE_M = np.tile(0.32 + 0.045 * np.arange(8), 2)


def fields(x_m: F64) -> C128:
    """Of a row of coupled dipoles."""
    z, _ = mutual(np.abs(x_m[:, None] - x_m), 2.0 * np.pi / K)
    np.fill_diagonal(z, Prior().own)
    sent: C128 = np.linalg.inv(z) @ direct(PATH_M, x_m, np.full(len(x_m), 0.5), K, 1.5)[0]
    return sent


def noisy(h: C128) -> Profile:
    rng = np.random.default_rng(5)
    error = rng.normal(size=(2, *h.shape)) * 0.1 * np.abs(h).mean(axis=1, keepdims=True)
    return Profile(PATH_M, 0.5, F_MHZ, h + error[0] + 1j * error[1], np.ones(h.shape), 1)


def alone(row: Profile) -> Placed:
    """By a single path."""
    return place_singly([row], Coarse(TRUE_M, np.zeros(16), np.full(16, 0.02)), Options())


@pytest.mark.slow  # without kernels: a minute
def test_tags_above_one_another_stand_in_columns() -> None:
    row = noisy(np.concatenate([fields(TRUE_M[:8])] * 2))
    own = alone(row)
    assert may_be_columns(own.peak_m, own.misfit)
    found = place_in_columns([row], own.peak_m, own.peak_m, Prior())
    assert found is not None
    assert np.abs(found.x_m - TRUE_M).mean() < 0.65 * np.abs(own.peak_m - TRUE_M).mean()  # half is their own
    assert (found.sd_m < 0.15).all()
    assert found.boards == 2


@pytest.mark.slow
def test_tags_that_a_single_path_explains_stand_in_none() -> None:
    row = noisy(direct(PATH_M, TRUE_M, np.full(16, 0.5), K, 1.5)[0])
    own = alone(row)
    assert not may_be_columns(own.peak_m, own.misfit)
    assert place_in_columns([row], own.peak_m, own.peak_m, Prior()) is None


def test_few_tags_or_tags_with_room_for_a_line_are_not_looked_at() -> None:
    bad = np.full(16, 0.2)
    assert may_be_columns(TRUE_M, bad)
    assert not may_be_columns(4.0 * TRUE_M, bad)
    assert not may_be_columns(TRUE_M[:8], bad[:8])
