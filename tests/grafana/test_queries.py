"""Every panel's queries on a real influxd, in both languages: rows where there is data."""

from typing import Any

import pytest

from grafana.build import Edition, dashboard
from grafana.dashboards import BOARDS
from grafana.model import WITHOUT_QUERY, Board, Panel
from grafana.query import LANGUAGES
from grafana.texts import Texts
from tests.grafana.conftest import World
from tests.grafana.frames import Frame, ask, panel_frames

PANELS = [
    pytest.param(board, panel, id=f"{board.key}.{panel.key}")
    for board in BOARDS
    for panel in board.panels
    if panel.kind not in WITHOUT_QUERY
]
EN = Texts("en")


def made(board: Board, panel: Panel, language: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The dashboard's JSON and the panel's."""
    whole = dashboard(board, Edition(EN, language))
    title = EN(f"{board.key}.panel.{panel.key}.title")
    found = next(p for p in _flat(whole) if p["title"] == title and p["type"] != "row" and "targets" in p)
    return whole, found


def _flat(whole: dict[str, Any]) -> list[dict[str, Any]]:
    return [p for panel in whole["panels"] for p in (panel, *panel.get("panels", []))]


@pytest.mark.real
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_panel_has_rows(world: World, board: Board, panel: Panel, language: str) -> None:
    whole, found = made(board, panel, language)
    view = world.view(whole)
    for target in found["targets"]:
        frames = ask(world.influxd, world.bucket, target, view, found.get("interval"))
        assert sum(len(f.rows) for f in frames) > 0, target["query"]
    shown = panel_frames(world.influxd, world.bucket, found, view)
    assert any(_numbers_or_words(frame) for frame in shown)


def _numbers_or_words(frame: Frame) -> bool:
    return any(value is not None for row in frame.rows for name, value in row.items() if name != "Time")


@pytest.mark.real
@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_both_languages_say_the_same(world: World, board: Board, panel: Panel) -> None:
    answers = []
    for language in LANGUAGES:
        whole, found = made(board, panel, language)
        view = world.view(whole)
        # The first step is a part of one, and each language has its own word for where it begins.
        first_s = view.start_s + view.interval_s(found.get("interval"))
        answers.append(_comparable(panel_frames(world.influxd, world.bucket, found, view), panel, first_s))
    assert answers[0] == answers[1]


def _comparable(frames: list[Frame], panel: Panel, first_s: float) -> list[Any]:
    """Cells or rows, without the order of columns; the time of what has no steps is not the question."""
    stepped = panel.kind in ("curves", "bars", "states")
    found: set[Any] = set()
    for row in (row for frame in frames for row in frame.rows):
        # CSV, which Flux answers in, has one word for nothing and for an empty text.
        said = {k: _rounded(v) for k, v in row.items() if v not in (None, "")}
        at = said.pop("Time", None)
        said = {k: v for k, v in said.items() if k not in panel.hidden}
        if stepped:
            found |= {(at, name, value) for name, value in said.items() if at >= first_s}
        elif panel.kind in ("levels", "plan"):
            found |= set(said.items())
        else:
            found.add(tuple(sorted(said.items())))
    return sorted(found, key=repr)


def _rounded(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return round(float(value), 6)
