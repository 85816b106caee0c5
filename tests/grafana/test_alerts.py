"""Alerts: pairs with runbooks, files that Grafana can read, and queries that fire where the scene says so."""

from typing import Any

import pytest
import yaml

from grafana import provision
from grafana.alerts import ALERTS
from grafana.files import files
from grafana.model import Alert
from grafana.query import LANGUAGES, Language
from grafana.texts import LANGUAGES as PEOPLE
from grafana.texts import Texts
from tests.grafana import scene
from tests.grafana.alerting import firing
from tests.grafana.conftest import World

FIRES = {
    "space_full": {"warning": {scene.FULL}, "critical": {scene.FULL}},
    "sensor_silent": {"warning": {scene.VANISHED}, "critical": {scene.VANISHED}},
    # Its series has ended, while the other node still reports: it must fire all the same, and go on firing.
    "node_gone": {"warning": {scene.GONE}, "critical": {scene.GONE}},
    "loud": {"warning": {"reading-2f"}},
    "dead_letters": {"warning": {"influx"}},
    "read_rate": {"warning": {"a01-3", "a02-1"}},
    "gate": {"warning": {"gate-1"}, "critical": {"gate-1"}},
}
"""What the scene gives reason for, besides what depends on the hour of the day."""
BY_HOUR = {"stuffy", "space_full", "lsp_failing"}


def rules(language: Any, queries: Any) -> list[dict[str, Any]]:
    return provision.rule_group(Texts(language), queries)["rules"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("language", PEOPLE)
def test_rules_come_in_pairs_with_a_runbook_each(language: str) -> None:
    made = rules(language, "influxql")
    assert len(made) == 2 * len(ALERTS)
    assert len({rule["uid"] for rule in made}) == len(made)
    for rule in made:
        assert len(rule["uid"]) <= 40
        assert rule["annotations"]["runbook"]
        assert rule["labels"]["severity"] in rule["uid"]


def test_critical_is_worse_than_warning() -> None:
    for alert in ALERTS:
        worse = (
            alert.critical.at <= alert.warning.at if alert.below else alert.critical.at >= alert.warning.at
        )
        assert worse, alert.key


@pytest.mark.parametrize("queries", LANGUAGES)
def test_alert_queries_have_no_variables_of_a_board(queries: Language) -> None:
    for rule in rules("en", queries):
        assert "${" not in rule["data"][0]["model"]["query"]


def test_files_are_yaml_and_say_what_the_api_is_told() -> None:
    texts = dict(files())
    for language in PEOPLE:
        for queries in LANGUAGES:
            document = yaml.safe_load(texts[f"provisioning/alerting-{queries}-{language}.yaml"])
            (group,) = document["groups"]
            assert group["interval"] == "60s"
            sent = rules(language, queries)
            assert [rule["uid"] for rule in group["rules"]] == [rule["uid"] for rule in sent]
            assert [rule["data"] for rule in group["rules"]] == [rule["data"] for rule in sent]
            assert "$$labels" in str(group["rules"][0]["annotations"])


def test_contact_points_are_there_by_example() -> None:
    document = yaml.safe_load(dict(files())["provisioning/contact-points.example.yaml"])
    kinds = [point["receivers"][0]["type"] for point in document["contactPoints"]]
    assert kinds == ["email", "webhook", "dingding", "wecom"]


def fires_for(world: World, alert: Alert, severity: str, queries: Language) -> set[str]:
    """What the alert is about, of all that fires."""
    labels = {"severity": severity, "alert": alert.key}
    rule = next(r for r in rules("en", queries) if labels.items() <= r["labels"].items())
    found = firing(world.influxd, world.bucket, rule, world.now_s)
    return {dict(one)[alert.query.by[-1]] for one in found}


@pytest.mark.real
@pytest.mark.parametrize("queries", LANGUAGES)
@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.key)
def test_alert_fires_where_the_scene_says_so(world: World, alert: Alert, queries: Language) -> None:
    for severity in ("warning", "critical"):
        fires = fires_for(world, alert, severity, queries)
        expected = FIRES.get(alert.key, {}).get(severity, set())
        assert expected <= fires
        if alert.key not in BY_HOUR:
            assert fires == expected
