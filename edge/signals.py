"""SIGINT and SIGTERM as an event: the first asks to stop in order, the second stops at once."""

import asyncio
import signal


def stop_event() -> asyncio.Event:
    """An event of the running loop that the first signal sets; afterwards signals do what they always did."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    return stop


async def until(stop: asyncio.Event, tasks: list[asyncio.Task[None]], timeout_s: float | None = None) -> None:
    """Until somebody says stop, until all `tasks` have ended (where there are any), or until the time is over."""
    waits = [asyncio.ensure_future(stop.wait())]
    if tasks:
        waits.append(asyncio.ensure_future(_all(tasks)))
    try:
        await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def _all(tasks: list[asyncio.Task[None]]) -> bool:
    await asyncio.wait(tasks)
    return True
