"""Recordings in and out: plain and packed, whole and damaged."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from edge.columns import Readings, concat_readings
from edge.errors import ConfigError
from edge.ext.jsonl import MAX_LINE_BYTES, decode
from edge.recording import Report, chunks, lines_of, read
from tests.readings import assert_same_readings, line, tag_line


def of_file(path: Path) -> tuple[Readings, Report]:
    report = Report(str(path))
    return concat_readings(list(chunks(path, report))), report


def test_gzip_of_several_members_is_one_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(tag_line(0)) + gzip.compress(tag_line(1)))
    readings, report = of_file(path)
    assert len(readings.tags) == 2
    assert report.truncated is None


@pytest.mark.parametrize("kept", [0.3, 0.5, 0.9, 0.99])
def test_truncated_gzip_gives_all_that_came_before_its_end(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "a.jsonl.gz"
    text = b"".join(tag_line(n, phase_rad=n * 0.001) for n in range(20_000))
    packed = gzip.compress(text)
    packed = packed[: int(len(packed) * kept)]
    path.write_bytes(packed)
    readings, report = of_file(path)
    assert report.truncated
    assert len(readings.tags) >= 20_000 * (kept - 0.1)
    assert len(readings.tags) + report.n_skipped == report.n_lines
    assert report.n_skipped <= 1


def test_damage_in_the_middle_of_a_gzip_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    packed = bytearray(gzip.compress(b"".join(tag_line(n, phase_rad=n * 0.001) for n in range(20_000))))
    packed[len(packed) // 2] ^= 0xFF
    path.write_bytes(packed)
    readings, report = of_file(path)
    assert "damaged" in str(report.truncated)
    assert len(readings.tags) > 5000


def test_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(tag_line(0) + b"x" * (64 << 20) + b"\n" + tag_line(1)))
    readings, report = of_file(path)
    assert len(readings.tags) == 2
    assert [skip.line for skip in report.skips] == [2]
    assert report.skips[0].reason == f"longer than {MAX_LINE_BYTES} bytes"


def test_every_line_is_accounted_for(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(tag_line(n) if n % 3 else b"nonsense\n" for n in range(30_000)) + b"{}")
    readings, report = of_file(path)
    assert (len(readings), report.n_lines, report.n_skipped) == (20_000, 30_001, 10_001)
    assert [skip.line for skip in report.skips[:2]] == [1, 4]


def test_late_lines_are_put_in_order(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(tag_line(5) + tag_line(1) + tag_line(3))
    window, _ = read([path])
    assert np.all(np.diff(window.tags.t_ns) > 0)
    assert window.end_ns == window.tags.t_ns[-1] + 1


def test_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no\.jsonl: No such file"):
        read([tmp_path / "no.jsonl"])


def test_written_readings_are_read_again_as_they_were() -> None:
    text = (
        tag_line(
            1, rssi_dbm=-54.5, phase_rad=2 / 3, freq_mhz=920.625, doppler_hz=-0.0625, pc="3000", tid="E280"
        )
        + tag_line(2)
        + line(kind="pose", t_ns=3, source="cart-1", shelf="a-1", x_m=1 / 3, y_m=0.25)
        + line(kind="door", t_ns=4, source="door-1", **{"in": 3, "out": 0})
        + line(kind="room", t_ns=5, source="r-1", quantity="co2_ppm", value=417.5)
        + line(kind="room", t_ns=6, source="r-1", quantity="thermal_8x8", value=[20.25] * 64)
    )
    readings, skips = decode(text)
    assert not skips
    again, skips = decode(b"".join(lines_of(readings)))
    assert not skips
    assert_same_readings(again, readings)
