"""A task that loses a cancellation ends all the same, and those beside it."""

import asyncio
from contextlib import suppress

import pytest

from edge.tasks import all_of, end

AGAIN_S = 0.01


async def loses_one() -> None:
    """As Python 3.11's wait_for, where the answer comes together with the cancellation."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(3600)
    await asyncio.sleep(3600)


async def test_a_task_that_loses_a_cancellation_is_cancelled_again() -> None:
    task = asyncio.create_task(loses_one())
    await asyncio.sleep(0)
    await end([task], AGAIN_S)
    assert task.cancelled()


async def test_tasks_of_a_cancelled_group_end_though_one_loses_it() -> None:
    async def service() -> None:
        async with asyncio.TaskGroup() as tasks:
            await all_of([tasks.create_task(loses_one()), tasks.create_task(asyncio.sleep(3600))], AGAIN_S)

    running = asyncio.create_task(service())
    await asyncio.sleep(AGAIN_S)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 2)


async def test_a_fault_in_one_ends_the_others_and_is_told() -> None:
    async def fails() -> None:
        raise OSError("gone")

    with pytest.raises(ExceptionGroup, match="unhandled"):
        async with asyncio.TaskGroup() as tasks:
            await all_of([tasks.create_task(loses_one()), tasks.create_task(fails())], AGAIN_S)


async def test_no_tasks_at_all_are_ended_already() -> None:
    await end([])
