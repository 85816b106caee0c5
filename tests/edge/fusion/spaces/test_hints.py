"""What light and sound say of whether anybody is there: only what goes with people beyond the time of day."""

from collections.abc import Callable

import numpy as np
import pytest

from edge.ext.occupancy import COLUMNS, HINT, LIGHT, SOUND
from edge.fusion.spaces.channels import EVIDENCE
from edge.fusion.spaces.hints import MOST, Hints, log_ratio
from tests.edge.fusion.spaces.rooms import MINUTE_NS, START_NS

AIR, WIFI = (np.array([1 << EVIDENCE.index(kind)]) for kind in ("co2", "devices"))
STEP_MIN = 10
Level = Callable[[int, int, bool], float]
"""The level at a day and minute, with somebody there or not."""


def busy(day: int, minute: int) -> bool:
    """Comes at another time each day, stays for some hours, and not at weekends."""
    came = 8 * 60 + 47 * day % 180
    return day % 7 < 5 and (came <= minute < came + 200 or came + 260 <= minute < came + 480)


def learnt(level: Level, days: int = 10, column: int = LIGHT, alive: np.ndarray = AIR) -> Hints:
    hints = Hints(1, "Asia/Shanghai")
    for day in range(days):
        for minute in range(0, 1440, STEP_MIN):
            there = busy(day, minute)
            give(hints, level(day, minute, there), column, alive)
            chance = np.array([0.9 if there else 0.1])
            t_ns = START_NS + (1440 * day + minute) * MINUTE_NS
            hints.learn(t_ns, chance, alive, STEP_MIN / 60)
    return hints


def give(hints: Hints, level: float, column: int = LIGHT, alive: np.ndarray = AIR) -> float:
    """The hint after a level."""
    spaces = np.full((1, COLUMNS), np.nan)
    spaces[0, column] = level
    hints.give(spaces, alive, STEP_MIN / 60)
    return float(spaces[0, HINT])


def switched(day: int, minute: int, there: bool) -> float:
    return 450.0 if there else 2.0


def always_on(day: int, minute: int, there: bool) -> float:
    return 450.0


def timetable(day: int, minute: int, there: bool) -> float:
    return 450.0 if 8 * 60 <= minute < 20 * 60 else 2.0


def daylight(day: int, minute: int, there: bool) -> float:
    cloud = 0.5 + 0.5 * np.sin(2.3 * day)
    return float(max(np.sin((minute - 360) / 720 * np.pi), 0.0) * 300.0 * (0.3 + cloud))


def test_a_lamp_that_people_switch_tells_of_them() -> None:
    hints = learnt(switched)
    assert give(hints, 450.0) > 1.5
    assert give(hints, 2.0) < -1.0


@pytest.mark.parametrize("level", [always_on, timetable])
def test_a_lamp_that_is_on_anyway_says_nothing(level: Level) -> None:
    hints = learnt(level, days=21)
    assert abs(give(hints, 450.0)) < 0.5
    assert abs(give(hints, 2.0)) < 0.5


def test_daylight_says_next_to_nothing() -> None:
    hints = learnt(daylight, days=21)
    assert max(abs(give(hints, lux)) for lux in (0.0, 20.0, 100.0, 250.0, 390.0)) < 1.0


def test_a_voice_tells_of_people() -> None:
    hints = learnt(lambda day, minute, there: 55.0 if there else 38.0, column=SOUND)
    assert give(hints, 55.0, SOUND) > 1.5


def test_a_hint_of_the_first_day_is_weaker_than_of_a_month() -> None:
    assert 0.0 < give(learnt(switched, days=1), 450.0) < 0.8 * give(learnt(switched, days=30), 450.0)


def test_a_hint_is_bounded() -> None:
    always, never = log_ratio(np.full(2, 1e4), np.array([1e4, 0.0]), np.full(2, 1e3))
    assert (always, never) == (pytest.approx(MOST), pytest.approx(-MOST))


def test_where_people_are_counted_nothing_is_hinted() -> None:
    assert give(learnt(switched), 450.0, alive=AIR | WIFI) == 0.0
    assert give(learnt(switched, alive=WIFI), 450.0) == 0.0


def test_where_nothing_else_is_alive_nothing_is_learnt() -> None:
    assert give(learnt(switched, alive=np.array([0])), 450.0) == 0.0


def test_an_old_level_says_nothing() -> None:
    hints = learnt(switched)
    give(hints, 450.0)
    assert give(hints, np.nan) != 0.0
    assert give(hints, np.nan) == 0.0
