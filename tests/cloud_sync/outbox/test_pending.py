"""Intervals of what is pending, against a plain set."""

from hypothesis import given
from hypothesis import strategies as st

from cloud_sync.outbox.pending import END, Pending, outside

LIMIT = 60
SPAN = st.tuples(st.integers(1, LIMIT), st.integers(1, LIMIT))
STEPS = st.lists(st.tuples(st.booleans(), SPAN), max_size=30)


def played(steps: list[tuple[bool, tuple[int, int]]]) -> tuple[Pending, set[int]]:
    pending, model = Pending(), set(range(1, LIMIT + 1))
    for is_add, (low, high) in steps:
        if is_add:
            pending.add(low, high)
            model |= set(range(low, high))
        else:
            pending.remove(low, high)
            model -= set(range(low, high))
    return pending, model


@given(STEPS)
def test_it_is_the_set_that_it_stands_for(steps: list[tuple[bool, tuple[int, int]]]) -> None:
    pending, model = played(steps)
    assert {n for n in range(1, LIMIT + 1) if n in pending} == model
    assert pending.first == min(model, default=LIMIT if LIMIT in pending else pending.first)


@given(STEPS)
def test_intervals_stay_sorted_and_apart(steps: list[tuple[bool, tuple[int, int]]]) -> None:
    spans = list(played(steps)[0])
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(set(edges))


@given(STEPS, SPAN)
def test_within_is_the_intersection(steps: list[tuple[bool, tuple[int, int]]], part: tuple[int, int]) -> None:
    pending, model = played(steps)
    found = {n for low, high in pending.within(*part) for n in range(low, high)}
    assert found == model & set(range(*part))


@given(STEPS)
def test_text_and_back(steps: list[tuple[bool, tuple[int, int]]]) -> None:
    pending, _ = played(steps)
    assert list(Pending.from_text(pending.to_text())) == list(pending)


@given(STEPS, STEPS)
def test_outside_is_what_nobody_waits_for(
    steps: list[tuple[bool, tuple[int, int]]], others: list[tuple[bool, tuple[int, int]]]
) -> None:
    (one, a), (two, b) = played(steps), played(others)
    found = {n for low, high in outside([one, two], LIMIT) for n in range(low, high)}
    assert found == set(range(1, LIMIT)) - a - b


def test_new_numbers_are_pending() -> None:
    assert END - 1 in Pending()
