"""Hours of a space by the site's clock."""

from zoneinfo import ZoneInfo

import pytest

from edge.events import SpaceOccupied
from edge.fusion.spaces.hourly import HourlyUse
from edge.fusion.spaces.hours import parse

# Monday, 2025-11-24 07:00 in Shanghai.
MONDAY_7_NS = 1_763_938_800_000_000_000
MINUTE_NS = 60_000_000_000


def estimates(minutes: int) -> list[SpaceOccupied]:
    times = [MONDAY_7_NS + n * MINUTE_NS for n in range(minutes)]
    return [SpaceOccupied(t_ns, "hall", float(n), 1.0, 1.0, "good") for n, t_ns in enumerate(times)]


def test_hour_comes_when_the_next_has_begun() -> None:
    hours = HourlyUse(ZoneInfo("Asia/Shanghai"), {"hall": parse(["mon-fri 07:30-22:00"])})
    assert hours.step(estimates(60)) == []
    (used,) = hours.step(estimates(61)[60:])
    assert (used.space, used.weekday, used.hour) == ("hall", 1, 7)
    assert used.people == pytest.approx(29.5)
    assert used.peak == 59.0
    assert used.open_share == 0.5
    assert used.valid_s == pytest.approx(59 * 60)


def test_last_hour_comes_at_the_end() -> None:
    hours = HourlyUse(ZoneInfo("UTC"), {})
    hours.step(estimates(3))
    (used,) = hours.finish()
    assert used.hour == 23
    assert used.open_share == 0.0
    assert hours.finish() == []


def test_silence_is_not_valid_time() -> None:
    hours = HourlyUse(ZoneInfo("UTC"), {})
    hours.step([estimates(50)[0], estimates(50)[49]])
    assert hours.finish()[0].valid_s == 300.0
