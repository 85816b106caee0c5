"""A clock that is off by the site's distance from UTC is found, told, and put right without looking ahead."""

import pytest

from edge.columns import from_readings
from edge.fusion.spaces.clocks import Clocks
from edge.fusion.spaces.read import read_spaces, runs
from tests.edge.fusion.spaces.rooms import MINUTE_NS, one_room, room, window_of

HOURS = ("mon-sun 08:00-22:00",)
DAYS = 4


def loud_by_day(off_h: int) -> list:
    """A sound meter in a room used from 9 to 20 h, whose stamps are off by so many hours."""
    return [
        room(m + 60 * off_h, "sound_dba", 55.0 if 540 <= m % 1440 < 1200 else 40.0, "co2")
        for m in range(0, DAYS * 1440, 10)
    ]


def found_off_h(off_h: int, open_hours: tuple[str, ...] = HOURS) -> list[float]:
    report = read_spaces(window_of(loud_by_day(off_h)), one_room(open=open_hours), 10 * MINUTE_NS)
    told = [e for e in report.health if "clock" in e.reason]
    return [float(e.reason.split()[3]) for e in told]


@pytest.mark.parametrize("off_h", [-8, 8])
def test_a_clock_in_utc_is_told(off_h: int) -> None:
    assert found_off_h(off_h) == [off_h]


def test_a_clock_that_is_right_is_left_alone() -> None:
    assert found_off_h(0) == []


def test_where_it_is_always_open_nothing_can_be_said() -> None:
    assert found_off_h(-8, ("mon-sun 00:00-24:00",)) == []


def test_readings_come_when_they_were_measured_and_none_before() -> None:
    clocks, passed = Clocks(one_room(open=HOURS)), []
    clocks.off_ns["co2"] = 8 * 60 * MINUTE_NS
    for run in runs(window_of(loud_by_day(-8)), 10 * MINUTE_NS):
        told, _ = clocks.put_right(run)
        for t, end_ns in enumerate(run.ends_ns.tolist()):
            rooms = told.part(t, t + 1).rooms
            assert (rooms.t_ns <= end_ns).all()
            passed.extend(zip(rooms.t_ns.tolist(), rooms.value.tolist(), strict=True))
    right = from_readings(loud_by_day(0)).rooms
    assert passed == list(zip(right.t_ns.tolist(), right.value.tolist(), strict=True))[: len(passed)]
    assert len(passed) > (DAYS - 1) * 144
