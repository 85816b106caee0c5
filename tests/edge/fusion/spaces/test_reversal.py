"""A counter mounted the wrong way round is found, and the count goes on as if it were not."""

from dataclasses import replace

import numpy as np
import pytest

from edge.fusion.spaces import DoorModel, SpaceEstimator
from edge.fusion.spaces.now import Now
from edge.fusion.spaces.read import runs, steps
from edge.fusion.spaces.reversal import Reversal
from tests.edge.fusion.spaces.rooms import MINUTE_NS, at, door, one_room, window_of


def last_of(readings):
    estimator = SpaceEstimator(one_room())
    found = []
    for part in steps(window_of(readings), MINUTE_NS):
        found = estimator.step(part)
    return estimator, found[0]


def test_a_door_that_only_lets_out_from_an_empty_room_is_taken_for_reversed() -> None:
    estimator, room = last_of([door(m, 0, 1 if m % 4 == 0 else 0) for m in range(90)])
    assert estimator.faults.sources(0)["turned"] == ["door"]
    assert room.people > 8


def test_a_door_that_counts_as_it_should_is_not_suspected() -> None:
    counts = [door(m, m % 4 == 0, m > 60 and m % 4 == 2) for m in range(200)]
    estimator, _ = last_of(counts)
    assert estimator.faults.sources(0)["turned"] == []


def test_many_steps_at_once_find_it_when_one_after_another_would() -> None:
    counts = [door(m, 0, 1 if m % 4 == 0 else 0) for m in range(90)]
    estimator, room = last_of(counts)
    at_once, told = Now(one_room()), []
    for run in runs(window_of(counts), MINUTE_NS):
        while len(run):
            run = run.part(at_once.take(run), len(run))
        told += [step for done in at_once.ready() for step in done.estimates()]
    assert at_once.estimator.found == estimator.found != []
    assert len(told) == 90
    assert told[-1].rows(("room",)) == [room]


def test_a_small_door_that_is_turned_shows_by_the_large_one_within_two_hours() -> None:
    building = replace(
        one_room(capacity=200), doors=tuple(DoorModel(d, "outside", "room", d) for d in ("large", "small"))
    )
    counts = []
    for minute in range(2 * 1440):
        clock, is_turned = minute % 1440, minute >= 1440
        come, go = (2 if 480 <= clock < 600 else 0), (2 if 1200 <= clock < 1320 else 0)
        if minute % 3 == 0 and (come or go):
            counts += [door(minute, 3 * come, 3 * go, "large")]
            counts += [door(minute, go if is_turned else come, come if is_turned else go, "small")]
        elif minute % 30 == 0:
            counts += [door(minute, 0, 0, name) for name in ("large", "small")]
    at_once = Now(building)
    for run in runs(window_of(counts), MINUTE_NS):
        while len(run):
            run = run.part(at_once.take(run), len(run))
    found = at_once.estimator.found[0]
    assert building.doors[found.door].id == "small"
    assert 0 < (found.t_ns - at(1440 + 480)) / MINUTE_NS < 120


@pytest.mark.parametrize(
    ("is_turned", "n_out", "tried"), [(True, 0, True), (True, 9, False), (False, 0, False)]
)
def test_a_turned_door_is_tried_again_where_many_go_one_way(is_turned: bool, n_out: int, tried: bool) -> None:
    reversal = Reversal(np.array([-1]), np.array([0]), n_spaces=1)
    people, none, step_h = np.array([[[10.0, n_out]]]), np.zeros((1, 1)), np.array([1 / 60])
    suspected = reversal.note(people, none, np.array([[is_turned]]), step_h, none)
    assert suspected == ((0, 0) if tried else None)
