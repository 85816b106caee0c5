"""From a person's word to the library system: through the daemon's outbox, over TLS, with dead letters."""

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import web
from click.testing import CliRunner

from cloud_sync.outbox.reader import OutboxReader
from edge.check import findings
from edge.cli.lsp import command
from edge.clock import SystemClock
from edge.compose import build
from edge.daemon import Daemon
from edge.daemon_config import DaemonConfig
from edge.errors import SinkUnavailable
from edge.events import ItemMissing
from edge.fusion.inventory.approval import Approval
from edge.library.shelf_list import Status
from edge.lsp import sink
from edge.lsp.calls import CallMeter
from edge.lsp.config import FolioOptions
from edge.lsp.folio import Folio
from edge.lsp.parts import books_of, shelf_list_of
from edge.lsp.store import Store
from tests.edge.lsp.lists import row
from tests.edge.lsp.test_office import site
from tests.fakes.certificates import server_tls
from tests.fakes.folio import TENANT, FakeFolio


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_FOLIO_PASSWORD", "secret")
    monkeypatch.setattr(sink, "_REST_S", 0.3)


def daemon_of(url: str, state: Path) -> Daemon:
    folio = {"url": url, "tenant": TENANT, "username": "edge"}
    config = DaemonConfig.model_validate({"node": "n1", "state_dir": str(state), "lsp": {"folio": folio}})
    return build(site(), config, [], books=shelf_list_of(books_of([row(n) for n in range(5)])[0], []))


def approve(state: Path, barcode: str) -> None:
    """As `edge inventory approve --site` does."""
    store = Store(state / "lsp.db")
    store.approve([Approval(f"id-{barcode}", 1_790_000_000_000_000_000, "Li", barcode, "a1")])
    store.close()


async def until(wanted: object) -> None:
    async with asyncio.timeout(10):
        while not wanted():  # type: ignore[operator]
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_an_approval_of_another_process_reaches_folio_and_a_refused_one_the_dead_letters(
    tmp_path: Path,
) -> None:
    there = FakeFolio(items={str(uuid4()): (f"000000{n}", "Available") for n in range(3)})
    there.items[str(uuid4())] = ("0000003", "Checked out")
    there.ahead.append(web.Response(status=503, headers={"Retry-After": "0"}))
    stop = asyncio.Event()
    async with there.listening() as url:
        daemon = daemon_of(url, tmp_path)
        running = asyncio.create_task(daemon.run(stop))
        await asyncio.sleep(0.5)
        daemon.publish([ItemMissing(daemon.clock.wall_ns(), "0000002", "a1", 0.99)])
        for barcode in ("0000001", "0000003"):
            approve(tmp_path, barcode)
        await until(lambda: "Missing" in {status for _, status in there.items.values()})
        await until(lambda: daemon.outbox.stats().sinks["folio"].dead == 1)
        await until(lambda: daemon.books.by_barcode("0000001").status is Status.MISSING)  # type: ignore[union-attr]
        (measured,) = daemon.meters[0](7)
        stop.set()
        await running
    assert there.faults == []
    assert {code for code, status in there.items.values() if status == "Missing"} == {"0000001"}
    assert (measured.system, measured.failed) == ("folio", 1)
    with OutboxReader(tmp_path / "outbox.db") as reader:
        (letter,) = reader.dead(10)
    assert letter["sink"] == "folio"
    assert "Checked out" in str(letter["reason"])


async def test_only_a_server_that_our_authority_signed_gets_the_password(tmp_path: Path) -> None:
    context, cert = server_tls(tmp_path)
    there = FakeFolio(items={str(uuid4()): ("A1", "Available")})
    async with there.listening(context) as url:
        said = {"url": url, "tenant": TENANT, "username": "edge"}
        stranger = Folio(FolioOptions.model_validate(said), CallMeter("folio"))
        with pytest.raises(SinkUnavailable):
            await stranger.status("A1")
        await stranger.close()
        assert there.asked == []
        ours = Folio(FolioOptions.model_validate({**said, "ca_file": str(cert)}), CallMeter("folio"))
        assert await ours.status("A1") is Status.AVAILABLE
        await ours.close()


async def test_check_logs_in_where_the_daemon_will(tmp_path: Path) -> None:
    there = FakeFolio()
    async with there.listening() as url:
        config = daemon_of(url, tmp_path).config
        found = {one.what: one async for one in findings(site(), config, SystemClock())}
        assert found["folio"].level == "ok"
        there.ahead.append(web.Response(status=403, text="no permission to view items"))
        there.tokens.append("ours before")
        again = {one.what: one async for one in findings(site(), config, SystemClock())}
    assert again["folio"].level == "error"
    assert there.faults == []


async def test_the_command_shows_what_each_system_says(tmp_path: Path) -> None:
    there = FakeFolio(items={str(uuid4()): ("A1", "In transit")})
    config = tmp_path / "daemon.toml"
    async with there.listening() as url:
        config.write_text(
            f'[lsp.folio]\nurl = "{url}"\ntenant = "{TENANT}"\nusername = "edge"\n'
            '[lsp.sip2]\nhost = "127.0.0.1"\nport = 1\n'
        )
        arguments = ["status", "A1", "--config", str(config), "--json"]
        result = await asyncio.to_thread(CliRunner().invoke, command, arguments)
    folio, sip2 = json.loads(result.stdout)["systems"]
    assert (folio["status"], folio["error"]) == ("in_transit", None)
    assert not sip2["ok"]
    assert result.exit_code == 1
