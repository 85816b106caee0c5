"""Before and after: like days with like; what everything does alike is no effect of the change."""

from datetime import date, timedelta

import numpy as np
import pytest

from edge.fusion.spaces.compare import Term, compare

CHANGE = date(2026, 4, 6)  # a Monday
START = CHANGE - timedelta(weeks=6)


def days(weeks: int, people) -> list[tuple[date, float]]:
    every = (START + timedelta(days=n) for n in range(7 * weeks))
    return [(day, float(people(day))) for day in every]


def noise(day: date) -> float:
    return float(np.random.default_rng(day.toordinal()).normal(0, 1.0))


def week(day: date) -> float:
    return 10.0 if day.weekday() < 5 else 3.0


def test_a_change_of_four_people_is_found_with_an_interval_that_holds_it() -> None:
    found = compare(days(12, lambda d: week(d) + noise(d) + 4 * (d >= CHANGE)), CHANGE)
    assert found.difference.low < 4 < found.difference.high
    assert found.difference.low > 0
    assert found.drawn_by == "weeks"


def test_no_change_is_not_told_for_one() -> None:
    found = compare(days(12, lambda d: week(d) + noise(d)), CHANGE)
    assert found.difference.low <= 0 <= found.difference.high


def test_more_weekends_after_than_before_are_no_effect() -> None:
    some = [row for row in days(12, week) if row[0] < CHANGE or row[0].weekday() >= 5 or row[0].day > 28]
    assert compare(some, CHANGE).difference.value == pytest.approx(0.0, abs=1e-9)


def test_what_the_whole_building_does_is_taken_out() -> None:
    grown = days(12, lambda d: week(d) * (1.5 if d >= CHANGE else 1.0))
    found = compare(grown, CHANGE, others=[(day, 7 * people) for day, people in grown])
    assert found.relative is not None
    assert found.relative.value == pytest.approx(0.5)
    assert found.beyond_others is not None
    assert found.beyond_others.value == pytest.approx(0.0, abs=1e-9)


def test_days_of_term_are_held_against_days_of_term() -> None:
    term = Term(CHANGE - timedelta(weeks=3), CHANGE + timedelta(weeks=20))
    busy = days(12, lambda d: week(d) * (2.0 if d >= term.first else 1.0))
    assert compare(busy, CHANGE).difference.value > 1
    matched = compare(busy, CHANGE, terms=[term])
    assert matched.difference.value == pytest.approx(0.0, abs=1e-9)
    assert matched.left_out == 21


def test_nothing_alike_on_both_sides_is_said() -> None:
    with pytest.raises(ValueError, match="nothing can be compared"):
        compare(days(3, week), CHANGE)


def test_within_one_week_workdays_are_held_against_workdays() -> None:
    within = [(day, people) for day, people in days(6, lambda d: week(d) + 4 * (d > date(2026, 4, 1)))]
    found = compare(within[-7:], date(2026, 4, 1))
    assert [row.weekday for row in found.matched] == [8]
    assert found.difference.value == pytest.approx(4.0)
    assert found.left_out == 2
