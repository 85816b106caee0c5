"""Readings gathered batch by batch are those of all batches put together."""

from dataclasses import fields

import numpy as np
import pytest

from edge.columns import Readings, concat_readings, from_readings, readings_by_time
from edge.gathered import gathered
from edge.types import DoorCount, Pose, Reading, RoomSample, TagRead


def batch(rng: np.random.Generator) -> Readings:
    """Readings of all kinds by a few sources, in any order."""
    return from_readings(reading(rng) for _ in range(int(rng.integers(0, 60))))


def reading(rng: np.random.Generator) -> Reading:
    t_ns, source = int(rng.integers(0, 10**6)), f"s{rng.integers(0, 9)}"
    kind = int(rng.integers(0, 5))
    if kind == 0:
        epc, tid = f"E{rng.integers(0, 5)}", rng.choice(["A1", "B2", ""])
        return TagRead(t_ns, source, 1, epc, rssi_dbm=-50.0, tid=str(tid) or None)
    if kind == 1:
        return Pose(t_ns, source, f"shelf{rng.integers(0, 3)}", 1.0, float(rng.random()))
    if kind == 2:
        return DoorCount(t_ns, source, int(rng.integers(0, 9)), 1)
    if kind == 3:
        return RoomSample(t_ns, source, "thermal_8x8", tuple(rng.random(64).tolist()))
    return RoomSample(t_ns, source, f"q{rng.integers(0, 3)}", float(rng.random()))


@pytest.mark.parametrize("seed", range(8))
def test_batches_give_what_they_give_together(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [batch(rng) for _ in range(int(rng.integers(0, 6)))]
    together = readings_by_time(concat_readings(parts)).kinds()
    for found, expected in zip(gathered(parts).kinds(), together, strict=True):
        for name in (f.name for f in fields(expected)):
            a, b = getattr(found, name), getattr(expected, name)
            if name == "frames":
                assert a.keys() == b.keys()
                assert all(np.array_equal(a[row], b[row]) for row in a)
            elif isinstance(b, np.ndarray):
                np.testing.assert_array_equal(a, b)
            else:
                assert a == b


def test_columns_hold_no_more_than_their_rows() -> None:
    part = from_readings(DoorCount(t, "d", 1, 0) for t in range(30_000))
    doors = gathered([part, part, part]).doors
    assert len(doors) == 90_000
    assert doors.n_in.nbytes == 8 * 90_000
