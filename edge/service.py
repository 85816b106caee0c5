"""Runs a daemon as a process: signals, the live board beside it, and when it is over."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from edge.daemon import Daemon
from edge.show import board_beside
from edge.signals import stop_event


async def serve(
    daemon: Daemon,
    *,
    until_done: bool = False,
    duration_s: float | None = None,
    with_board: bool = False,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Run `daemon` until a signal, until its sources have ended (`until_done`), or for so long.

    `with_board`: show the live board if it is configured; `announce` is told its address.
    """
    stop = stop_event()
    async with AsyncExitStack() as stack:
        if duration_s is not None:
            timer = asyncio.get_running_loop().call_later(duration_s, stop.set)
            stack.callback(timer.cancel)
        if with_board and daemon.config.board.enabled:
            url = await stack.enter_async_context(board_beside(daemon))
            if announce is not None:
                announce(url)
        await daemon.run(stop, until_done=until_done)
