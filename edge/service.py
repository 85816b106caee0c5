"""Runs a daemon as a process: signals, the live board beside it, and when it is over."""

import asyncio
from contextlib import AsyncExitStack

from edge.daemon import Daemon
from edge.signals import stop_event


async def serve(daemon: Daemon, *, until_done: bool = False, duration_s: float | None = None) -> None:
    """Run `daemon` until a signal, until its sources have ended (`until_done`), or for so long."""
    stop = stop_event()
    async with AsyncExitStack() as stack:
        if duration_s is not None:
            timer = asyncio.get_running_loop().call_later(duration_s, stop.set)
            stack.callback(timer.cancel)
        await daemon.run(stop, until_done=until_done)
