"""The clock offset: found from passes there and back, and taken out of the places."""

from dataclasses import replace

import numpy as np
import pytest

from edge.columns import Readings, concat_readings
from edge.fusion.locate import Calibration, Options, locate
from edge.fusion.locate.lead import clock_leads
from edge.fusion.window import Window, whole
from tests.edge.fusion.locate.test_locate import scan

PLACES_M = [0.2, 0.3, 0.42, 0.5, 0.61, 0.7, 0.8]
LATE_S = 0.1


def there_and_back(late_s: float) -> Window:
    """A pass to the right, then one to the left, its reads dated `late_s` late."""
    first = scan(PLACES_M)
    second = scan([1.0 - x for x in PLACES_M])
    later_ns = 20_000_000_000
    poses = replace(second.poses, x_m=1.0 - second.poses.x_m, t_ns=second.poses.t_ns + later_ns)
    tags = replace(second.tags, t_ns=second.tags.t_ns + later_ns)
    readings = concat_readings(
        [Readings(tags=first.tags, poses=first.poses), Readings(tags=tags, poses=poses)]
    )
    late = replace(readings.tags, t_ns=readings.tags.t_ns + round(late_s * 1e9))
    return whole(Readings(tags=late, poses=readings.poses))


def test_late_reads_are_noticed_and_their_places_put_right() -> None:
    recording = there_and_back(LATE_S)
    found = clock_leads(recording, {"a1": 1.0})["cart-1"]
    assert found.tags == len(PLACES_M)
    assert found.lead_s == pytest.approx(-LATE_S, abs=0.02)
    known = Options(calibration=Calibration(leads={"cart-1": found}))
    half = replace(recording, poses=scan(PLACES_M).poses)
    before, after = (locate(half, {"a1": 1.0}, options).by_epc() for options in (Options(), known))
    for n, x_m in enumerate(PLACES_M):
        assert before[f"E2{n:02X}"].x_m > x_m + 0.01
        assert after[f"E2{n:02X}"].x_m == pytest.approx(x_m, abs=0.01)


def test_clocks_that_agree_need_no_lead() -> None:
    found = clock_leads(there_and_back(0.0), {"a1": 1.0})
    assert "cart-1" not in found or abs(found["cart-1"].lead_s) < 0.01


def test_one_way_says_nothing_of_the_clock() -> None:
    assert clock_leads(scan(PLACES_M), {"a1": 1.0}) == {}


def test_lead_moves_only_its_own_source() -> None:
    tags = scan([0.5]).tags
    known = clock_leads(there_and_back(LATE_S), {"a1": 1.0})["cart-1"]
    np.testing.assert_array_equal(Calibration(leads={"other": known}).in_time(tags).t_ns, tags.t_ns)
