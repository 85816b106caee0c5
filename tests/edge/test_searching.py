"""A search of the running daemon sees the readings as they come, before any window is fused."""

import asyncio
from pathlib import Path

from edge.columns import from_readings
from edge.searching import Searching
from edge.types import TagRead
from tests.edge.scripted import ScriptedSource
from tests.edge.test_daemon import T0, S, daemon_of

EPC = "E28011606000020D5F3A1B2C"


async def test_a_search_hears_the_book_and_leaves_nothing_behind(tmp_path: Path) -> None:
    reads = [TagRead(T0 + n * S // 20, "co2-hall", 1, EPC, rssi_dbm=-60.0 + n / 4) for n in range(60)]
    daemon, _ = daemon_of(tmp_path, ScriptedSource("co2-hall", [from_readings(reads)], stays=True))
    daemon.books.change({"barcode": "1", "epc": EPC, "call_number": "TP1"})
    search = Searching(daemon, "1")
    assert search.now()["bearing"] is None
    stop = asyncio.Event()
    running = asyncio.create_task(daemon.run(stop))
    async with asyncio.timeout(5):
        while search.now()["bearing"] is None:
            await asyncio.sleep(0.02)
    found = search.now()
    search.close()
    stop.set()
    await running
    assert found["call_number"] == "TP1"
    assert found["bearing"]["trend"] in ("warmer", "steady")  # type: ignore[index]
    assert daemon.taps == []
