"""`edge calibrate --save`, what reads it again, and `edge locate` with what it is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edge.cli.calibrate import command as calibrate
from edge.cli.locate import command as locate
from edge.columns import Readings
from edge.fusion.window import Window
from edge.recording import lines_of
from tests.edge.fusion.locate.test_lead import LATE_S, PLACES_M, there_and_back
from tests.edge.fusion.locate.test_locate import scan

SITE = """schema = 1
[site]
id = "s"
timezone = "Asia/Shanghai"
"""


def recorded(window: Window, path: Path) -> Path:
    path.write_bytes(b"".join(lines_of(Readings(tags=window.tags, poses=window.poses))))
    return path


def document(command: Any, *words: str | Path) -> Any:
    done = CliRunner().invoke(command, [*map(str, words), "--json"])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE)
    return path


def test_what_is_kept_puts_the_next_places_right(site: Path, tmp_path: Path) -> None:
    first = recorded(there_and_back(LATE_S), tmp_path / "first.jsonl")
    label = f"E200=a1:{PLACES_M[0] + 0.03}"
    found = document(calibrate, first, "--site", site, "--label", label, "--save")
    assert found["clocks"][0]["lead_s"] == pytest.approx(-LATE_S, abs=0.02)
    offset_m = found["offsets"][0]["x_m"]
    assert offset_m == pytest.approx(-0.03, abs=0.01)
    second = recorded(scan(PLACES_M), tmp_path / "second.jsonl")
    after = document(locate, second, "--site", site)["positions"]
    (tmp_path / "site.calibration.toml").rename(tmp_path / "elsewhere.toml")
    before = document(locate, second, "--site", site)["positions"]
    told = document(locate, second, "--site", site, "--calibration", tmp_path / "elsewhere.toml")["positions"]
    assert told == after
    for one, other in zip(before, after, strict=True):
        # The antenna went at 0.2 m/s; the reads of this recording are not late.
        moved_m = -offset_m + 0.2 * found["clocks"][0]["lead_s"]
        assert other["x_m"] - one["x_m"] == pytest.approx(moved_m, abs=0.005)


def test_a_label_that_can_not_be_read_is_bad_usage(site: Path, tmp_path: Path) -> None:
    path = recorded(scan([0.5]), tmp_path / "a.jsonl")
    done = CliRunner().invoke(calibrate, [str(path), "--site", str(site), "--label", "E200"])
    assert done.exit_code == 2
    assert "EPC=SHELF:X_M" in done.stderr


def test_a_scan_without_poses_is_told_in_the_order_of_passing(site: Path, tmp_path: Path) -> None:
    path = recorded(scan([0.55, 0.2, 0.4], poses=False), tmp_path / "hand.jsonl")
    found = document(locate, path, "--site", site)
    assert found["positions"] == []
    assert [[row["epc"] for row in sweep] for sweep in found["passed"]] == [["E201", "E202", "E200"]]
    table = CliRunner().invoke(locate, [str(path), "--site", str(site)]).stdout.splitlines()
    assert table[1].split()[:3] == ["-", "0", "E201"]


def test_labels_turn_the_order_of_passing_into_places(site: Path, tmp_path: Path) -> None:
    path = recorded(scan([0.55, 0.2, 0.4], poses=False), tmp_path / "hand.jsonl")
    found = document(locate, path, "--site", site, "--label", "E201=a1:0.2", "--label", "E200=a1:0.55")
    assert {row["shelf"] for row in found["positions"]} == {"a1"}
    assert abs(found["positions"][1]["x_m"] - 0.4) < 0.02
