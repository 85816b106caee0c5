"""A minute's means of room sensors."""

import pytest

from edge.columns import from_readings
from edge.events import RoomMeasured
from edge.fusion.measure import RoomMeans
from edge.fusion.window import Window, window
from edge.types import RoomSample

S = 1_000_000_000


def sample(t_s: float, value: float, quantity: str = "co2_ppm") -> RoomSample:
    return RoomSample(int(t_s * S), "hall-1", quantity, value)


def at(*samples: RoomSample, end_s: int) -> Window:
    return window([from_readings(samples)], 0, end_s * S)


def test_mean_comes_when_the_minute_is_over() -> None:
    means = RoomMeans({"hall-1": "hall"})
    assert means.step(at(sample(1, 400), sample(30, 600), end_s=40)) == []
    assert means.step(at(sample(59, 800), end_s=61)) == [
        RoomMeasured(59 * S, "hall-1", "hall", "co2_ppm", 600.0)
    ]


def test_sound_is_averaged_as_energy() -> None:
    (found,) = RoomMeans({}).step(at(sample(1, 40, "sound_dba"), sample(2, 80, "sound_dba"), end_s=60))
    assert found.value == pytest.approx(76.99, abs=0.01)


def test_late_sample_is_a_record_of_its_own() -> None:
    means = RoomMeans({})
    means.step(at(sample(1, 400), end_s=60))
    (late,) = means.step(at(sample(2, 500), end_s=120))
    assert (late.t_ns, late.value) == (2 * S, 500.0)


def test_thermal_frames_have_no_mean() -> None:
    frame = RoomSample(S, "hall-1", "thermal_8x8", (20.0,) * 64)
    assert RoomMeans({}).step(window([from_readings([frame])], 0, 60 * S)) == []
