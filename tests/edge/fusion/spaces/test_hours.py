"""Opening hours: days, midnight and daylight saving."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from edge.fusion.spaces.hours import LocalTime, parse

BERLIN = ZoneInfo("Europe/Berlin")


def local(text: str) -> LocalTime:
    return LocalTime.at(int(datetime.fromisoformat(text).timestamp()) * 10**9, BERLIN)


@pytest.mark.parametrize(
    ("hours", "at", "is_open"),
    [
        ("mon-fri 08:00-22:00", "2026-03-02T08:00:00+01:00", True),
        ("mon-fri 08:00-22:00", "2026-03-02T22:00:00+01:00", False),
        ("mon-fri 08:00-22:00", "2026-03-07T12:00:00+01:00", False),
        ("fri-mon 08:00-22:00", "2026-03-08T12:00:00+01:00", True),
        ("mon,wed 08:00-12:00", "2026-03-04T11:59:00+01:00", True),
        ("fri 20:00-02:00", "2026-03-07T01:59:00+01:00", True),
        ("fri 20:00-02:00", "2026-03-07T02:00:00+01:00", False),
        ("mon-sun 00:00-23:59", "2026-03-02T23:59:30+01:00", True),
    ],
)
def test_hours_are_those_of_the_clock_on_the_wall(hours: str, at: str, is_open: bool) -> None:
    assert parse([hours]).is_open(local(at)) is is_open


def test_local_time_follows_daylight_saving() -> None:
    winter = LocalTime.at(int(datetime(2026, 3, 28, 12, tzinfo=UTC).timestamp()) * 10**9, BERLIN)
    summer = LocalTime.at(int(datetime(2026, 3, 30, 12, tzinfo=UTC).timestamp()) * 10**9, BERLIN)
    assert (winter.minute, summer.minute) == (13 * 60, 14 * 60)


@pytest.mark.parametrize("hours", ["always", "Mo-Su 08:00-22:00", "mon- 08:00-22:00", "mon 8-22"])
def test_malformed_hours_are_refused(hours: str) -> None:
    with pytest.raises(ValueError, match="expected hours such as 'mon-fri"):
        parse([hours])
