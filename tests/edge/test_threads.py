"""A cancelled task does not leave its thread behind."""

import asyncio
import threading
import time

import pytest

from edge.threads import to_the_end


async def test_it_gives_what_the_work_gives() -> None:
    assert await to_the_end(divmod, 7, 2) == (3, 1)


async def test_it_raises_what_the_work_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        await to_the_end(divmod, 7, 0)


async def test_a_cancelled_task_ends_after_its_thread() -> None:
    begun = threading.Event()
    ended: list[str] = []

    def work() -> None:
        begun.set()
        time.sleep(0.1)
        ended.append("work")

    task = asyncio.create_task(to_the_end(work))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["work"]


async def test_a_task_that_is_cancelled_twice_waits_for_its_thread_all_the_same() -> None:
    begun, end, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        end.wait(2)
        ended.set()

    task = asyncio.create_task(to_the_end(work))
    await asyncio.to_thread(begun.wait)
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0.01)
    end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
