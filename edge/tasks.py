"""Tasks that end when they are told to, however often that takes.

`asyncio.wait_for` of Python 3.11 loses a cancellation that comes together with what it waited for, and a task
group cancels its tasks once.
"""

import asyncio
from collections.abc import Collection
from typing import Final

_AGAIN_S: Final = 3.0

Tasks = Collection[asyncio.Task[None]]


async def end(tasks: Tasks, again_s: float = _AGAIN_S) -> None:
    """Cancel `tasks`, and again those that have not ended, until all have; what they raise is not told."""
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=again_s)
    await asyncio.gather(*tasks, return_exceptions=True)


async def all_of(tasks: Tasks, again_s: float = _AGAIN_S) -> None:
    """Until all have ended; where this wait is cancelled, they are ended first."""
    try:
        await asyncio.wait(tasks)
    finally:
        await end(tasks, again_s)
