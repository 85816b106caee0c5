"""Snapshots: after a restart the count goes on where it was."""

import json

import pytest

from edge.fusion.spaces import SpaceEstimator
from edge.fusion.spaces.read import steps
from edge.fusion.spaces.snapshot import dump, load
from tests.edge.fusion.spaces.rooms import MINUTE_NS, door, one_room, room, window_of


def test_a_restart_forgets_nothing_that_matters() -> None:
    readings = [door(m, m % 3 == 0, 0) for m in range(60)]
    readings += [room(m, "co2_ppm", 430.0 + m * 5, "co2") for m in range(60)]  # type: ignore[misc]
    parts = list(steps(window_of(readings), MINUTE_NS))
    first = SpaceEstimator(one_room())
    for part in parts[:40]:
        first.step(part)
    second = SpaceEstimator(one_room())
    load(second, json.loads(json.dumps(dump(first), allow_nan=False)))
    for part in parts[40:]:
        a, b = first.step(part), second.step(part)
    assert b[0].people == pytest.approx(a[0].people, abs=0.5)


def test_a_snapshot_of_another_building_is_refused() -> None:
    document = dump(SpaceEstimator(one_room()))
    with pytest.raises(ValueError, match="another building"):
        load(SpaceEstimator(one_room(id="hall")), document)
