"""The hearing kernel: both twins agree over many steps, and indices are checked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.ext import _hearing_py, hearing
from edge.ext.occupancy import COLUMNS

MINUTE_NS = 60_000_000_000
PLACE = np.array([(0, 0, 1), (1, 1, 2), (0, 2, 4), (1, 5, 8), (1, 5, 8), (0, 6, 16), (-1, 0, 1)], np.intp)
SIDES = np.array([(-1, 0), (0, 1), (0, 1)], np.intp)
OF_SOURCE = np.array([(0, 0), (0, 2), (1, 1), (2, 2)], np.intp)


def tables() -> dict[str, np.ndarray]:
    told = np.full((len(PLACE), hearing.CHANNEL_COLUMNS), np.nan)
    told[:, [hearing.LONGEST_NS, hearing.STUCK]] = 0.0
    told[:, hearing.STUCK_AFTER_NS] = 3 * MINUTE_NS
    doors = np.zeros((3, hearing.DOOR_COLUMNS))
    doors[1, hearing.FLIPPED] = 1.0
    return {
        "told": told,
        "stamps": np.zeros((len(PLACE), 2), np.int64),
        "said": np.full((2, hearing.SAID_COLUMNS), np.nan),
        "doors": doors,
        "last_ns": np.zeros(3, np.int64),
        "spaces": np.zeros((2, COLUMNS)),
    }


def step(rng: np.random.Generator, t: dict[str, np.ndarray], end_ns: int, *, plain: bool) -> list[np.ndarray]:
    n, m = int(rng.integers(0, 9)), int(rng.integers(0, 5))
    channel = rng.integers(-1, len(PLACE), n).astype(np.intp)
    value = rng.choice([0.0, 1.0, 430.5, np.nan], n)
    t_ns = end_ns - rng.integers(0, 2 * MINUTE_NS, n)
    counts = (rng.integers(0, 4, m).astype(np.intp), rng.integers(-1, 9, m), rng.integers(0, 9, m) * 60_000)
    rest = (OF_SOURCE, t["doors"], t["last_ns"], SIDES, t["spaces"])
    x, ends = np.full((1, 4), 0.05), np.array([(0, -1, 0, 2, 0), (0, 0, 1, 2, 1)], np.intp)
    passed = np.empty((2, 4))
    if plain:
        alive, heard = np.empty(2, np.intp), np.empty((2, hearing.SAID_COLUMNS), np.intp)
        told = (t["told"], t["stamps"], PLACE, t["said"])
        _hearing_py.hear(channel, value, t_ns, *told, heard, alive, end_ns)
        _hearing_py.count(*counts, *rest, alive, 64, end_ns, 1 / 60)
        _hearing_py.correct(x, ends, SIDES, t["doors"], passed)
    else:
        alive = hearing.hear(channel, value, t_ns, t["told"], t["stamps"], PLACE, t["said"], end_ns)
        hearing.count(*counts, *rest, alive, 64, end_ns, 1 / 60)
        passed = hearing.correct(x, ends, SIDES, t["doors"], 2)
    return [*t.values(), alive, passed]


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_twins_agree(seed: int) -> None:
    ours, plain = tables(), tables()
    rngs = [np.random.default_rng(seed) for _ in range(2)]
    for minute in range(1, 9):
        end_ns = 1_772_380_800_000_000_000 + minute * MINUTE_NS
        found = step(rngs[0], ours, end_ns, plain=False)
        for a, b in zip(found, step(rngs[1], plain, end_ns, plain=True), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9)


def test_a_channel_that_is_not_there_is_refused() -> None:
    t, one = tables(), np.array([1.0])
    with pytest.raises(ValueError, match="channel"):
        hearing.hear(
            np.array([99], np.intp), one, one.astype(np.int64), t["told"], t["stamps"], PLACE, t["said"], 1
        )


def test_a_door_that_leads_nowhere_known_is_refused() -> None:
    t = tables()
    with pytest.raises(ValueError, match="sides"):
        hearing.correct(np.zeros((1, 4)), np.empty((0, 5), np.intp), SIDES + 5, t["doors"], 2)
