"""The calibration file: what is written is read again, beside the site file or where it is said."""

from pathlib import Path

import pytest

from edge.calibration_file import as_toml, beside, load_calibration, merged
from edge.errors import ConfigError
from edge.fusion.locate import Calibration, ClockLead, Offset

KNOWN = Calibration({"a1": Offset(0.0123, 0.002, 3, 0.011, 0.45)}, {"cart-1": ClockLead(-0.0075, 0.0004, 60)})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    beside(site).write_text(as_toml(KNOWN), encoding="utf-8")
    assert load_calibration(site) == KNOWN


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert load_calibration(tmp_path / "site.toml") == Calibration()


def test_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.toml"):
        load_calibration(tmp_path / "site.toml", tmp_path / "gone.toml")


def test_wrong_value_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[[clock]]\nsource = "cart-1"\nlead_s = 60.0\nlead_sd_s = 0.1\ntags = 9\n')
    with pytest.raises(ConfigError, match=r"c\.toml:3: .*lead_s"):
        load_calibration(tmp_path / "site.toml", path)


def test_new_findings_replace_old_ones_of_the_same_board_only() -> None:
    new = Calibration({"a2": Offset(0.01, 0.003, 1)}, {"cart-1": ClockLead(0.001, 0.0002, 40)})
    both = merged(KNOWN, new)
    assert set(both.offsets) == {"a1", "a2"}
    assert both.leads == new.leads
