"""`edge demo`: the whole system on one machine, alive within seconds, gone without a trace."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.demo.system import demo_books, demo_site

START_S = 40.0


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """A running demo's address."""
    command = [sys.executable, "-m", "edge", "demo", "--port", "0", "--for", "60", "--json", "--lang", "zh"]
    with subprocess.Popen([*command, "--state", str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["board"].endswith("?lang=zh")
        yield told["board"].removesuffix("?lang=zh")
        process.terminate()
        assert process.wait(20) == 0
    assert (tmp_path / "history.db").exists()


def ask(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


def test_rooms_and_shelves_come_alive(demo: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        found = ask(f"{demo}api/state")
        rooms, shelves = found["rooms"].values(), found["shelves"].values()
        if all(room["as_of"] for room in rooms) and any(shelf["books"] for shelf in shelves):
            break
        time.sleep(0.2)
    assert all(room["people"] is not None and room["people"] >= 0 for room in rooms)
    assert found["rooms"]["reading-1f"]["people"] > 20
    assert any(book["title"] for shelf in shelves for book in shelf["books"])
    assert found["site"]["simulated"]
    assert ask(f"{demo}healthz")["status"] == "ok"
    assert "mqtt" in ask(f"{demo}api/vitals")["sinks"]


def test_every_source_of_the_demo_is_declared_and_every_board_has_books() -> None:
    site, setups = demo_site(speed=2.0)
    library = next(setup.options for setup in setups if setup.source == "library")
    options: Any = library
    assert options.speed == 2.0
    sources = {source.id for source in site.sources}
    speak = {quantity for room in options.room for quantity in room.sensors.values()}
    speak |= {door.source for door in options.door} | {options.cart.source}
    assert speak <= sources
    assert {door.source for door in site.doors} <= sources
    assert {board.id for board in options.cart.boards} == {shelf.id for shelf in site.shelves}
    assert {book.shelf for book in demo_books(setups)} == {shelf.id for shelf in site.shelves}
