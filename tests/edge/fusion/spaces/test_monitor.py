"""Noise, air and use after hours: told once when it lasts, and once when it is over."""

from edge.events import SpaceAirChanged, SpaceNoiseChanged, SpaceUsedAfterHours
from edge.fusion.spaces.monitor import Monitor, NoiseLimit
from edge.fusion.spaces.read import read_spaces
from tests.edge.fusion.spaces.rooms import MINUTE_NS, at, one_room, room, window_of

NOON = 12 * 60


def told(readings: list, kind: type, **keys: object) -> list:
    report = read_spaces(window_of(readings), one_room(**keys), MINUTE_NS)
    return [event for event in report.events if isinstance(event, kind)]


def sound(dba: list[float]) -> list:
    return [room(NOON + m, "sound_dba", value, "pir") for m, value in enumerate(dba)]


def test_a_loud_quarter_of_an_hour_is_told_twice() -> None:
    events = told(sound([40.0] * 20 + [64.0] * 15 + [40.0] * 30), SpaceNoiseChanged)
    assert events[0].level in ("loud", "too-loud")
    assert events[-1].level == "ok"
    assert len(events) <= 4


def test_a_door_that_slams_is_no_noise() -> None:
    assert told(sound([40.0] * 20 + [56.0] + [40.0] * 20), SpaceNoiseChanged) == []


def test_each_zone_has_its_own_limit() -> None:
    assert told(sound([58.0] * 30), SpaceNoiseChanged, zone="collaborative") == []
    assert told(sound([58.0] * 30), SpaceNoiseChanged, zone="silent") != []


def test_nobody_minds_noise_while_closed() -> None:
    assert told(sound([80.0] * 30), SpaceNoiseChanged, open=("mon-sun 20:00-22:00",)) == []


def test_a_limit_of_some_hours_holds_in_those_only() -> None:
    monitor = Monitor(one_room(), (NoiseLimit("quiet", "mon-sun 08:00-12:00", 44.0),))
    assert monitor.limits_dba(at(9 * 60)).tolist() == [44.0]
    assert monitor.limits_dba(at(13 * 60)).tolist() == [50.0]


def test_air_that_is_measured_seldom_is_followed_as_fast() -> None:
    ppm = [600.0] * 4 + [1700.0] * 8
    events = told(
        [room(NOON + 5 * n, "co2_ppm", value, "co2") for n, value in enumerate(ppm)], SpaceAirChanged
    )
    assert [event.level for event in events] == ["stuffy"]
    assert events[0].t_ns <= at(NOON + 5 * 4 + 10)


def test_stuffy_air_is_told_with_hysteresis() -> None:
    ppm = [600.0] * 10 + [1500.0] * 30 + [1350.0, 1420.0] * 15 + [800.0] * 40
    readings = [room(NOON + m, "co2_ppm", value, "co2") for m, value in enumerate(ppm)]
    assert [event.level for event in told(readings, SpaceAirChanged)] == ["stuffy", "ok"]


def test_somebody_there_at_night_is_told_and_the_end_of_it() -> None:
    seen = [room(m, "presence", float(60 <= m < 120), "pir") for m in range(240)]
    events = told(seen, SpaceUsedAfterHours, open=("mon-sun 08:00-22:00",))
    assert [event.state for event in events] == ["began", "ended"]


def test_somebody_there_while_open_is_no_news() -> None:
    seen = [room(NOON + m, "presence", 1.0, "pir") for m in range(120)]
    assert told(seen, SpaceUsedAfterHours, open=("mon-sun 08:00-22:00",)) == []
