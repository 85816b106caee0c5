"""The taught baseline never sees the day that it is asked for."""

from datetime import UTC, datetime

import numpy as np

from edge.columns import from_readings
from edge.fusion.spaces.graph import Building, SpaceModel
from edge.fusion.window import whole
from edge.types import RoomSample
from tests.bench.baselines.ridge import Day, by_day, days_of

_HOUR_NS = 3_600_000_000_000


def _day(people: np.ndarray, ppm: np.ndarray) -> Day:
    return Day("hall", np.arange(len(people)) * _HOUR_NS, people, {"box co2_ppm": np.tile(ppm[:, None], 3)})


def test_people_are_foretold_from_the_other_days() -> None:
    people = np.tile([0.0, 2.0, 6.0, 10.0, 4.0], 20)
    days = [_day(people * scale, 420.0 + 40.0 * people * scale) for scale in (1.0, 2.0, 0.5)]

    for day, found in zip(days, by_day(days), strict=True):
        np.testing.assert_allclose(found, day.people, atol=1.0)


def test_a_day_is_not_told_its_own_truth() -> None:
    people = np.array([0.0, 2.0, 6.0, 10.0, 4.0])
    days = [_day(people, 420.0 + 40.0 * people) for _ in range(3)]
    other = [*days[:2], _day(people + 50.0, 420.0 + 40.0 * people)]

    np.testing.assert_allclose(by_day(other)[2], by_day(days)[2])
    assert abs(by_day(other)[0] - by_day(days)[0]).max() > 5.0


def test_days_are_those_of_the_site() -> None:
    start_ns = int(datetime(2026, 3, 2, 20, tzinfo=UTC).timestamp()) * 1_000_000_000
    t_ns = start_ns + np.arange(8) * _HOUR_NS
    building = Building(
        (SpaceModel("hall", 20),), space_of_source={"box": "hall"}, timezone="Europe/Copenhagen"
    )
    samples = [RoomSample(int(t), "box", "co2_ppm", 500.0 + n) for n, t in enumerate(t_ns)]
    window = whole(from_readings(samples))

    days = list(days_of(window, building, {"hall": (t_ns, np.arange(8.0))}))

    assert [len(day.t_ns) for day in days] == [3, 5]
    assert days[1].known["box co2_ppm"][0].tolist() == [503.0, 502.0, 502.0]
