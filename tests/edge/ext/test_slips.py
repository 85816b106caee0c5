"""Runs of samples: both writings agree, each step is the best single turn, and turned runs are found."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from edge.ext.slips import ANY_ANGLE, C128, Index, Read, costs, settle, settled
from edge.ext.sources import ITSELF, sources


def smooth(seed: int, k: int) -> tuple[C128, C128]:
    """The cost of turns of k samples of a smooth field, and the field."""
    rng = np.random.default_rng(seed)
    x = np.linspace(-3.0, 3.0, k)
    near = np.exp(-0.5 * (x[:, None] - x) ** 2)
    h: C128 = np.linalg.cholesky(near + 1e-6 * np.eye(k)) @ (rng.normal(size=(k, 2)) @ [1.0, 1.0j])
    return h.conj()[:, None] * np.linalg.inv(near + 1e-3 * np.eye(k)) * h, h


def turned_by(cost: C128, turns: C128) -> C128:
    """The cost where the samples had been read turned."""
    return turns.conj()[:, None] * cost * turns


def random_cost(seed: int, k: int) -> C128:
    rows = np.random.default_rng(seed).normal(size=(k, k, 2)) @ [1.0, 1.0j]
    return np.asarray(rows @ rows.conj().T)


LINES: list[Index] = [np.arange(0, 20, 2), np.arange(1, 20, 2), np.arange(1, 20, 2), np.arange(20)]


def twins() -> list[Any]:
    return [pytest.importorskip(f"edge.ext._slips_{twin}") for twin in ("py", "c")]


@pytest.mark.parametrize(("seed", "roots"), [(0, (2, 2, 0, 2)), (1, (4, 4, 0, 4)), (2, (4, 2, 0, 2))])
def test_both_writings_agree(seed: int, roots: tuple[int, ...]) -> None:
    found = []
    for kernel in twins():
        turned, cost = np.ones(20, np.complex128), random_cost(seed, 20)
        samples, ends = np.concatenate(LINES), np.cumsum([len(line) for line in LINES])
        kernel.settle(cost, samples, ends, np.array(roots), 1e-3, 40, turned)
        found.append(turned)
    assert np.any(found[0] != 1.0)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("sources", "k"), [(1, 1), (5, 12), (19, 7)])
def test_both_writings_of_costs_agree(sources: int, k: int) -> None:
    rng = np.random.default_rng(k)
    sent, h = rng.normal(size=(sources, k, 2)) @ [1.0, 1.0j], rng.normal(size=(k, 2)) @ [1.0, 1.0j]
    sd = rng.uniform(0.05, 0.2, k)
    found = []
    for kernel in twins():
        out = np.zeros((k, k), np.complex128)
        kernel.costs(sent, h, sd, out)
        found.append(out)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9, atol=1e-9 * np.abs(found[0]).max())


def test_costs_are_squared_errors_in_the_metric_of_the_fields_covariance() -> None:
    rng = np.random.default_rng(8)
    sent, h = rng.normal(size=(3, 6, 2)) @ [1.0, 1.0j], rng.normal(size=(6, 2)) @ [1.0, 1.0j]
    sd, turn = rng.uniform(0.05, 0.2, 6), np.exp(1j * rng.uniform(0, 6, 6))
    cov = np.diag((sd * np.abs(h)) ** 2) + sent.T @ sent.conj()
    field = turn * h
    expected = float(np.real(field.conj() @ np.linalg.solve(cov, field)))
    assert np.real(turn.conj() @ costs(sent, h, sd) @ turn) == pytest.approx(expected)


@pytest.mark.parametrize("roots", [2, 4])
def test_one_step_is_the_best_of_all_turns_of_all_runs(roots: int) -> None:
    cost, line = random_cost(5, 9), np.array([3, 1, 4, 0, 8, 6, 2])
    turns = np.exp(2j * np.pi / roots * np.arange(1, roots))
    every = []
    for first in range(7):
        for end in range(first + 1, 8):
            for by in turns:
                turned = np.ones(9, np.complex128)
                turned[line[first:end]] = by
                every.append(float(np.real(turned.conj() @ cost @ turned)))
    turned = settle(cost, [line], [roots], least=0.0, most=1)
    assert np.real(turned.conj() @ cost @ turned) == pytest.approx(min(every))


def test_a_whole_line_is_turned_by_the_best_angle() -> None:
    cost, line = random_cost(7, 8), np.arange(5)
    turned = settle(cost, [line], [ANY_ANGLE], least=0.0, most=1)
    angles = np.exp(1j * np.linspace(-np.pi, np.pi, 721))
    every = [np.where(np.arange(8) < 5, angle, 1.0) for angle in angles]
    best = min(float(np.real(one.conj() @ cost @ one)) for one in every)
    assert np.real(turned.conj() @ cost @ turned) <= best + 1e-9
    assert len(set(turned[:5].tolist())) == 1
    assert np.all(turned[5:] == 1.0)


@pytest.mark.parametrize(("fold", "by"), [(1, -1.0), (2, 1j), (2, -1.0)])
def test_samples_beyond_a_slip_are_turned_back(fold: int, by: complex) -> None:
    cost, _ = smooth(3, 30)
    slipped = np.where(np.arange(30) > 17, by, 1.0).astype(np.complex128)
    turned = settle(turned_by(cost, slipped), [np.arange(30)], [2 * fold])
    together = turned * slipped
    np.testing.assert_allclose(together / together[0], 1.0, atol=1e-9)


def test_a_field_that_runs_on_is_left_as_it_is() -> None:
    cost, _ = smooth(4, 30)
    before = cost.copy()
    assert np.all(settle(cost, [np.arange(30)], [4]) == 1.0)
    np.testing.assert_array_equal(cost, before)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        costs(np.ones((2, 4)), np.ones(4), np.ones(3))
    with pytest.raises(ValueError, match="do not fit"):
        settle(random_cost(1, 4)[:3], [np.arange(3)], [2])
    with pytest.raises(ValueError, match="do not fit"):
        settle(random_cost(1, 4), [np.arange(3)], [])
    with pytest.raises(ValueError, match="beyond 4"):
        settle(random_cost(1, 4), [np.arange(5)], [2])


def read(rng: np.random.Generator, k: int, legs: int) -> Read:
    """A tag at 0.4 m, seen by some legs, one run of samples turned."""
    x, y, wavenumber = np.sort(rng.uniform(0, 0.9, k)), np.full(k, 0.4), np.full(k, 18.0)
    h = sources(x, y, wavenumber, np.array([0.4]), np.array([0.05]))[0] * np.exp(0.05 * rng.normal(size=k))
    h[k // 3 : k // 2] *= -1.0
    return Read((x, y, wavenumber), 1.7 * h, np.full(k, 0.06), np.sort(rng.integers(0, legs, k)))


AROUND = np.array([[-0.2, 0.0, 0.2], [0.0, 0.1, 0.3], [0.2, 0.1, 0.2]])
DIRECT = np.array([[-0.02, 0.05, 0.5], [0.0, 0.05, 0.7], [0.02, 0.05, 0.5]])
MIRRORS = np.array([ITSELF, (-0.3, 0.0, 1.0, 0.0, -1.0, 0.6, 0.0, 0.0)])


def test_tags_are_settled_as_each_by_itself() -> None:
    rng = np.random.default_rng(3)
    tags = [read(rng, k, legs) for k, legs in ((20, 1), (0, 1), (30, 2), (17, 3))]
    found = settled(tags, np.full(4, 0.4), AROUND, DIRECT, MIRRORS, [2, 2, 4])
    for one, turned in zip(tags, found, strict=True):
        if not len(one.h):
            continue
        at = [np.full(3, 0.4) + table[:, 0] for table in (AROUND, DIRECT)]
        sent = np.concatenate(
            [sources(*one.path, at[0], AROUND[:, 1]), sources(*one.path, at[1], DIRECT[:, 1], MIRRORS)]
        )
        gain = np.median(np.abs(one.h / sent[4]))
        sent *= gain * np.concatenate([AROUND[:, 2], DIRECT[:, 2]])[:, None]
        legs = np.unique(one.leg)
        lines = [(np.flatnonzero(one.leg == leg), n) for leg in legs for n in (int(2 + 2 * (leg == 2)), 0)]
        lines = [*lines, (np.argsort(one.path[0]), 2)] if len(legs) > 1 else lines[:1]
        alone = settle(costs(sent, one.h, one.sd), [line for line, _ in lines], [n for _, n in lines])
        np.testing.assert_allclose(turned, alone, rtol=1e-9, atol=1e-9)
    assert any(np.any(turned != 1.0) for turned in found)


def test_both_writings_of_settled_tags_agree() -> None:
    rng = np.random.default_rng(4)
    tags = [read(rng, k, legs) for k, legs in ((25, 2), (0, 1), (12, 1))]
    path = np.concatenate([np.stack(one.path) for one in tags], axis=1)
    flat = [np.concatenate([getattr(one, name) for one in tags]) for name in ("h", "sd", "leg")]
    start, roots = np.array([0, 25, 25, 37]), np.array([2, 4])
    tables = np.full(3, 0.4), AROUND, DIRECT, np.array([ITSELF]), MIRRORS
    found = []
    for kernel in twins():
        found.append(np.ones(37, np.complex128))
        kernel.settled(path, *flat, start, *tables, roots, 0.1, 15, found[-1])
    assert np.any(found[0] != 1.0)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9, atol=1e-9)


def test_tags_that_do_not_fit_are_refused() -> None:
    one = read(np.random.default_rng(5), 9, 2)
    for wrong in (replace(one, sd=one.sd[1:]), replace(one, leg=one.leg[::-1])):
        with pytest.raises(ValueError, match="do not fit"):
            settled([wrong], np.zeros(1), AROUND, DIRECT, MIRRORS, [2, 2])
    with pytest.raises(ValueError, match="roots"):
        settled([one], np.zeros(1), AROUND, DIRECT, MIRRORS, [2])
    assert settled([], np.zeros(0), AROUND, DIRECT, MIRRORS, []) == []
