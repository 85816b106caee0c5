"""Hand-held: the order of passing from phase and time alone."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from edge.columns import TagColumns, concat, sort_by_time
from edge.fusion.locate import LocateResult, Options
from edge.fusion.locate.handheld import Labels, locate_by_time
from edge.fusion.locate.sweeps import paced, sweeps_of
from edge.fusion.locate.turning import ways_of
from tests.edge.fusion.locate.test_locate import scan

PLACES_M = [0.55, 0.2, 0.75, 0.4]
ORDER = ("E201", "E203", "E200", "E202")


def _located(tags: TagColumns, labels: Labels) -> LocateResult:
    return locate_by_time(replace(scan(PLACES_M, poses=False), tags=tags), labels, Options())


def _labels(e201_m: float, e202_m: float) -> Labels:
    """The first and the last of the row."""
    return {"E201": ("a1", e201_m), "E202": ("a1", e202_m)}


def _slower(tags: TagColumns, factor: int) -> TagColumns:
    return replace(tags, t_ns=tags.t_ns * factor)


def test_tags_come_in_the_order_they_were_passed_at_any_pace() -> None:
    tags = scan(PLACES_M, poses=False).tags
    for factor in (1, 2, 12):
        found = _located(_slower(tags, factor), {}).places
        assert tuple(place.epc for place in found) == ORDER
        assert [place.rank for place in found] == [0, 1, 2, 3]
        assert min(place.confidence for place in found) > 0.9


def test_without_two_labels_no_place_is_claimed() -> None:
    tags = scan(PLACES_M, poses=False).tags
    for labels in ({}, {"E201": ("a1", 0.2)}):
        found = _located(tags, labels).places
        assert np.isnan([place.x_m for place in found]).all()
        assert {place.shelf for place in found} == ({"a1"} if labels else {""})


def test_places_lie_between_labels_with_an_honest_deviation() -> None:
    found = {p.epc: p for p in _located(scan(PLACES_M, poses=False).tags, _labels(0.2, 0.75)).places}
    assert abs(found["E200"].x_m - 0.55) < 0.02
    assert found["E200"].x_sd_m > 0.02
    assert abs(found["E203"].x_m - 0.40) < 0.02


def test_labels_tell_that_the_hand_went_to_the_left() -> None:
    found = _located(scan(PLACES_M, poses=False).tags, _labels(0.8, 0.25)).places
    assert tuple(place.epc for place in found) == ORDER[::-1]
    assert [place.rank for place in found] == [0, 1, 2, 3]
    np.testing.assert_allclose([place.x_m for place in found], [0.25, 0.45, 0.6, 0.8], atol=0.02)


def _turning_back(tags: TagColumns) -> TagColumns:
    back = replace(tags, t_ns=2 * int(tags.t_ns[-1]) - tags.t_ns + 50_000_000)
    return sort_by_time(concat([tags, back], TagColumns))


def _again(tags: TagColumns) -> TagColumns:
    later = replace(tags, t_ns=tags.t_ns + 10_000_000_000)
    return sort_by_time(concat([tags, later], TagColumns))


@pytest.mark.slow  # without kernels: minutes
@pytest.mark.parametrize("going", [_turning_back, _again])
def test_legs_along_one_row_are_one_row(going: Callable[[TagColumns], TagColumns]) -> None:
    tags = scan(PLACES_M, poses=False).tags
    once, both = _located(tags, {}).places, _located(going(tags), {}).places
    assert tuple(place.epc for place in both) == ORDER
    assert [place.rank for place in both] == [0, 1, 2, 3]
    known_m = _located(going(tags), _labels(0.2, 0.75)).by_epc()
    assert abs(known_m["E200"].x_m - 0.55) < 0.02
    assert min(place.confidence for place in both) >= min(place.confidence for place in once) - 0.01


@pytest.mark.slow
@pytest.mark.parametrize(("places_m", "legs"), [(PLACES_M, 2), (PLACES_M[:2], 1)])
def test_a_turn_is_looked_for_where_there_are_tags_to_tell_it(places_m: list[float], legs: int) -> None:
    window = scan(places_m, poses=False)
    window = replace(window, tags=_turning_back(window.tags))
    options = Options(coupling=False, echoes=False)
    (rows,) = sweeps_of(window.tags)
    assert len(ways_of(window, paced(window, rows, options), options)) == legs


def test_legs_along_two_rows_stay_apart() -> None:
    one, other = scan(PLACES_M, poses=False).tags, scan([0.2, 0.45, 0.7], poses=False).tags
    later = replace(other, t_ns=other.t_ns + 10_000_000_000, epcs=("B0", "B1", "B2"))
    found = _located(concat([one, later], TagColumns), {}).places
    assert [place.epc for place in found] == [*ORDER, "B0", "B1", "B2"]
    assert [place.rank for place in found] == [0, 1, 2, 3, 0, 1, 2]


def test_a_pause_parts_two_sweeps() -> None:
    tags = scan(PLACES_M, poses=False).tags
    later = np.where(tags.t_ns > 2_500_000_000, tags.t_ns + 5_000_000_000, tags.t_ns)
    assert len(sweeps_of(tags)) == 1
    assert len(sweeps_of(replace(tags, t_ns=later))) == 2


def test_what_is_over_too_soon_for_any_pace_is_explained_by_none() -> None:
    window = scan(PLACES_M, poses=False)
    soon = np.flatnonzero(window.tags.t_ns < 200_000_000)
    assert paced(window, soon, Options()).left == np.inf
