"""A daemon and its library system over a real broker: lists, changes, bookings, requests, decisions."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.compose import build
from edge.config import Site
from edge.daemon import Daemon
from edge.daemon_config import DaemonConfig
from edge.events import ItemMissing, MissingApproved, Record, ShelfState, SpaceBookingChanged, Spine
from tests.edge.lsp.lists import parts, row
from tests.real.mosquitto import Mosquitto

pytestmark = pytest.mark.real
V5 = aiomqtt.ProtocolVersion.V5
S = 1_000_000_000
NOW = 1_790_000_000 * S


def site() -> Site:
    hall = {
        "id": "hall",
        "kind": "cultural",
        "zone": "voiced",
        "capacity": 9,
        "open": ["mon-sun 08:00-22:00"],
    }
    return Site.model_validate(
        {
            "schema": 1,
            "site": {"id": "main", "timezone": "Asia/Shanghai"},
            "space": [hall],
            "shelf": [{"id": "a1", "space": "hall", "length_m": 0.9, "scheme": "clc"}],
        }
    )


@dataclass
class Library:
    """The far end: a library system, or a person with an app."""

    client: aiomqtt.Client
    daemon: Daemon
    records: list[Record] = field(default_factory=list)
    site: str = "main"

    async def send(self, topic: str, payload: bytes | str, **options: object) -> None:
        await self.client.publish(f"lib/v1/{self.site}/{topic}", payload, 1, **options)  # type: ignore[arg-type]

    async def send_list(self, version: str, n_books: int, n_parts: int = 3) -> None:
        for n, payload in parts(version, [row(k) for k in range(n_books)], n_parts).items():
            await self.send(f"lsp/shelf-list/{n}", payload, retain=True)

    async def ask(self, verb: str, document: object = None, to: str = "app/answers") -> dict:
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic, properties.CorrelationData = to, f"{verb}-7".encode()
        await self.send(f"n1/request/{verb}", json.dumps(document or {}), properties=properties)
        message = await asyncio.wait_for(anext(self.client.messages), 15)
        assert message.properties is not None
        assert message.properties.CorrelationData == f"{verb}-7".encode()
        return json.loads(message.payload)

    async def until_it_listens(self) -> None:
        """Answered means that it does."""
        async with asyncio.timeout(8):
            while True:
                try:
                    async with asyncio.timeout(0.3):
                        await self.ask("inventory-status")
                        return
                except TimeoutError:
                    continue

    async def until(self, wanted: object) -> None:
        async with asyncio.timeout(8):
            while not wanted():  # type: ignore[operator]
                await asyncio.sleep(0.02)

    @property
    def malformed(self) -> int:
        return self.daemon.pipeline.counters["lsp-inbound"].malformed


@asynccontextmanager
async def library(port: int, state: Path, **lsp: object) -> AsyncIterator[Library]:
    """A daemon that listens, and who speaks with it."""
    config = DaemonConfig.model_validate(
        {"node": "n1", "state_dir": str(state), "mqtt": {"port": port}, "lsp": lsp}
    )
    daemon = build(site(), config, [])
    stop = asyncio.Event()
    async with aiomqtt.Client("127.0.0.1", port, protocol=V5) as client:
        await client.subscribe("app/answers", 1)
        there = Library(client, daemon)
        daemon.listeners.append(there.records.extend)
        running = asyncio.create_task(daemon.run(stop))
        await there.until_it_listens()
        yield there
        stop.set()
        await running


async def test_a_list_and_its_changes_arrive_and_outlive_the_daemon(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    async with library(mosquitto.port, tmp_path) as there:
        books = there.daemon.books
        await there.send_list("2026-09", 50)
        await there.until(lambda: len(books) == 50)
        changes = [{"barcode": "0000007", "status": "on_loan"}, {"barcode": "0000008", "removed": True}]
        await there.send("lsp/items", json.dumps({"items": changes}))
        await there.until(lambda: len(books) == 49)
        assert books.by_barcode("0000007").status == "on_loan"  # type: ignore[union-attr]
    mosquitto.stop()
    config = DaemonConfig.model_validate({"node": "n1", "state_dir": str(tmp_path)})
    again = build(site(), config, []).books
    assert len(again) == 49
    assert again.by_barcode("0000007").status == "on_loan"  # type: ignore[union-attr]


async def test_the_retained_list_does_not_undo_changes_after_a_restart(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    async with library(mosquitto.port, tmp_path) as there:
        await there.send_list("1", 9)
        await there.until(lambda: len(there.daemon.books) == 9)
        await there.send("lsp/items", '{"barcode": "0000001", "status": "missing"}')
        await there.until(lambda: there.daemon.books.by_barcode("0000001").status == "missing")  # type: ignore[union-attr]
    # Sent while the daemon is away: the broker keeps it for its session.
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
        await client.publish("lib/v1/main/lsp/items", '[{"barcode": "0000002", "status": "withdrawn"}]', 1)
    async with library(mosquitto.port, tmp_path) as there:
        books = there.daemon.books
        await there.until(lambda: books.by_barcode("0000002").status == "withdrawn")  # type: ignore[union-attr]
        received = there.daemon.pipeline.counters["lsp-inbound"]
        await there.until(lambda: received.received >= 4)
        assert books.by_barcode("0000001").status == "missing"  # type: ignore[union-attr]


async def test_where_a_book_is(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with library(mosquitto.port, tmp_path) as there:
        await there.send_list("1", 9)
        await there.until(lambda: len(there.daemon.books) == 9)
        spines = tuple(Spine(f"E2{n:022X}", f"{n:07d}", 0.03 * n, 0.004, 0.9) for n in (1, 2, 3))
        there.daemon.publish([ShelfState(NOW, "a1", spines, 1.0)])
        answer = await there.ask("locate", {"barcode": "0000002"})
        assert answer["ok"]
        found = answer["result"]
        assert (found["seen"], found["shelf"], found["x_m"]) == (True, "a1", 0.06)
        assert found["between"] == ["TP0001", "TP0003"]
        assert found["as_of"] == "2026-09-21T22:13:20+08:00"
        nobody = await there.ask("locate", {"barcode": "x"})
        assert (nobody["ok"], nobody["result"]["seen"]) == (True, False)


async def test_missing_books_are_approved_by_a_person_and_passed_on_once(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    async with library(mosquitto.port, tmp_path) as there:
        there.daemon.publish([ItemMissing(NOW, "0000004", "a1", 0.99)])
        (gone,) = (await there.ask("missing"))["result"]["books"]
        assert (gone["barcode"], gone["approved"]) == ("0000004", False)
        word = {"barcodes": ["0000004", "0000005"], "by": "Li"}
        first = (await there.ask("approve", word))["result"]
        assert first == {
            "approved": ["0000004"],
            "already": [],
            "refused": {"0000005": "not among the missing books"},
        }
        again = (await there.ask("approve", word | {"by": "Wang"}))["result"]
        assert again["already"] == ["0000004"]
        await there.until(lambda: any(isinstance(one, MissingApproved) for one in there.records))
        await asyncio.sleep(1.2)
        (passed_on,) = [one for one in there.records if isinstance(one, MissingApproved)]
        assert (passed_on.barcode, passed_on.by, passed_on.expected_shelf) == ("0000004", "Li", "a1")


async def test_a_stock_take_begins_goes_on_after_a_restart_and_ends(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    async with library(mosquitto.port, tmp_path) as there:
        begun = await there.ask("inventory-start", {"session": "night-1"})
        assert begun["result"]["session"] == "night-1"
        other = await there.ask("inventory-start", {"session": "night-2"})
        assert other["error"]["code"] == "not-open"
    async with library(mosquitto.port, tmp_path) as there:
        assert (await there.ask("inventory-status"))["result"]["session"] == "night-1"
        ended = await there.ask("inventory-stop")
        assert (ended["ok"], ended["result"]["session"]) == (True, "night-1")
        assert (tmp_path / "sessions/night-1.findings.json").exists()
        assert (await there.ask("inventory-stop"))["error"]["code"] == "not-open"


async def test_bookings_are_taken_and_cancelled(mosquitto: Mosquitto, tmp_path: Path) -> None:
    booking = {
        "id": "b1",
        "space": "hall",
        "from": "2099-01-01T10:00:00+08:00",
        "to": "2099-01-01T11:00:00+08:00",
    }
    async with library(mosquitto.port, tmp_path) as there:
        bad = [
            {**booking, "space": "moon"},
            {**booking, "from": "2099-01-01T12:00:00+08:00"},
            {**booking, "to": "x"},
        ]
        await there.send("lsp/bookings", json.dumps({"bookings": [booking, *bad]}))
        await there.until(lambda: there.malformed == 3)
        await there.until(lambda: any(isinstance(one, SpaceBookingChanged) for one in there.records))
        await asyncio.sleep(0.3)  # acknowledged by then
    async with library(mosquitto.port, tmp_path) as there:
        await there.send("lsp/bookings", json.dumps([{**booking, "cancelled": True}]))
        await there.until(lambda: any(isinstance(one, SpaceBookingChanged) for one in there.records))
        said = [one for one in there.records if isinstance(one, SpaceBookingChanged)]
        assert [(one.booking, one.state) for one in said] == [("b1", "released")]


async def test_hostile_messages_are_counted_and_cost_one_line(
    mosquitto: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with library(mosquitto.port, tmp_path, max_payload_bytes=20_000) as there:
        for payload in (
            b"\xff\xfe",
            b"[" * 9_000,
            b'{"items": 5}',
            b'{"items": [1, {"barcode": null}]}',
            b"null",
        ):
            await there.send("lsp/items", payload)
        await there.send("lsp/shelf-list/0", b"{}")
        await there.send("lsp/no-such/thing", b"{}")
        await there.send("lsp/items", b'"' + b"x" * 19_990 + b'\n"')
        await there.send("lsp/items", b" " * 100_000)  # more than the broker may send us
        await there.send("n1/request/locate", b"{", retain=False)
        await there.until(lambda: there.malformed >= 10)
        answer = await there.ask("no-such-verb")
        assert (answer["ok"], answer["error"]["code"]) == (False, "unknown-verb")
        assert (await there.ask("approve", {"barcodes": [], "by": "x"}))["error"]["code"] == "bad-request"
        lines = [one.getMessage() for one in caplog.records if "refused" in one.getMessage()]
        assert len(lines) == len({line.split(" refused")[0] for line in lines}) == 4


async def test_nobody_makes_us_answer_where_only_we_speak(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with library(mosquitto.port, tmp_path) as there:
        forged = ("lib/v1/main/n1/event/item.seen", "lib/v1/main/n2/status", "lib/v1/main/lsp/items")
        for n, topic in enumerate(forged, 1):
            await there.client.subscribe(topic, 1)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await there.ask("locate", {"barcode": "1"}, to=topic)
            assert there.malformed == n
        await there.client.subscribe("lib/v1/main/answer/n1/desk", 1)
        assert (await there.ask("locate", {"barcode": "1"}, to="lib/v1/main/answer/n1/desk"))["ok"]
