"""Head counts: kept by one command, taken up by the daemon as they come."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.cli.calibrate import command
from edge.headcounts import HeadCounts, keep
from tests.sites import HALL


def test_a_count_is_taken_once(tmp_path: Path) -> None:
    path = tmp_path / "headcounts.jsonl"
    follower = HeadCounts(path)
    assert len(follower.take({"headcount-hall"}, 0)) == 0
    keep(path, "hall", 37, 5_000)
    rooms = follower.take({"headcount-hall"}, 0).rooms
    assert (rooms.value.tolist(), rooms.quantities) == ([37.0], ("people",))
    assert len(follower.take({"headcount-hall"}, 0)) == 0


def test_what_is_old_half_written_or_of_elsewhere_waits_or_is_left(tmp_path: Path) -> None:
    path = tmp_path / "headcounts.jsonl"
    keep(path, "hall", 1, 10)
    keep(path, "attic", 2, 99)
    with path.open("a") as file:
        file.write('nonsense\n{"t_ns":99,"source":"headcount-hall",')
    follower = HeadCounts(path)
    assert len(follower.take({"headcount-hall"}, 50)) == 0
    with path.open("a") as file:
        file.write('"value":3}\n')
    assert follower.take({"headcount-hall"}, 50).rooms.value.tolist() == [3.0]


@pytest.fixture
def site(tmp_path: Path) -> str:
    path = tmp_path / "site.toml"
    path.write_text(HALL)
    (tmp_path / "edge.toml").write_text(f'state_dir = "{tmp_path}"\n')
    return str(path)


def test_the_command_keeps_a_count_that_recordings_can_be_read_with(site: str, tmp_path: Path) -> None:
    where = ["--site", site, "--config", str(tmp_path / "edge.toml")]
    at = ["--at", "2026-03-02T12:00:00+08:00"]
    done = CliRunner().invoke(command, [*where, "--headcount", "37", "--space", "hall", *at])
    assert done.exit_code == 0, done.output
    from edge.cli.spaces import command as spaces

    found = CliRunner().invoke(spaces, [str(tmp_path / "headcounts.jsonl"), "--site", site, "--json"])
    assert '"quality": "heads"' in found.output
    assert '"people": 3' in found.output


def test_a_count_of_no_space_of_the_site_is_refused(site: str) -> None:
    done = CliRunner().invoke(command, ["--site", site, "--headcount", "3", "--space", "attic"])
    assert done.exit_code == 2
    assert "expected one of hall, found 'attic'" in done.output
