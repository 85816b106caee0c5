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
    """Until somebody says stop, all `tasks` (where there are any) have ended, or the time is over."""
    waits: list[asyncio.Future[object]] = [asyncio.ensure_future(stop.wait())]
    if tasks:
        waits.append(asyncio.ensure_future(asyncio.wait(tasks)))
    try:
        await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
