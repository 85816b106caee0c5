"""The board's server: policy, caching, health, metrics, the stream, and ports that are busy."""

import json
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge.board.config import BoardOptions
from edge.board.metrics import METRICS
from edge.board.seek import Search
from edge.board.server import board_app, serve
from edge.board.state import BoardState
from edge.errors import ConfigError
from edge.events import SpaceOccupied
from edge.vitals import Vitals
from tests.edge.board.site import NOON_NS, books, clock, site, vitals

Client = TestClient[Any, Any]


@asynccontextmanager
async def client(
    state: BoardState | None = None,
    how: Callable[[], Vitals] = vitals,
    options: BoardOptions | None = None,
    begin: Callable[[str], Search] | None = None,
) -> AsyncIterator[Client]:
    app = board_app(state or BoardState(site(), clock(), books()), how, options, begin)
    async with TestClient(TestServer(app)) as found:
        yield found


async def event(answer: aiohttp.ClientResponse) -> tuple[str, Any]:
    """The next message of a stream: its id and its document."""
    last_id, document = "", None
    while document is None:
        line = (await answer.content.readline()).decode().rstrip("\n")
        if line.startswith("id: "):
            last_id = line[4:]
        if line.startswith("data: "):
            document = json.loads(line[6:])
    return last_id, document


async def test_every_answer_carries_the_policy() -> None:
    async with client() as c:
        for path in ("/", "/static/board.js", "/api/state", "/healthz", "/metrics", "/nothing"):
            answer = await c.get(path)
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_page_loads_what_it_names() -> None:
    async with client() as c:
        page = await (await c.get("/")).text()
        for name in re.findall(r'(?:src|href)="(static/[^"]+)"', page):
            assert (await c.get(f"/{name}")).status == 200
        assert (await c.get("/static/../server.py")).status == 404
        assert (await c.get("/static/%2e%2e%2fserver.py")).status == 404


async def test_what_the_browser_has_is_not_sent_again() -> None:
    state = BoardState(site(), clock())
    async with client(state) as c:
        for path in ("/", "/static/base.css", "/api/state"):
            tag = (await c.get(path)).headers["ETag"]
            assert (await c.get(path, headers={"If-None-Match": tag})).status == 304
        state.apply(SpaceOccupied(NOON_NS, "hall", 5.0, 1.0, 1.0, "doors"))
        assert (await c.get("/api/state", headers={"If-None-Match": tag})).status == 200


async def test_name_that_is_not_ours_is_refused() -> None:
    async with client(options=BoardOptions(hosts=["board.example"])) as c:
        assert (await c.get("/api/state", headers={"Host": "evil.example"})).status == 421
        for host in ("board.example", "localhost:8420", "127.0.0.1:8420", "[::1]:8420"):
            assert (await c.get("/api/state", headers={"Host": host})).status == 200


async def test_board_can_only_be_read() -> None:
    async with client() as c:
        assert (await c.post("/api/state", data=b"{}")).status == 405


async def test_public_page_and_public_board_hold_no_books() -> None:
    async with client() as c:
        assert "shelves" not in await (await c.get("/api/state?public=1")).json()
        assert "shelves" in await (await c.get("/api/state")).json()
    async with client(options=BoardOptions(public_only=True)) as c:
        assert "shelves" not in await (await c.get("/api/state?public=0")).json()
        assert (await c.get("/metrics")).status == 404
        assert (await (await c.get("/healthz")).json()).keys() == {"status"}


async def test_health_is_judged_by_progress() -> None:
    async with client() as c:
        answer = await c.get("/healthz")
        assert answer.status == 200
        assert (await answer.json())["reading_age_s"] == {"cart": 1.0}
    async with client(how=lambda: vitals(silent_s=900.0)) as c:
        answer = await c.get("/healthz")
        assert answer.status == 503
        assert (await answer.json())["reasons"] == ["source cart: silent for 900 s"]


