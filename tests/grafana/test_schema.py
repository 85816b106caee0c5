"""Every dashboard against JSON Schemas made from Grafana's own types. A pass is no proof that it renders."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from grafana import texts
from grafana.build import Edition, dashboards
from grafana.query import LANGUAGES
from grafana.site import SiteView, SpaceView, fitted, panels
from grafana.texts import Texts
from tests.real.built import built

SITE = SiteView("main", "Asia/Shanghai", [SpaceView("hall", {"en": "Hall", "zh": "大厅"}, 60, 200.0)])
KNOWN = {
    "annotations.list.0.target:": "the type knows only Grafana's own annotations",
    "'auto', 'auto_count', 'auto_min'": "variables: the SDK writes the fields of an interval on every kind",
    "'footer' was unexpected": "table: the SDK's options are of the version before",
    "'infinitePan' was unexpected": "canvas: newer in the SDK than in the type",
    "'zoomToContent' is a required": "canvas: newer in the type than in the SDK; Grafana has a default",
    "'tooltip' is a required": "canvas: newer in the type than in the SDK; Grafana has a default",
}
"""Differences between the SDK's output and the types of one version, by name."""


@pytest.fixture(scope="module")
def schemas() -> dict[str, Draft7Validator]:
    folder = Path(built("grafana_schemas.sh", "Grafana's types"))
    return {path.stem: Draft7Validator(json.loads(path.read_text())) for path in folder.glob("*.json")}


def faults(schemas: dict[str, Draft7Validator], board: dict[str, Any]) -> list[str]:
    found = [_line(error) for error in schemas["dashboard"].iter_errors(board)]
    for panel in panels(board):
        if panel["type"] in schemas and "options" in panel:
            errors = schemas[panel["type"]].iter_errors(panel["options"])
            found += [f"{panel['type']}: {_line(error)}" for error in errors]
    return [line for line in found if not any(name in line for name in KNOWN)]


def _line(error: Any) -> str:
    """The deepest reason, for alternatives; short enough to read."""
    inner = min(error.context, key=lambda e: -len(e.absolute_path), default=error)
    return f"{'.'.join(map(str, inner.absolute_path))}: {inner.message[:300]}"


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("queries", "language"), list(itertools.product(LANGUAGES, texts.LANGUAGES)))
def test_dashboards_fit_grafanas_own_types(
    schemas: dict[str, Draft7Validator], queries: Any, language: Any
) -> None:
    for board in dashboards(Edition(Texts(language), queries)):
        assert faults(schemas, board) == []
        assert faults(schemas, fitted(board, SITE, language)) == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_seeded_faults_are_seen(schemas: dict[str, Draft7Validator]) -> None:
    board = next(iter(dashboards(Edition(Texts("en"), "influxql"))))
    board["graphTooltip"] = "both"
    assert faults(schemas, board)
