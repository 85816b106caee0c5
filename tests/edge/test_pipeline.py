"""From batches to windows: order, lateness, clocks that jump, and every reading accounted for."""

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import ManualClock
from edge.columns import Readings, from_readings
from edge.fusion.window import Window
from edge.pipeline import UNKNOWN, Pipeline, PipelineOptions
from edge.types import DoorCount, TagRead

S = 1_000_000_000
NOW = 1_790_000_000 * S
YEAR = 365 * 86_400 * S


def tags(*times_ns: int, source: str = "cart-1") -> Readings:
    return from_readings(TagRead(t, source, 1, "AA00") for t in times_ns)


def pipeline(clock: ManualClock, capacity: int = 1000) -> Pipeline:
    return Pipeline(["cart-1", "door-1"], clock, PipelineOptions(capacity=capacity))


async def feed(line: Pipeline, clock: ManualClock, *batches: tuple[int, Readings]) -> list[Window]:
    """Put each batch after the given seconds, pop each second, and flush at the end."""
    found: list[Window | None] = []
    for after_s, batch in batches:
        for _ in range(after_s):
            clock.advance(S)
            found.append(line.pop())
        await line.put(batch)
    found.append(line.flush())
    return [w for w in found if w is not None]


async def test_windows_are_in_order_and_meet() -> None:
    clock = ManualClock(NOW)
    batches = [(1, tags(NOW + k * S, NOW + k * S + S // 2)) for k in range(1, 9)]
    found = await feed(pipeline(clock), clock, *batches)
    assert sum(len(w.tags) for w in found) == 16
    assert all(a.end_ns == b.start_ns for a, b in itertools.pairwise(found))
    assert all((w.tags.t_ns < w.end_ns).all() for w in found)


async def test_late_reading_is_used_and_counted() -> None:
    clock = ManualClock(NOW)
    line = pipeline(clock)
    found = await feed(line, clock, (0, tags(NOW)), (0, tags(NOW + 60 * S)))
    assert sum(len(w) for w in found) == 2
    await line.put(tags(NOW + S))
    assert line.flush() is not None
    assert (line.counters["cart-1"].late, line.counters["cart-1"].used) == (1, 3)


async def test_silence_lets_the_last_readings_out() -> None:
    clock = ManualClock(NOW)
    line = pipeline(clock)
    await line.put(tags(NOW))
    assert not len(line.pop() or Window())
    clock.advance(2 * S)
    found = line.pop()
    assert found is not None
    assert len(found.tags) == 1


async def test_sensor_years_ahead_holds_up_no_one() -> None:
    clock = ManualClock(NOW)
    line = pipeline(clock)
    await feed(line, clock, (1, tags(NOW)), (1, tags(NOW + YEAR, source="door-1")))
    clock.advance(2 * S)
    await line.put(tags(NOW + 4 * S))
    found = line.flush()
    assert found is not None
    assert found.end_ns < NOW + 2 * YEAR
    assert line.counters["cart-1"].used == 2


async def test_clock_set_back_by_years_begins_again() -> None:
    clock = ManualClock(NOW + 3 * YEAR)
    line = pipeline(clock)
    await feed(line, clock, (1, tags(NOW + 3 * YEAR)))
    clock.jump(NOW)
    await line.put(tags(NOW))
    clock.advance(3 * S)
    found = line.pop()
    assert found is not None
    assert abs(found.end_ns - NOW) < 10 * S
    assert line.counters["cart-1"].late == 0


async def test_clock_that_starts_in_1970_loses_nothing() -> None:
    clock = ManualClock(0)
    line = pipeline(clock)
    await feed(line, clock, (1, tags(5 * S)))
    clock.jump(NOW)
    found = await feed(line, clock, (1, tags(NOW)), (3, tags(NOW + 3 * S)))
    assert sum(len(w.tags) for w in found) == 2
    assert line.counters["cart-1"].used == 3


async def test_unknown_source_is_counted_in_one_place() -> None:
    clock = ManualClock(NOW)
    line = pipeline(clock)
    await feed(line, clock, (0, tags(NOW, source="nobody")), (0, tags(NOW, source="no-one")))
    assert line.counters[UNKNOWN].used == 2
    assert set(line.counters) == {"cart-1", "door-1", UNKNOWN}


async def test_full_queue_holds_its_writer_back() -> None:
    clock = ManualClock(NOW)
    line = pipeline(clock, capacity=2)
    await line.put(tags(NOW, NOW))
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(line.put(tags(NOW)), 0.01)
    clock.advance(3 * S)
    line.pop()
    await asyncio.wait_for(line.put(tags(NOW)), 1)


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["cart-1", "door-1"])), max_size=40))
def test_every_reading_is_accounted_for(steps: list[tuple[int, str]]) -> None:
    async def run() -> None:
        clock = ManualClock(NOW)
        line = pipeline(clock)
        batches = [(n % 3, from_readings([DoorCount(NOW + n * S, s, 1, 0)])) for n, s in steps]
        found = await feed(line, clock, *batches)
        assert sum(len(w) for w in found) == len(steps)
        assert sum(c.received for c in line.counters.values()) == len(steps)
        assert sum(c.used for c in line.counters.values()) == len(steps)

    asyncio.run(run())
