"""The hearing kernel: both twins agree over many steps, and indices are checked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.ext import _hearing_py, hearing
from edge.ext.hearing import Ends, Samples
from edge.ext.occupancy import COLUMNS

MINUTE_NS = 60_000_000_000
START_NS = 1_772_380_800_000_000_000
N_STEPS = 8
PLACE = np.array([(0, 0, 1), (1, 1, 2), (0, 2, 4), (1, 5, 8), (1, 5, 8), (0, 6, 16), (-1, 0, 1)], np.intp)
SIDES = np.array([(-1, 0), (0, 1), (0, 1)], np.intp)
CHANNEL = np.array([(0, 1, 2), (3, 4, 5), (6, 0, 3)], np.intp)
POSSIBLE = np.array([(0.0, 1.0, -np.inf), (500.0, np.inf, np.inf)])
OF_SOURCE = np.array([(0, 0), (0, 2), (1, 1), (2, 2)], np.intp)


def tables() -> dict[str, np.ndarray]:
    told = np.full((len(PLACE), hearing.CHANNEL_COLUMNS), np.nan)
    told[:, [hearing.LONGEST_NS, hearing.STUCK, hearing.BEYOND]] = 0.0
    told[:, hearing.STUCK_AFTER_NS] = 3 * MINUTE_NS
    doors = np.zeros((N_STEPS + 1, 3, hearing.DOOR_COLUMNS))
    doors[0, 1, hearing.FLIPPED] = 1.0
    return {
        "told": told,
        "stamps": np.zeros((len(PLACE), 2), np.int64),
        "doors": doors,
        "last_ns": np.zeros((N_STEPS + 1, 3), np.int64),
        "spaces": np.zeros((N_STEPS + 1, 2, COLUMNS)),
    }


def lived(rng: np.random.Generator, *, plain: bool) -> list[np.ndarray]:
    """All tables after some steps of readings."""
    t, ends_ns = tables(), START_NS + np.arange(1, N_STEPS + 1) * MINUTE_NS
    n, m = np.cumsum(rng.integers(0, 9, N_STEPS)), np.cumsum(rng.integers(0, 5, N_STEPS))
    sensed, counted = Ends(ends_ns, n), Ends(ends_ns, m)
    pair = rng.integers(0, 3, (2, n[-1])).astype(np.intp)
    value = rng.choice([0.0, 1.0, 430.5, 1e6, np.nan], n[-1])
    t_ns = rng.integers(START_NS, ends_ns[-1], n[-1])
    source = rng.integers(0, 4, m[-1]).astype(np.intp)
    counts = source, rng.integers(-1, 9, m[-1]), rng.integers(0, 9, m[-1]) * 60_000
    told, step_h = (t["told"], t["stamps"], PLACE), np.full(N_STEPS, 1 / 60)
    rest = OF_SOURCE, t["doors"], t["last_ns"], SIDES, t["spaces"]
    missed = np.full((N_STEPS, 3, 2), 0.05)
    said = np.empty((N_STEPS, 2, hearing.SAID_COLUMNS))
    if plain:
        alive = np.empty((N_STEPS, 2), np.intp)
        heard = np.empty((2, hearing.SAID_COLUMNS), np.intp)
        stuck, beyond = np.empty((2, N_STEPS, len(PLACE)), bool)
        given = *pair, value, t_ns, CHANNEL, POSSIBLE, n, ends_ns, *told
        _hearing_py.hear(*given, said, heard, alive, stuck, beyond)
        first = np.searchsorted(OF_SOURCE[:, 0], np.arange(5))
        _hearing_py.count(*counts, m, ends_ns, step_h, rest[0], first, *rest[1:], alive, 64)
        passed = np.zeros((N_STEPS, 2, 4))
        t["doors"][1:, :, -2:] = 1.05 * t["doors"][1:, :, :2]
        _hearing_py.passed(SIDES, t["doors"][1:], passed)
    else:
        given = Samples(*pair, value, t_ns, CHANNEL, POSSIBLE), sensed, *told
        alive, stuck, beyond = hearing.hear(*given, said)
        hearing.count(*counts, counted, step_h, *rest, alive, 64)
        passed = hearing.correct(missed, SIDES, t["doors"][1:], 2)
    return [*t.values(), said, alive, stuck, beyond, passed]


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_twins_agree(seed: int) -> None:
    found, plain = (lived(np.random.default_rng(seed), plain=plain) for plain in (False, True))
    for a, b in zip(found, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)


def hear(channel: int, before: list[int], source: int = 0) -> None:
    t, one, none = tables(), np.array([1.0]), np.zeros(1, np.intp)
    limits = np.array([[0.0], [1.0]])
    samples = Samples(none + source, none, one, one.astype(np.int64), none[:, None] + channel, limits)
    ends = Ends(np.arange(len(before)), np.array(before, np.intp))
    said = np.empty((len(before), 2, hearing.SAID_COLUMNS))
    hearing.hear(samples, ends, t["told"], t["stamps"], PLACE, said)


@pytest.mark.parametrize(("channel", "source"), [(99, 0), (-1, 0), (0, 1), (0, -1)])
def test_a_channel_that_is_not_there_is_refused(channel: int, source: int) -> None:
    with pytest.raises(ValueError, match="channel"):
        hear(channel, [1], source)


def test_pairs_without_a_channel_are_told_once_and_in_order() -> None:
    source, quantity = np.array([2, 0, 2, 1, 0]), np.array([1, 1, 1, 0, 0])
    table, nothing = np.array([(0, -1), (1, -1), (-1, -1)]), np.zeros(5)
    samples = Samples(source, quantity, nothing, nothing.astype(np.int64), table, np.zeros((2, 2)))
    assert samples.unknown().tolist() == [[0, 1], [2, 1]]


@pytest.mark.parametrize("before", [[2], [1, 0], [-1, 1]])
def test_steps_of_more_readings_than_there_are_are_refused(before: list[int]) -> None:
    with pytest.raises(ValueError, match="steps"):
        hear(0, before)


def test_a_door_that_leads_nowhere_known_is_refused() -> None:
    with pytest.raises(ValueError, match="sides"):
        hearing.correct(np.zeros((N_STEPS + 1, 3, 2)), SIDES + 5, tables()["doors"], 2)


def test_a_seat_that_was_never_heard_is_no_empty_seat() -> None:
    t, nothing = tables(), np.empty(0)
    ends, told = Ends(np.array([START_NS]), np.zeros(1, np.intp)), (t["told"], t["stamps"], PLACE)
    pair = nothing.astype(np.intp), nothing.astype(np.intp)
    samples = Samples(*pair, nothing, nothing.astype(np.int64), CHANNEL, POSSIBLE)
    said = np.empty((1, 2, hearing.SAID_COLUMNS))
    hearing.hear(samples, ends, *told, said)
    assert said[0, 1, hearing.KINDS.index("seat_taken") + 1] == 0.0
