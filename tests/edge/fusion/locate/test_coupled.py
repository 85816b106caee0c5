"""Coupled rows: slopes against differences, and a simulated row whose tags draw each other together."""

from dataclasses import replace

import numpy as np
import pytest

from edge.fusion.locate.coupled import (
    Prior,
    energy,
    normal_equations_at,
    settle,
    slot_costs,
    start_at,
    state_of,
)
from edge.fusion.locate.coupling import solve_jointly
from edge.fusion.locate.impedance import mutual
from edge.fusion.locate.samples import followed, parts_of
from tests.edge.fusion.locate.coupled_scene import row


def test_mutual_impedance_is_that_of_half_wave_dipoles() -> None:
    value, _ = mutual(np.array([0.0, 0.5, 1.0]), 1.0)
    # Balanis, Antenna Theory, fig. 8.21: 73 + 42.5j at contact, -12.5 - 29.9j at half a wavelength.
    np.testing.assert_allclose(value[:2] * 73.13, [73.1 + 42.5j, -12.5 - 29.9j], atol=1.0)
    assert abs(value[2]) < abs(value[1])


def test_slope_is_that_of_the_energy() -> None:
    places = np.array([0.3, 0.37, 0.45, 0.55])
    parts = parts_of([row(places)], places)
    prior = Prior()
    start = start_at(places + np.array([0.01, -0.005, 0.0, 0.01]), prior)
    _, slope = normal_equations_at(parts, start, prior)
    q = start.vector()
    for n in range(len(q)):
        step = np.zeros(len(q))
        step[n] = 1e-6
        up, down = (energy(parts, state_of(q + s * step), prior) for s in (1, -1))
        assert (down - up) / 2e-6 == pytest.approx(slope[n], rel=2e-3, abs=0.5)


def test_coupled_row_is_put_in_order_from_starts_that_are_not() -> None:
    places = np.array([0.30, 0.34, 0.38, 0.42, 0.46, 0.50])
    start = np.array([0.34, 0.37, 0.43, 0.40, 0.44, 0.46])
    joint = solve_jointly([row(places)], [start], Prior())
    assert joint is not None
    np.testing.assert_allclose(joint.x_m, places, atol=0.005)
    assert (joint.log_odds > 0).all()


def test_row_that_does_not_couple_is_left_alone() -> None:
    places = np.array([0.2, 0.4, 0.6, 0.8])
    assert solve_jointly([row(places, coupled=False)], [places], Prior()) is None


def test_sign_lost_where_the_field_passes_through_zero_is_found_again() -> None:
    places = np.array([0.3, 0.37, 0.45, 0.55])
    (part,) = parts_of([row(places)], places)
    through_zero = np.tanh((part.x_m - 0.52) / 0.06)
    model = part.h * through_zero
    found = followed(replace(part, h=part.h * np.abs(through_zero)), model, Prior().flip)
    ratio = (found.h / model)[:, np.abs(through_zero) > 1e-6]
    np.testing.assert_allclose(ratio, ratio[:, :1] * np.ones_like(ratio), atol=1e-9)
    assert found.cost.min() > 0.0
    assert found.cost.max() < 0.06 * part.seen.sum(axis=1).max()


def test_every_tag_suits_its_own_slot_best() -> None:
    places = np.array([0.50, 0.30, 0.38, 0.34, 0.46, 0.42])
    parts = parts_of([row(places)], places)
    order = np.argsort(places)
    cost = slot_costs(parts, start_at(places[order], Prior()), Prior())
    np.testing.assert_array_equal(cost.argmin(axis=1), np.argsort(order))


def test_uneven_row_is_not_drawn_even() -> None:
    places = np.array([0.25, 0.29, 0.37, 0.41, 0.50, 0.55])
    parts = parts_of([row(places)], places)
    found = settle(parts, start_at(places + 0.004 * np.array([1, -1, 1, -1, 1, -1]), Prior()), Prior())
    np.testing.assert_allclose(found.state.x_m, places, atol=0.004)
