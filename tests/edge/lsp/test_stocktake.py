"""A stock-take by request, on a recorded walk: what it finds is what `edge inventory` finds."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import aiomqtt
import pytest

from edge.cli.stock import load_session, load_shelf_list
from edge.columns import Readings
from edge.compose import build
from edge.config import load_site
from edge.daemon_config import DaemonConfig
from edge.drivers import SourceSetup, replay_setup
from edge.events import InventoryFinished, MissingApproved
from edge.fusion.inventory import scan, take_stock
from edge.recording import read
from edge.sensors.driver import Context
from edge.site_models import boards_of
from tests.edge.lsp.test_office import V5, Library
from tests.real.mosquitto import Mosquitto

pytestmark = [pytest.mark.real, pytest.mark.slow]


LABEL = "E28011606000020D5F3A1B2C"


@dataclass
class Waiting:
    """A source that gives another's readings when it is told to, and is silent afterwards."""

    inner: SourceSetup
    go: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    driver: str = "replay"
    _context: Context | None = None

    @property
    def source(self) -> str:
        return self.inner.source

    def open(self, context: Context) -> Self:
        self._context = context
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def __aiter__(self) -> AsyncIterator[Readings]:
        await self.go.wait()
        assert self._context is not None
        async with self.inner.open(self._context) as driver:
            async for readings in driver:
                yield readings
        self.done.set()
        await asyncio.Event().wait()


async def test_a_stock_take_by_request_finds_what_the_command_finds(
    mosquitto: Mosquitto, tmp_path: Path, data_dir: Path
) -> None:
    folder = data_dir / "sim/hard-3"
    site, books = load_site(folder / "site.toml"), load_shelf_list(str(folder / "shelf_list.csv"))
    recording = str(folder / "hard-3.jsonl.gz")
    walk = Waiting(replay_setup("recording", [recording], speed=0))
    mqtt, pipeline = {"port": mosquitto.port}, {"window_s": 0.1}
    said = {"node": "n1", "state_dir": str(tmp_path), "mqtt": mqtt, "pipeline": pipeline}
    daemon = build(site, DaemonConfig.model_validate(said), [walk], books=books)  # type: ignore[list-item]
    stop = asyncio.Event()
    async with aiomqtt.Client("127.0.0.1", mosquitto.port, protocol=V5) as client:
        await client.subscribe("app/answers", 1)
        there = Library(client, daemon, site=site.site.id)
        daemon.listeners.append(there.records.extend)
        running = asyncio.create_task(daemon.run(stop))
        await there.until_it_listens()
        assert (await there.ask("inventory-start", {"session": "night-1"}))["ok"]
        walk.go.set()
        await asyncio.wait_for(walk.done.wait(), 30)
        await asyncio.sleep(2.0)
        found = (await there.ask("inventory-stop"))["result"]
        gone = [one["barcode"] for one in found["missing"]]
        measured = await there.ask("calibrate", {"labels": [{"epc": LABEL, "shelf": "a01-1", "x_m": 0.1}]})
        approved = (await there.ask("approve", {"barcodes": gone, "by": "Li"}))["result"]
        await there.until(lambda: sum(isinstance(one, MissingApproved) for one in there.records) == len(gone))
        stop.set()
        await running
    window, _ = read([recording])
    boards = boards_of(site)
    wanted = take_stock(scan(window, books, boards), books, boards)
    assert sorted(gone) == sorted(one.barcode for one in wanted.missing)
    assert approved["approved"] == gone
    assert measured["ok"]
    assert measured["result"]["passes"] >= 4
    assert sorted(found["shelves"]) == sorted(one.shelf for one in wanted.shelves)
    assert abs(found["misplaced"] - len(wanted.misplaced)) <= 2
    finished = [one for one in there.records if isinstance(one, InventoryFinished)]
    assert [one.session for one in finished] == ["night-1"]
    kept = json.loads((tmp_path / "sessions/night-1.findings.json").read_text())
    assert [one["barcode"] for one in kept["missing"]] == gone
    again = take_stock(load_session(str(tmp_path / "sessions/night-1.json")), books, boards)
    assert [one.barcode for one in again.missing] == gone
