"""`edge spaces`: the profile of the week, and whether a change helped."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.cli.spaces import command
from tests.sites import HALL

NOON_NS = 1_772_424_000_000_000_000  # a Monday in Shanghai
HOUR_NS = 3_600_000_000_000
DAYS = 28


@pytest.fixture
def where(tmp_path: Path) -> list[str]:
    (tmp_path / "site.toml").write_text(HALL)
    rows = [
        {
            "kind": "room",
            "t_ns": NOON_NS + (24 * day + hour) * HOUR_NS,
            "source": "headcount-hall",
            "quantity": "people",
            "value": 10 + 10 * (day >= 14) + day % 3,
        }
        for day in range(DAYS)
        for hour in range(-4, 8)
    ]
    (tmp_path / "heads.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return [str(tmp_path / "heads.jsonl"), "--site", str(tmp_path / "site.toml")]


def test_the_profile_tells_each_open_hour_of_the_week(where: list[str]) -> None:
    found = json.loads(CliRunner().invoke(command, [*where, "--every", "10min", "--json"]).stdout)
    noon = [row for row in found["profile"] if (row["weekday"], row["hour"]) == (1, 12)]
    assert 10 < noon[0]["mean_people"] < 24
    assert {row["hour"] for row in found["profile"]} <= set(range(8, 22))


def test_a_reading_of_another_century_is_told_and_changes_nothing(where: list[str], tmp_path: Path) -> None:
    asked = [*where, "--every", "10min", "--json"]
    right = CliRunner().invoke(command, asked)
    with (tmp_path / "heads.jsonl").open("a") as recording:
        stray = {"kind": "door", "t_ns": 4_294_967_295 * 10**9, "source": "door-main", "in": 1, "out": 0}
        recording.write(json.dumps(stray) + "\n")
    found = CliRunner().invoke(command, asked)
    assert found.stdout == right.stdout
    assert found.stderr == "1 reading left out: far from the time of all others (2106-02-07)\n"


def test_a_change_is_compared_and_drawn(where: list[str], tmp_path: Path) -> None:
    drawing = tmp_path / "hall.svg"
    wanted = ["--space", "hall", "--change", "2026-03-16", "--json", "--plot", str(drawing)]
    done = CliRunner().invoke(command, ["compare", *where, *wanted])
    found = json.loads(done.stdout)
    assert found["difference"]["low"] > 5
    assert found["difference"]["low"] < 10 < found["difference"]["high"] + 1.5
    assert drawing.read_text().startswith("<svg")


def test_a_change_of_no_space_of_the_site_is_refused(where: list[str]) -> None:
    done = CliRunner().invoke(command, ["compare", *where, "--space", "attic", "--change", "2026-03-16"])
    assert done.exit_code == 2


def test_the_last_change_of_the_configuration_is_compared(where: list[str], tmp_path: Path) -> None:
    rows = ('[[change]]\nspace = "hall"\ndate = 2026-03-16\ntext = "lamps"\n', "2026-03-09")
    (tmp_path / "daemon.toml").write_text(rows[0] + rows[0].replace("2026-03-16", rows[1]))
    wanted = ["--space", "hall", "--config", str(tmp_path / "daemon.toml"), "--json"]
    assert (
        json.loads(CliRunner().invoke(command, ["compare", *where, *wanted]).stdout)["change"] == "2026-03-16"
    )


def test_a_comparison_without_any_change_is_refused(where: list[str]) -> None:
    done = CliRunner().invoke(command, ["compare", *where, "--space", "hall"])
    assert done.exit_code == 2
    assert "[[change]]" in done.output
