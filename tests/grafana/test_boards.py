"""The boards themselves: our linter, both languages, and what the SDK may have lost."""

import itertools
import json
from typing import Any

import pytest
from grafana_foundation_sdk.models import units

from grafana import lint, texts
from grafana.build import Edition, dashboards
from grafana.columns import known_units
from grafana.query import LANGUAGES
from grafana.site import SiteView, SpaceView, fitted, panels
from grafana.texts import Texts

# Not in the SDK's list, but in Grafana's.
MORE_UNITS = {"none", "string", "dateTimeFromNow", "bool_on_off", "dB"}
UNITS = (
    frozenset(v for k, v in vars(units).items() if isinstance(v, str) and not k.startswith("_")) | MORE_UNITS
)
EDITIONS = list(itertools.product(LANGUAGES, texts.LANGUAGES))


def boards(queries: Any, language: Any) -> list[dict[str, Any]]:
    return list(dashboards(Edition(Texts(language), queries)))


@pytest.mark.parametrize(("queries", "language"), EDITIONS)
def test_linter_finds_nothing(queries: str, language: str) -> None:
    assert lint.lint(boards(queries, language), UNITS) == []


@pytest.mark.parametrize("queries", LANGUAGES)
def test_both_languages_are_the_same_board(queries: str) -> None:
    for ours, theirs in zip(boards(queries, "en"), boards(queries, "zh"), strict=True):
        assert lint.same_shape(ours, theirs) == []
        assert lint.untranslated(theirs) == []


def test_every_text_is_in_both_languages() -> None:
    def walk(table: dict[str, Any], path: str) -> list[str]:
        if set(table) <= set(texts.LANGUAGES):
            return [] if set(table) == set(texts.LANGUAGES) else [path]
        return [found for key, inner in table.items() for found in walk(inner, f"{path}.{key}")]

    assert [found for name, table in texts.catalogue().items() for found in walk(table, name)] == []


def seeded(fault: str) -> dict[str, Any]:
    """The first board with one fault in it."""
    board = json.loads(json.dumps(boards("influxql", "en")[0]))
    panel = next(p for p in panels(board) if p["type"] == "timeseries")
    match fault:
        case "has no description":
            panel["description"] = ""
        case "is no unit":
            panel["fieldConfig"]["defaults"]["unit"] = "furlongs"
        case "which is no board":
            panel["fieldConfig"]["overrides"].append(
                {"matcher": {}, "properties": [{"id": "links", "value": [{"url": "/d/nowhere?a=1"}]}]}
            )
        case "not defined":
            panel["targets"][0]["query"] += " ${nobody}"
        case "lies over":
            panel["gridPos"]["y"] = 1
        case "is used 2 times":
            panel["id"] = 1
        case "not the board's choice":
            panel["targets"][0]["datasource"] = {"type": "influxdb", "uid": "abc"}
        case "where there is no data":
            del panel["fieldConfig"]["defaults"]["noValue"]
    return board


@pytest.mark.parametrize(
    "fault",
    [
        "has no description",
        "is no unit",
        "which is no board",
        "not defined",
        "lies over",
        "is used 2 times",
        "not the board's choice",
        "where there is no data",
    ],
)
def test_linter_sees_a_seeded_fault(fault: str) -> None:
    others = boards("influxql", "en")[1:]
    assert any(fault in line for line in lint.lint([seeded(fault), *others], UNITS))


def test_site_gives_names_zone_and_plan() -> None:
    site = SiteView("main", "Asia/Shanghai", [SpaceView("hall", {"en": "Hall", "zh": "大厅"}, 60, 200.0)])
    generic = boards("influxql", "zh")[0]
    made = fitted(generic, site, "zh")
    plan = next(p for p in panels(made) if p["type"] == "canvas")
    box, label = plan["options"]["root"]["elements"]
    assert (box["config"]["text"]["field"], label["config"]["text"]["fixed"]) == ("hall", "大厅")
    assert {"id": "displayName", "value": "大厅"} in plan["fieldConfig"]["overrides"][-1]["properties"]
    zone = next(v for v in made["templating"]["list"] if v["name"] == "timezone")
    assert zone["query"] == "Asia/Shanghai"
    assert fitted(generic, site, "zh") == made
    assert "大厅" not in json.dumps(generic, ensure_ascii=False)


def test_our_units_are_units_of_grafana() -> None:
    assert known_units() - UNITS == set()
