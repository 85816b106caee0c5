"""`edge grafana push` against a server that takes only what Grafana's own published models take.

Each habit of the API that hurts has a test here, and so has what the models would refuse.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from edge.cli.grafana import command
from grafana.files import files, packaged
from grafana.provision import FOLDER_UID, GROUP
from grafana.query import LANGUAGES
from grafana.texts import LANGUAGES as PEOPLE
from tests.real.grafana_double import TOKEN, GrafanaDouble
from tests.real.grafana_double import grafana_double as grafana_double

pytestmark = pytest.mark.real

BOARD = "edge-library-now-en"
BOARD_PATH = f"/api/dashboards/uid/{BOARD}"
GROUP_PATH = f"/api/v1/provisioning/folder/{FOLDER_UID}/rule-groups/{GROUP}"
RULES_PATH = "/api/v1/provisioning/alert-rules"
CONFIG = """[influx]
url = "http://127.0.0.1:8086"
org = "library"
bucket = "edge"
token_file = "{folder}/token"
"""


def edge(server: GrafanaDouble, verb: str, *words: str) -> Result:
    return CliRunner().invoke(command, [verb, "--url", server.url, *words], env={"GRAFANA_TOKEN": TOKEN})


def push(server: GrafanaDouble, *words: str) -> Result:
    done = edge(server, "push", *words)
    assert done.exit_code == 0, (done.output, done.exception)
    return done


def a_rule() -> dict[str, Any]:
    rule: dict[str, Any] = copy.deepcopy(packaged("influxql", "en")[1]["rules"][0])
    return rule


@pytest.mark.parametrize("language", PEOPLE)
@pytest.mark.parametrize("queries", LANGUAGES)
def test_everything_is_taken_and_stays_as_it_is(
    grafana_double: GrafanaDouble, language: str, queries: str
) -> None:
    words = ("--lang", language, "--queries", queries)
    push(grafana_double, *words)
    n_before = len(grafana_double.writes())
    again = json.loads(push(grafana_double, *words, "--json").stdout)["changes"]
    assert {change["what"] for change in again} == {"same"}
    assert len(grafana_double.writes()) == n_before
    assert edge(grafana_double, "diff", *words).exit_code == 0


def test_every_alert_leads_to_a_panel_of_a_board_that_was_pushed(grafana_double: GrafanaDouble) -> None:
    push(grafana_double)
    for rule in grafana_double.ask("GET", GROUP_PATH)[1]["rules"]:
        said = rule["annotations"]
        status, found = grafana_double.ask("GET", f"/api/dashboards/uid/{said['__dashboardUid__']}")
        assert status == 200
        panel = next(p for p in found["dashboard"]["panels"] if str(p["id"]) == said["__panelId__"])
        assert panel["type"] != "row"


def test_secret_is_sent_each_time_for_it_is_forgotten_else(
    grafana_double: GrafanaDouble, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("an-influx-token")
    (tmp_path / "token").chmod(0o600)
    config = tmp_path / "daemon.toml"
    config.write_text(CONFIG.format(folder=tmp_path))
    for _ in range(2):
        push(grafana_double, "--config", str(config))
        (secrets,) = grafana_double.ask("GET", "/double/secrets")[1].values()
        assert secrets == {"httpHeaderValue1": "Token an-influx-token"}


def test_board_that_an_update_without_a_folder_moved_is_brought_back(grafana_double: GrafanaDouble) -> None:
    push(grafana_double)
    stored = grafana_double.ask("GET", BOARD_PATH)[1]["dashboard"]
    assert grafana_double.ask("POST", "/api/dashboards/db", {"dashboard": stored})[0] == 200
    assert grafana_double.ask("GET", BOARD_PATH)[1]["meta"]["folderUid"] == ""
    push(grafana_double)
    assert grafana_double.ask("GET", BOARD_PATH)[1]["meta"]["folderUid"] == FOLDER_UID


def test_what_a_person_changed_is_refused_and_overwritten_by_force(grafana_double: GrafanaDouble) -> None:
    push(grafana_double)
    theirs = grafana_double.ask("GET", BOARD_PATH)[1]["dashboard"]
    theirs["panels"][1]["title"] = "renamed by a person"
    grafana_double.ask("PUT", f"/double/boards/{BOARD}", theirs)
    n_before = len(grafana_double.writes())
    assert BOARD in str(edge(grafana_double, "push").exception)
    assert len(grafana_double.writes()) == n_before
    push(grafana_double, "--force")
    now = grafana_double.ask("GET", BOARD_PATH)[1]["dashboard"]
    assert now["panels"][1]["title"] != "renamed by a person"


def test_board_that_is_stored_in_the_second_form_is_not_overwritten(grafana_double: GrafanaDouble) -> None:
    """A body of the first form over it would lose its tabs."""
    push(grafana_double)
    second = {"uid": BOARD, "title": "with tabs", "elements": {}, "layout": {"kind": "TabsLayout"}}
    grafana_double.ask("PUT", f"/double/boards/{BOARD}", second)
    assert "changed in the browser" in str(edge(grafana_double, "push").exception)
    assert "elements" in grafana_double.ask("GET", BOARD_PATH)[1]["dashboard"]


def test_save_with_a_version_that_is_past_is_refused(grafana_double: GrafanaDouble) -> None:
    push(grafana_double)
    stored = grafana_double.ask("GET", BOARD_PATH)[1]["dashboard"] | {"version": 0}
    said = {"dashboard": stored, "folderUid": FOLDER_UID}
    assert grafana_double.ask("POST", "/api/dashboards/db", said)[0] == 412


def test_rules_go_one_by_one_where_the_group_gives_500(grafana_double: GrafanaDouble) -> None:
    grafana_double.ask("PUT", "/double/broken", {f"PUT {GROUP_PATH}": 500})
    push(grafana_double)
    found = grafana_double.ask("GET", GROUP_PATH)[1]["rules"]
    assert len(found) == len(packaged("influxql", "en")[1]["rules"])


def test_people_may_change_the_rules_in_the_browser(grafana_double: GrafanaDouble) -> None:
    push(grafana_double)
    assert not [r for r in grafana_double.ask("GET", GROUP_PATH)[1]["rules"] if "provenance" in r]
    # Without the header a rule is taken for provisioned.
    assert grafana_double.ask("POST", RULES_PATH, a_rule())[0] == 201
    rule = grafana_double.ask("GET", f"{RULES_PATH}/{a_rule()['uid']}")[1]
    assert rule["provenance"] == "api"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("keepFiringFor", "5m", "unknown field"),
        ("for", "soon", "duration"),
        ("noDataState", "Quiet", "noDataState"),
        ("uid", "a" * 41, "uid"),
        ("condition", "Z", "condition"),
        ("annotations", {"__dashboardUid__": BOARD}, "together"),
        ("labels", {"severity": 1}, "labels"),
    ],
)
def test_rule_that_grafana_would_not_take_is_refused(
    grafana_double: GrafanaDouble, key: str, value: object, said: str
) -> None:
    """Else a push that goes well here would say nothing."""
    push(grafana_double)
    status, answer = grafana_double.ask("POST", RULES_PATH, a_rule() | {key: value})
    assert (status, said in answer["message"]) == (400, True), answer


def test_interval_is_seconds_in_the_api_and_a_duration_in_a_file(grafana_double: GrafanaDouble) -> None:
    push(grafana_double)
    group = packaged("influxql", "en")[1]
    assert grafana_double.ask("PUT", GROUP_PATH, group | {"interval": "60s"})[0] == 400
    file = yaml.safe_load(dict(files())["provisioning/alerting-influxql-en.yaml"])
    assert grafana_double.ask("POST", "/double/alerting-file", file)[0] == 200
    file["groups"][0]["interval"] = 60
    assert grafana_double.ask("POST", "/double/alerting-file", file)[0] == 400


def test_every_provisioned_file_of_alerting_is_taken(grafana_double: GrafanaDouble) -> None:
    tried = [(name, text) for name, text in files() if "alerting-" in name or "contact" in name]
    assert len(tried) == 5
    for name, text in tried:
        status, answer = grafana_double.ask("POST", "/double/alerting-file", yaml.safe_load(text))
        assert status == 200, (name, answer)
