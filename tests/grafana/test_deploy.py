"""Pushing to a strict server: what the API does that hurts, each with a test."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from grafana import deploy
from grafana.client import GrafanaClient, GrafanaError
from grafana.deploy import Wanted
from grafana.files import packaged
from grafana.provision import FOLDER_UID, datasource
from tests.fakes.grafana import TOKEN, FakeGrafana

SECRET = "an-influx-token"
BOARD = "edge-library-now-en"


@pytest.fixture
def grafana() -> Iterator[FakeGrafana]:
    with FakeGrafana().running() as server:
        yield server


def wanted() -> Wanted:
    boards, rules = packaged("influxql", "en")
    return Wanted(
        "Library", boards, rules, datasource("influxql", "http://db:8086", "edge", "library", SECRET)
    )


def client(grafana: FakeGrafana, token: str = TOKEN) -> GrafanaClient:
    return GrafanaClient(grafana.url, token, first_wait_s=0.01)


async def push(grafana: FakeGrafana, **options: Any) -> list[deploy.Change]:
    async with client(grafana) as c:
        return await deploy.push(c, wanted(), **options)


async def test_everything_is_there_after_a_push(grafana: FakeGrafana) -> None:
    await push(grafana)
    assert set(grafana.folders) == {FOLDER_UID}
    assert len(grafana.dashboards) == 6
    assert set(grafana.folder_of.values()) == {FOLDER_UID}
    assert len(grafana.rules) == len(wanted().rules["rules"])


async def test_second_push_writes_only_the_secret(grafana: FakeGrafana) -> None:
    await push(grafana)
    n_before = len(grafana.writes)
    changes = await push(grafana)
    assert {change.what for change in changes} == {"same"}
    assert grafana.writes[n_before:] == ["PUT /api/datasources/uid/library-edge-influxql"]


async def test_secret_is_sent_every_time(grafana: FakeGrafana) -> None:
    await push(grafana)
    await push(grafana)
    (stored,) = grafana.datasources.values()
    assert stored["secureJsonData"] == {"httpHeaderValue1": f"Token {SECRET}"}


async def test_plan_writes_nothing(grafana: FakeGrafana) -> None:
    async with client(grafana) as c:
        changes = [change async for change in deploy.plan(c, wanted())]
    assert {change.what for change in changes} == {"create"}
    assert grafana.writes == []


async def test_update_stays_in_its_folder(grafana: FakeGrafana) -> None:
    await push(grafana)
    changed = wanted()
    changed.boards[0]["description"] = "another"
    async with client(grafana) as c:
        await deploy.push(c, changed)
    assert set(grafana.folder_of.values()) == {FOLDER_UID}


async def test_board_that_was_moved_is_brought_back(grafana: FakeGrafana) -> None:
    await push(grafana)
    grafana.folder_of[BOARD] = ""
    await push(grafana)
    assert grafana.folder_of[BOARD] == FOLDER_UID


async def test_what_a_person_changed_is_not_overwritten(grafana: FakeGrafana) -> None:
    await push(grafana)
    grafana.edit_in_browser(BOARD)
    n_before = len(grafana.writes)
    with pytest.raises(GrafanaError, match=BOARD):
        await push(grafana)
    assert len(grafana.writes) == n_before
    await push(grafana, force=True)
    assert "renamed by a person" not in json.dumps(grafana.dashboards[BOARD])


async def test_board_of_another_form_is_not_overwritten(grafana: FakeGrafana) -> None:
    """A v1 body over a board that is stored as v2 would lose its tabs."""
    await push(grafana)
    grafana.dashboards[BOARD] = {"uid": BOARD, "version": 3, "elements": {}, "layout": {}}
    with pytest.raises(GrafanaError, match="changed in the browser"):
        await push(grafana)


async def test_save_between_reading_and_writing_is_told(grafana: FakeGrafana) -> None:
    await push(grafana)
    changed = wanted()
    for board in changed.boards:
        board["description"] = "another"

    def somebody_saves(request: web.Request) -> None:
        if request.method == "POST":
            grafana.dashboards[BOARD]["version"] += 1

    grafana.misbehave = somebody_saves
    async with client(grafana) as c:
        with pytest.raises(GrafanaError, match="somebody saved it meanwhile"):
            await deploy.push(c, changed)


async def test_rules_go_one_by_one_where_a_group_fails(grafana: FakeGrafana) -> None:
    def broken_groups(request: web.Request) -> web.Response | None:
        broken = request.method == "PUT" and "rule-groups" in request.path
        return web.json_response({"message": "internal"}, status=500) if broken else None

    grafana.misbehave = broken_groups
    await push(grafana)
    assert len(grafana.rules) == len(wanted().rules["rules"])
    grafana.misbehave = lambda request: None
    async with client(grafana) as c:
        changes = [change async for change in deploy.plan(c, wanted())]
    assert changes[-1].what == "same"


async def test_login_page_of_a_proxy_is_no_success(grafana: FakeGrafana) -> None:
    page = "<html><form>Log in</form></html>"
    grafana.misbehave = lambda request: web.Response(text=page, content_type="text/html")
    async with client(grafana) as c:
        with pytest.raises(GrafanaError, match="login page or a proxy"):
            await c.health()


async def test_json_of_something_else_is_no_grafana(grafana: FakeGrafana) -> None:
    grafana.misbehave = lambda request: web.json_response({"status": "ok"})
    async with client(grafana) as c:
        with pytest.raises(GrafanaError, match="not as a Grafana"):
            await c.health()


async def test_redirect_is_not_followed(grafana: FakeGrafana) -> None:
    seen: list[str] = []
    with FakeGrafana().running() as other:
        other.misbehave = lambda request: seen.append(str(request.headers.get("Authorization")))  # type: ignore[func-returns-value]
        grafana.misbehave = lambda request: web.Response(
            status=302, headers={"Location": f"{other.url}/login"}
        )
        async with client(grafana) as c:
            with pytest.raises(GrafanaError, match="redirected"):
                await c.health()
    assert seen == []


async def test_wrong_token_is_told_before_anything_is_written(grafana: FakeGrafana) -> None:
    async with client(grafana, "glsa_wrong") as c:
        with pytest.raises(GrafanaError, match="401"):
            await c.health()
    assert grafana.writes == []


async def test_busy_server_is_asked_again(grafana: FakeGrafana) -> None:
    answers = iter([web.json_response({}, status=503), web.json_response({}, status=429)])
    grafana.misbehave = lambda request: next(answers, None)
    async with client(grafana) as c:
        assert (await c.health())["version"] == "13.0.0"


async def test_server_that_is_away_is_one_line() -> None:
    async with GrafanaClient("http://127.0.0.1:1", TOKEN, first_wait_s=0.01) as c:
        with pytest.raises(GrafanaError) as told:
            await c.health()
    assert "\n" not in str(told.value)


async def test_token_is_in_no_message_and_no_log(
    grafana: FakeGrafana, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"bad token {TOKEN}"
    grafana.misbehave = lambda request: web.json_response({"message": echo}, status=403)
    async with client(grafana) as c:
        with pytest.raises(GrafanaError) as told:
            await c.health()
        assert TOKEN not in repr(c)
    assert TOKEN not in str(told.value)
    assert TOKEN not in caplog.text


async def test_pull_gives_what_a_person_made(grafana: FakeGrafana, tmp_path: Path) -> None:
    await push(grafana)
    grafana.edit_in_browser(BOARD)
    async with client(grafana) as c:
        found = await deploy.pull(c, [BOARD, "edge-nowhere"])
    assert set(found) == {BOARD}
    assert found[BOARD]["panels"][1]["title"] == "renamed by a person"
    assert not {"id", "version"} & set(found[BOARD])


def test_numbers_that_grafana_writes_otherwise_are_no_change() -> None:
    assert deploy.checksum({"a": [1.0, {"b": 2.5}]}) == deploy.checksum({"a": [1, {"b": 2.5}]})
    assert deploy.checksum({"a": 1.5}) != deploy.checksum({"a": 1})
