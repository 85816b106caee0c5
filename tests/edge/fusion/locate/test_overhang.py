"""A tag beyond a board's end stands on the next board, however often the first board's pass heard it."""

import numpy as np
import pytest

from edge.columns import PoseColumns, Readings, TagColumns
from edge.fusion.locate import Options, locate
from edge.fusion.window import Window, whole

NEXT_M = 0.95  # where the second board begins, seen from the first


def scan(tag_m: float) -> Window:
    """Two boards side by side; the first one's pass hears the tag twice as often, to 20 cm past its end."""
    rng = np.random.default_rng(3)
    pose_s = np.concatenate([np.arange(0.0, 6.0, 0.02), np.arange(20.0, 26.0, 0.02)])
    second = pose_s >= 20.0
    x_m = -0.1 + 0.2 * (pose_s - 20.0 * second)
    read_s = np.sort(np.concatenate([rng.uniform(3.0, 6.0, 150), rng.uniform(20.0, 22.0, 60)]))
    at_m = -0.1 + 0.2 * (read_s % 20.0) + NEXT_M * (read_s >= 20.0)
    d_m = np.hypot(at_m - NEXT_M - tag_m, 0.5)
    n, m = len(read_s), len(pose_s)
    theta = 4.0 * np.pi * 920.625 * d_m / 299.792458 + rng.normal(0, 0.05, n)
    tags = TagColumns(
        t_ns=(read_s * 1e9).astype(np.int64),
        source=np.zeros(n, np.intp),
        antenna=np.ones(n, np.intp),
        tag=np.zeros(n, np.intp),
        rssi_dbm=np.round(-40 - 40 * np.log10(d_m / 0.5)),
        phase_rad=theta % (2 * np.pi),
        freq_mhz=np.full(n, 920.625),
        doppler_hz=np.full(n, np.nan),
        sources=("cart-1",),
        epcs=("E200",),
    )
    poses = PoseColumns(
        t_ns=(pose_s * 1e9).astype(np.int64),
        source=np.zeros(m, np.intp),
        shelf=second.astype(np.intp),
        x_m=x_m,
        y_m=np.full(m, 0.46),
        z_m=np.full(m, np.nan),
        sources=("cart-1",),
        shelves=("a1", "a2"),
    )
    return whole(Readings(tags=tags, poses=poses))


@pytest.mark.parametrize(("ends", "shelf"), [(True, "a2"), (False, "a1")])
def test_tag_beyond_the_end_is_on_the_next_board(ends: bool, shelf: str) -> None:
    (place,) = locate(scan(0.08), {"a1": 0.9, "a2": 0.9}, Options(ends=ends)).places
    assert place.shelf == shelf


def test_board_of_unknown_length_ends_nowhere() -> None:
    (place,) = locate(scan(0.08), {}).places
    assert place.shelf == "a1"


def test_tag_before_the_end_stays() -> None:
    (place,) = locate(scan(-0.2), {"a1": 0.9, "a2": 0.9}).places
    assert place.shelf == "a1"
    assert place.x_m == pytest.approx(0.75, abs=0.02)
