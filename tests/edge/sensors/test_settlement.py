"""Which batches are safe, and when."""

from edge.sensors.settlement import Settlement


def test_batch_is_safe_when_a_window_behind_its_newest_reading_is() -> None:
    settlement, done = Settlement(), list[int]()
    for newest_ns in (10, 30, 20):
        settlement.add(newest_ns, lambda newest_ns=newest_ns: done.append(newest_ns))  # type: ignore[misc]
    settlement.settle(settlement.mark(), 21)
    assert done == [10, 20]
    settlement.settle(settlement.mark(), 31)
    assert done == [10, 20, 30]
    assert len(settlement) == 0


def test_batch_that_came_after_the_window_was_cut_is_not_in_it() -> None:
    settlement, done = Settlement(), list[str]()
    mark = settlement.mark()
    settlement.add(5, lambda: done.append("late"))
    settlement.settle(mark, 100)
    assert done == []
    settlement.settle(settlement.mark(), 101)
    assert done == ["late"]


def test_what_the_driver_knew_goes_with_the_batches_that_are_in_the_window() -> None:
    settlement = Settlement(memory={"door in": 5.0})
    settlement.add(10, lambda: None, memory={"door in": 6.0})
    mark = settlement.mark()
    settlement.add(20, lambda: None, memory={"door in": 7.0})
    assert settlement.memory_at(0, 100) == {"door in": 5.0}
    assert settlement.memory_at(mark, 100) == {"door in": 6.0}
    settlement.settle(mark, 100)
    assert settlement.memory_at(settlement.mark(), 15) == {"door in": 6.0}
    assert settlement.memory_at(settlement.mark(), 21) == {"door in": 7.0}
