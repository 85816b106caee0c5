"""`edge grafana` as a person calls it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from edge.cli.grafana import command
from edge.errors import ConfigError
from tests.fakes.grafana import TOKEN, FakeGrafana

SITE = """
schema = 1
[site]
id = "main"
timezone = "Asia/Shanghai"
[[space]]
id = "hall"
name = { en = "Reading hall", zh = "阅览大厅" }
kind = "learning"
zone = "quiet"
capacity = 120
open = ["mon-sun 08:00-22:00"]
"""


@pytest.fixture
def grafana() -> Iterator[FakeGrafana]:
    with FakeGrafana().running() as server:
        yield server


def edge(*words: str, token: str = TOKEN) -> Result:
    return CliRunner().invoke(command, [*words], env={"GRAFANA_TOKEN": token})


def test_push_then_diff_is_clean(grafana: FakeGrafana, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(SITE)
    words = ("--url", grafana.url, "--lang", "zh", "--site", str(site))
    assert edge("diff", *words).exit_code == 1
    assert grafana.writes == []
    pushed = edge("push", *words, "--json")
    assert pushed.exit_code == 0, pushed.output
    assert {row["what"] for row in json.loads(pushed.stdout)["changes"]} == {"create"}
    assert "阅览大厅" in json.dumps(grafana.dashboards, ensure_ascii=False)
    assert edge("diff", *words).exit_code == 0


def test_dry_run_shows_what_differs(grafana: FakeGrafana) -> None:
    edge("push", "--url", grafana.url)
    grafana.edit_in_browser("edge-library-now-en")
    n_before = len(grafana.writes)
    shown = edge("push", "--url", grafana.url, "--dry-run")
    assert shown.exit_code == 1
    assert "renamed by a person" in shown.stdout
    assert len(grafana.writes) == n_before


def test_pull_and_export_write_files(grafana: FakeGrafana, tmp_path: Path) -> None:
    edge("push", "--url", grafana.url)
    assert edge("pull", "--url", grafana.url, "--out", str(tmp_path / "pulled")).exit_code == 0
    assert len(list((tmp_path / "pulled").glob("*.json"))) == 6
    assert edge("export", "--out", str(tmp_path / "out"), "--queries", "flux").exit_code == 0
    rules = yaml.safe_load((tmp_path / "out/provisioning/alerting.yaml").read_text())
    assert "from(bucket" in rules["groups"][0]["rules"][0]["data"][0]["model"]["query"]


def test_validate_finds_nothing() -> None:
    assert edge("validate", "--lang", "zh").exit_code == 0


def test_no_token_is_bad_usage(grafana: FakeGrafana) -> None:
    result = edge("push", "--url", grafana.url, token="")
    assert "no token" in str(result.exception)


CHANGED = """[[change]]
space = "hall"
date = 2026-03-02
text = "new desks"
"""


def test_a_change_of_no_space_of_the_site_is_refused(grafana: FakeGrafana, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE)
    (tmp_path / "daemon.toml").write_text(CHANGED.replace("hall", "attic"))
    files = ("--site", str(tmp_path / "site.toml"), "--config", str(tmp_path / "daemon.toml"))
    done = edge("mark", "--url", grafana.url, *files)
    assert isinstance(done.exception, ConfigError)
    assert "attic" in str(done.exception)
    assert grafana.writes == []
