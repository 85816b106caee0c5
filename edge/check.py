"""What `edge check` looks at before a daemon runs: files, disk, clock, port, and what it delivers to."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal

from edge import __version__
from edge.clock import Clock
from edge.config import Site
from edge.daemon_config import DaemonConfig
from edge.errors import EdgeError, why
from edge.ext import backend
from edge.lsp.sink import System
from edge.lsp.systems import NOBODY, systems
from edge.report.post import parse_post

Level = Literal["ok", "warning", "error"]

# Nothing of ours was released before this day: a clock that shows less has not been set.
RELEASED_NS: Final = 1_790_000_000_000_000_000
_FREE_WARNING_BYTES: Final = 512 << 20
_KERNELS: Final = ("jsonl", "presence")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `what` is its name, `said` one line for a person."""

    level: Level
    what: str
    said: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


async def findings(site: Site, config: DaemonConfig, clock: Clock) -> AsyncIterator[Finding]:
    """Everything that can be known without starting the daemon, the quick ones first."""
    yield Finding("ok", "version", f"library-edge {__version__}, node {config.node}, site {site.site.id}")
    for finding in (*_clock(clock), *_kernels(), *_site(site), *_state(config.state_path(site.site.id))):
        yield finding
    if config.board.enabled:
        yield _port(config.board.host, config.board.port)
    for name, ask in _far_ends(config).items():
        yield await _asked(name, ask)


def _clock(clock: Clock) -> Iterator[Finding]:
    if clock.wall_ns() < RELEASED_NS:
        yield Finding("warning", "clock", "not set; times are corrected when it is")
    else:
        yield Finding("ok", "clock", "set")


def _kernels() -> Iterator[Finding]:
    slow = [name for name in _KERNELS if backend(name) != "c"]
    if slow:
        yield Finding("warning", "kernels", f"not built, the slow twins serve: {', '.join(slow)}")
    else:
        yield Finding("ok", "kernels", "built")


def _site(site: Site) -> Iterator[Finding]:
    sensed = {source.space for source in site.sources}
    fed = sensed | {door.from_ for door in site.doors} | {door.to for door in site.doors}
    blind = [space.id for space in site.spaces if space.id not in fed]
    said = f"{len(site.spaces)} spaces, {len(site.doors)} doors, {len(site.shelves)} shelves"
    yield Finding("ok", "site", f"{said}, {len(site.sources)} sources")
    sources = {source.id for source in site.sources}
    for door in site.doors:
        if door.source not in sources:
            yield Finding("warning", f"door {door.id}", f"its source {door.source} is not in the site file")
    if blind:
        yield Finding("warning", "spaces", f"no door and no sensor: {', '.join(blind)}")


def _state(path: Path) -> Iterator[Finding]:
    existing = next(p for p in (path, *path.parents) if p.exists())
    if not os.access(existing, os.W_OK):
        yield Finding("error", "state", f"{path}: can't be written")
        return
    free = shutil.disk_usage(existing).free
    level: Level = "warning" if free < _FREE_WARNING_BYTES else "ok"
    yield Finding(level, "state", f"{path}: {free / 1e9:.1f} GB free")


def _port(host: str, port: int) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return Finding("warning", "board", f"{host}:{port}: {error.strerror}; the next free port serves")
    return Finding("ok", "board", f"http://{host}:{port}/")


def _far_ends(config: DaemonConfig) -> dict[str, Callable[[], Awaitable[str]]]:
    """What the daemon delivers to, each with a question whose answer is one line."""
    asked: dict[str, Callable[[], Awaitable[str]]] = {}
    if config.mqtt:
        mqtt = config.mqtt
        asked["mqtt"] = lambda: _reachable(mqtt.host, mqtt.port)
    for system, _ in systems(config.lsp):
        asked[system.name] = partial(_logs_in, system)
    if config.report:
        post = parse_post(config.report.smtp)
        asked["mail"] = lambda: _reachable(post.host, post.port)
    return asked


async def _logs_in(system: System) -> str:
    """Asks for a book that no library has: only who may ask gets the answer."""
    try:
        await system.status(NOBODY)
    finally:
        await system.close()
    return "answers, and lets us ask"


async def _reachable(host: str, port: int) -> str:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 5)
    except TimeoutError:
        raise EdgeError(f"{host}:{port}: no answer in 5 s") from None
    except OSError as error:
        raise EdgeError(f"{host}:{port}: {why(error)}") from None
    writer.close()
    return f"{host}:{port} answers"


async def _asked(name: str, ask: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding("ok", name, await ask())
    except EdgeError as error:
        return Finding("error", name, str(error))