async def test_vitals_tell_why_the_daemon_is_degraded() -> None:
    async with client(how=lambda: vitals(silent_s=900.0)) as c:
        found = await (await c.get("/api/vitals")).json()
    assert found["node"] == "node"
    assert found["sources"]["cart"]["received"] == 1000
    assert found["reasons"]


async def test_metrics_are_prometheus_text() -> None:
    async with client(how=lambda: vitals(silent_s=None)) as c:
        answer = await c.get("/metrics")
        text = await answer.text()
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    sample = re.compile(r"[a-z_]+(\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\})? [0-9.e+-]+")
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    assert all(sample.fullmatch(line) for line in lines)
    assert 'edge_source_received_total{source="cart"} 1000' in lines
    assert not any(line.startswith("edge_source_age_seconds") for line in lines)
    assert {metric.name for metric in METRICS} == set(re.findall(r"^# TYPE (\w+)", text, re.M))


async def test_stream_gives_everything_first_and_then_what_changes() -> None:
    state = BoardState(site(), clock())
    async with client(state) as c, c.get("/api/events") as answer:
        _, first = await event(answer)
        state.apply(SpaceOccupied(NOON_NS, "hall", 5.0, 1.0, 1.0, "doors"))
        _, second = await event(answer)
    assert "site" in first
    assert "sources" in first
    assert "site" not in second
    assert second["rooms"]["hall"]["people"] == 5.0


async def test_page_that_comes_back_gets_only_what_it_missed() -> None:
    state = BoardState(site(), clock())
    state.apply(SpaceOccupied(NOON_NS, "hall", 5.0, 1.0, 1.0, "doors"))
    async with client(state) as c:
        async with c.get("/api/events") as answer:
            known, _ = await event(answer)
        state.apply(SpaceOccupied(NOON_NS, "reading", 3.0, 1.0, 1.0, "doors"))
        async with c.get("/api/events", headers={"Last-Event-ID": known}) as answer:
            _, missed = await event(answer)
        async with c.get("/api/events", headers={"Last-Event-ID": "another-1"}) as answer:
            _, everything = await event(answer)
    assert list(missed["rooms"]) == ["reading"]
    assert "site" in everything


class Scripted:
    """A search that finds the same again and again."""

    open = 0

    def __init__(self, barcode: str) -> None:
        self.barcode = barcode
        Scripted.open += 1

    def now(self) -> dict[str, object]:
        return {"barcode": self.barcode, "bearing": None}

    def close(self) -> None:
        Scripted.open -= 1


async def test_a_page_that_searches_is_told_how_near_the_book_is_until_it_goes() -> None:
    async with client(begin=Scripted) as c:
        async with c.get("/api/seek?barcode=0001") as answer:
            assert (await event(answer))[1] == {"barcode": "0001", "bearing": None}
            assert Scripted.open == 1
        page = await (await c.get("/find")).text()
        assert 'src="static/find.js"' in page
        for query in ("", "?barcode=", f"?barcode={'9' * 65}"):
            assert (await c.get(f"/api/seek{query}")).status == 400
    assert Scripted.open == 0


async def test_the_public_board_searches_nothing() -> None:
    async with client(options=BoardOptions(public_only=True), begin=Scripted) as c:
        assert (await c.get("/api/seek?barcode=0001")).status == 404
        assert (await c.get("/find")).status == 404


async def test_busy_port_gives_the_next_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port: int = busy.getsockname()[1]
        options = BoardOptions(port=port)
        runner, url = await serve(board_app(BoardState(site(), clock()), vitals), options)
        try:
            assert url.startswith("http://127.0.0.1:")
            assert url != f"http://127.0.0.1:{port}/"
            async with aiohttp.ClientSession() as session, session.get(f"{url}healthz") as answer:
                assert answer.status == 200
        finally:
            await runner.cleanup()


async def test_address_that_is_not_this_machines_is_told() -> None:
    options = BoardOptions(host="192.0.2.1", port=8420)
    with pytest.raises(ConfigError, match=r"board: 192\.0\.2\.1:8420"):
        await serve(board_app(BoardState(site(), clock()), vitals), options)
