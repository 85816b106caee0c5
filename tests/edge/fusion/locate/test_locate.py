"""Locating from whole recordings: what must come out whatever the scene."""

from dataclasses import replace

import numpy as np
import pytest

from edge.columns import F64, PoseColumns, Readings, TagColumns
from edge.fusion.locate import locate
from edge.fusion.window import Window, whole

C_M_MHZ = 299.792458


def scan(places_m: list[float], flipped: float = 0.0, poses: bool = True, weave_m: float = 0.0) -> Window:
    """A pass of 1 m at 0.2 m/s, half a metre from tags at the given places, over four channels.

    The antenna sways by `weave_m` to both sides of its line, and the poses say so.
    """
    rng = np.random.default_rng(7)
    t_s = np.arange(0.0, 5.0, 0.02)
    read_s = np.repeat(t_s, len(places_m)) + rng.uniform(0, 0.02, len(t_s) * len(places_m))
    tag = np.tile(np.arange(len(places_m)), len(t_s))
    f_mhz = 920.625 + 0.5 * (np.floor(read_s / 0.2).astype(int) % 4)
    distance = np.hypot(0.2 * read_s - np.array(places_m)[tag], 0.5 + _sway_m(read_s, weave_m))
    theta = 4 * np.pi * f_mhz * (distance + 9.0) / C_M_MHZ + tag + rng.normal(0, 0.05, len(tag))
    theta += np.pi * (rng.random(len(tag)) < flipped)
    n = len(tag)
    tags = TagColumns(
        t_ns=(read_s * 1e9).astype(np.int64),
        source=np.zeros(n, np.intp),
        antenna=np.ones(n, np.intp),
        tag=tag.astype(np.intp),
        rssi_dbm=np.round(-40 - 40 * np.log10(distance / 0.5)),
        phase_rad=theta % (2 * np.pi),
        freq_mhz=f_mhz,
        doppler_hz=np.full(n, np.nan),
        sources=("cart-1",),
        epcs=tuple(f"E2{k:02X}" for k in range(len(places_m))),
    )
    m = len(t_s)
    path = PoseColumns(
        t_ns=(t_s * 1e9).astype(np.int64),
        source=np.zeros(m, np.intp),
        shelf=np.zeros(m, np.intp),
        x_m=0.2 * t_s,
        y_m=0.46 + _sway_m(t_s, weave_m),
        z_m=np.full(m, np.nan),
        sources=("cart-1",),
        shelves=("a1",),
    )
    return whole(Readings(tags=tags, poses=path if poses else PoseColumns()))


def _sway_m(t_s: F64, weave_m: float) -> F64:
    sway: F64 = weave_m * np.sin(2.0 * np.pi * t_s / 2.7)
    return sway


@pytest.mark.parametrize("flipped", [0.0, 0.05, 0.1, 0.5])
def test_tags_are_found_in_order_and_to_a_centimetre(flipped: float) -> None:
    places = [0.55, 0.2, 0.75, 0.4]
    result = locate(scan(places, flipped=flipped), {"a1": 1.0})
    assert [place.epc for place in result.places] == ["E201", "E203", "E200", "E202"]
    assert [place.rank for place in result.places] == [0, 1, 2, 3]
    found = [place.x_m for place in result.places]
    np.testing.assert_allclose(found, sorted(places), atol=0.01)
    assert result.ports[0].half_turns is (flipped > 0)
    assert result.ports[0].flip_share == pytest.approx(2 * flipped * (1 - flipped), abs=0.05)


def test_noise_is_not_taken_for_half_turns() -> None:
    clean = scan([0.55, 0.2, 0.75, 0.4])
    noise_rad = np.random.default_rng(1).normal(0.0, 0.5, len(clean.tags))
    noisy = replace(clean, tags=replace(clean.tags, phase_rad=clean.tags.phase_rad + noise_rad))
    assert not locate(noisy, {"a1": 1.0}).ports[0].half_turns


def test_cart_that_weaves_loses_nothing() -> None:
    places = [0.2, 0.4, 0.55, 0.75]
    found = [place.x_m for place in locate(scan(places, weave_m=0.03), {"a1": 1.0}).places]
    np.testing.assert_allclose(found, places, atol=0.01)


def test_recording_without_poses_gives_no_places_and_does_not_fail() -> None:
    assert locate(scan([0.3, 0.6], poses=False), {}).places == ()


def test_empty_recording_gives_nothing() -> None:
    assert locate(Window(), {}).places == ()
