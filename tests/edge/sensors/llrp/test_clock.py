"""A reader's clock mapped to ours: delays, drift, jumps."""

import random

from edge.sensors.llrp.clock import PATIENCE_NS, ReaderClock

SECOND_NS = 1_000_000_000


def test_delays_do_not_move_the_offset() -> None:
    clock, dice = ReaderClock(), random.Random(1)
    found = [
        clock.offset_ns(
            n * SECOND_NS // 10, n * SECOND_NS // 10 + 7 * SECOND_NS + dice.randrange(SECOND_NS // 5)
        )
        for n in range(600)
    ]
    assert all(abs(offset - 7 * SECOND_NS) < 0.01 * SECOND_NS for offset in found[100:])


def test_drift_is_followed() -> None:
    clock = ReaderClock()
    for second in range(3600):
        offset_ns = clock.offset_ns(second * SECOND_NS, int(second * SECOND_NS * 1.0001))
    assert abs(offset_ns - 0.36 * SECOND_NS) < 0.01 * SECOND_NS


def test_clock_set_forward_is_followed_at_once() -> None:
    clock = ReaderClock()
    clock.offset_ns(0, 100)
    assert clock.offset_ns(3600 * SECOND_NS, SECOND_NS) == -3599 * SECOND_NS


def test_clock_set_back_is_followed_when_it_stays() -> None:
    clock = ReaderClock()
    clock.offset_ns(3600 * SECOND_NS, 3600 * SECOND_NS)
    found = [clock.offset_ns(n * SECOND_NS, (3601 + n) * SECOND_NS) for n in range(10)]
    assert found[0] == 0
    assert found[PATIENCE_NS // SECOND_NS] == 3601 * SECOND_NS


def test_reports_held_up_for_a_while_keep_their_times() -> None:
    clock = ReaderClock()
    clock.offset_ns(0, 0)
    assert [clock.offset_ns(n * SECOND_NS, (n + 3) * SECOND_NS) for n in (1, 2)] == [0, 0]
    assert clock.offset_ns(5 * SECOND_NS, 5 * SECOND_NS + 5) == 0
