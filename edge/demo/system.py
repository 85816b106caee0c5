"""The whole system without a server: simulated sources, their shelf list, own broker, own store, board."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from cloud_sync.options import MqttOptions
from edge.board.config import BoardOptions
from edge.broker import Broker, own_broker
from edge.compose import build
from edge.config import Site
from edge.daemon_config import DaemonConfig
from edge.drivers import SourceSetup, load_setups, replay_setup
from edge.library.shelf_list import ShelfList
from edge.library.shelf_list_csv import parse_shelf_list
from edge.sensors.simulate.config import Options
from edge.sensors.simulate.world import World
from edge.service import serve

LIBRARY: Final = "library"
"""The source that speaks for all others of the demo's site."""


async def run_demo(
    state: Path,
    port: int,
    speed: float,
    recordings: Sequence[str],
    duration_s: float | None,
    announce: Callable[[str], None],
) -> None:
    """Run until a signal, or for so long; `announce` is told the board's address."""
    site, setups = demo_site(speed, recordings)
    books = demo_books(setups)
    async with own_broker() as broker:
        daemon = build(site, demo_config(state, port, broker), setups, books=books)
        await serve(daemon, duration_s=duration_s, with_board=True, announce=announce)


def demo_site(speed: float, recordings: Sequence[str] = ()) -> tuple[Site, list[SourceSetup]]:
    """The demo's site and its sources at so many library seconds a second, and recordings beside them."""
    with as_file(files("edge.demo").joinpath("site.toml")) as path:
        site, setups = load_setups(path)
    chosen = [_at_speed(setup, speed) if setup.source == LIBRARY else setup for setup in setups]
    if recordings:
        chosen.append(replay_setup("recording", recordings, loop=True, rebase=True))
    return site, chosen


def demo_books(setups: Sequence[SourceSetup]) -> ShelfList:
    """The shelf list of the simulated library, as its library system would have exported it."""
    options = next(setup.options for setup in setups if setup.source == LIBRARY)
    assert isinstance(options, Options)
    lines = World(options, 0).shelf_list_csv().encode().splitlines(keepends=True)
    return parse_shelf_list(lines, "the demo's shelf list")[0]


def demo_config(state: Path, port: int, broker: Broker) -> DaemonConfig:
    """The daemon's configuration: its store in `state`, delivery to the demo's own broker."""
    return DaemonConfig(
        node="demo",
        state_dir=str(state),
        mqtt=MqttOptions(host=broker.host, port=broker.port),
        board=BoardOptions(port=port),
    )


@contextmanager
def state_folder(given: str | None) -> Iterator[Path]:
    """The folder that was asked for, or one that is gone afterwards."""
    if given is not None:
        yield Path(given)
        return
    with tempfile.TemporaryDirectory(prefix="edge-demo-") as folder:
        yield Path(folder)


def _at_speed(setup: SourceSetup, speed: float) -> SourceSetup:
    return SourceSetup(setup.source, setup.driver, setup.options.model_copy(update={"speed": speed}))
