"""`edge grafana mark` against a server that decodes each request with Grafana's own published models."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edge.cli.grafana import command
from grafana.marks import TAG
from tests.real.grafana_double import TOKEN, GrafanaDouble
from tests.real.grafana_double import grafana_double as grafana_double

pytestmark = pytest.mark.real

MARCH_2_MS = 1_772_380_800_000
"""The second of March 2026 begins in Shanghai."""
SITE = """schema = 1
[site]
id = "s"
timezone = "Asia/Shanghai"
[[space]]
id = "hall"
kind = "learning"
zone = "quiet"
capacity = 20
open = ["mon-sun 08:00-22:00"]
"""


def mark(server: GrafanaDouble, folder: Path, text: str) -> list[str]:
    """What was done with the one change of the configuration."""
    (folder / "site.toml").write_text(SITE)
    change = f'[[change]]\nspace = "hall"\ndate = 2026-03-02\ntext = "{text}"\n'
    (folder / "daemon.toml").write_text(change)
    files = ("--site", str(folder / "site.toml"), "--config", str(folder / "daemon.toml"))
    words = ["mark", "--url", server.url, *files, "--json"]
    done = CliRunner().invoke(command, words, env={"GRAFANA_TOKEN": TOKEN})
    assert done.exit_code == 0, (done.output, done.exception)
    return [row["what"] for row in json.loads(done.stdout)["changes"]]


def shown(server: GrafanaDouble) -> list[Any]:
    """As a board asks for them."""
    found: list[Any] = server.ask("GET", f"/api/annotations?tags={TAG}&type=annotation")[1]
    return found


def test_a_change_is_marked_once_and_its_text_follows(grafana_double: GrafanaDouble, tmp_path: Path) -> None:
    told = [mark(grafana_double, tmp_path, text) for text in ("desks", "desks", "desks and lamps")]
    assert told == [["create"], ["same"], ["update"]]
    (one,) = shown(grafana_double)
    assert (one["time"], one["timeEnd"], one["tags"]) == (MARCH_2_MS, MARCH_2_MS, [TAG, "hall"])
    assert one["text"] == "desks and lamps"


def test_marks_that_people_made_stay_and_hide_none_of_ours(
    grafana_double: GrafanaDouble, tmp_path: Path
) -> None:
    theirs = [
        {"time": MARCH_2_MS, "tags": ["hall"], "text": "of one tag"},
        {"time": MARCH_2_MS - 1000, "timeEnd": MARCH_2_MS + 1000, "tags": [TAG, "hall"], "text": "a region"},
        {"time": MARCH_2_MS, "tags": [TAG, "attic"], "text": "of another room"},
    ]
    for one in theirs:
        assert grafana_double.ask("POST", "/api/annotations", one)[0] == 200
    assert mark(grafana_double, tmp_path, "desks") == ["create"]
    texts = {one["text"] for one in shown(grafana_double)}
    assert texts == {"a region", "of another room", "desks"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "", {"time": 1, "tags": [TAG]}),
        ("POST", "", {"time": 1, "tags": [TAG], "text": ""}),
        ("POST", "", {"time": "now", "tags": [TAG], "text": "desks"}),
        ("POST", "", {"time": 1, "tags": TAG, "text": "desks"}),
        ("POST", "", {"time": 1, "tags": [TAG], "text": "desks", "space": "hall"}),
        ("PATCH", "/1", {"txt": "desks"}),
        ("GET", "?tag=change", None),
        ("GET", "?from=yesterday", None),
        ("GET", "?type=change", None),
    ],
)
def test_what_grafana_would_not_take_is_refused(
    grafana_double: GrafanaDouble, method: str, path: str, body: object
) -> None:
    """Else a mark that goes well here would say nothing."""
    assert grafana_double.ask(method, f"/api/annotations{path}", body)[0] == 400
