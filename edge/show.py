"""The live board beside a daemon: filled from the history, fed with every record, ended with the daemon."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from cloud_sync.history_reader import HistoryReader
from edge.board.past import fill, past, people_curves
from edge.board.server import board_app
from edge.board.server import serve as listen
from edge.board.state import BoardState
from edge.daemon import Daemon
from edge.events import Record
from edge.observe import vitals
from edge.searching import Searching

_log = logging.getLogger(__name__)


@asynccontextmanager
async def board_beside(daemon: Daemon) -> AsyncIterator[str]:
    """The board's address, while it listens. Raises ConfigError where it cannot."""
    options = daemon.config.board
    simulated = any(setup.driver == "simulate" for setup in daemon.setups)
    state = BoardState(
        daemon.site,
        daemon.clock,
        daemon.books,
        options.stale_after_s,
        is_simulated=simulated,
        changes=daemon.config.changes,
    )
    await _fill(state, daemon)
    daemon.listeners.append(state.preload)
    daemon.books_changed.append(state.touch_books)
    app = board_app(state, lambda: vitals(daemon), options, partial(Searching, daemon))
    runner, url = await listen(app, options)
    _log.info("the live board is at %s", url)
    try:
        yield url
    finally:
        daemon.listeners.remove(state.preload)
        daemon.books_changed.remove(state.touch_books)
        await runner.cleanup()


async def _fill(state: BoardState, daemon: Daemon) -> None:
    fill(state, *await asyncio.to_thread(_history, daemon))


def _history(daemon: Daemon) -> tuple[list[Record], dict[str, list[tuple[int, float]]]]:
    now_ns = daemon.clock.wall_ns()
    reader = HistoryReader(daemon.config.state_path(daemon.site.site.id) / "history.db")
    try:
        spaces = [space.id for space in daemon.site.spaces]
        return past(reader, now_ns), people_curves(reader, spaces, now_ns)
    finally:
        reader.close()
