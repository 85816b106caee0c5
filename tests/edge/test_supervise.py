"""A driver that fails is opened again; one that ends is done."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

import pytest

from edge.columns import Readings, from_readings
from edge.errors import DeviceUnavailable
from edge.supervise import BackOff, supervise
from edge.types import DoorCount


class Scripted:
    """A device that gives one reading a life, and then what the script says."""

    def __init__(self, script: list[BaseException | None]) -> None:
        self.script = script
        self.closed = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closed += 1

    async def __aiter__(self) -> AsyncIterator[Readings]:
        yield from_readings([DoorCount(1, "door-1", 1, 0)])
        fault = self.script.pop(0)
        if fault is not None:
            raise fault


async def run(script: list[BaseException | None]) -> tuple[Scripted, int, list[float]]:
    driver, taken, slept = Scripted(script), 0, list[float]()

    async def take(readings: Readings) -> None:
        nonlocal taken
        taken += len(readings)

    async def sleep(delay_s: float) -> None:
        slept.append(delay_s)

    await supervise("door-1", lambda: driver, take, sleep=sleep)
    return driver, taken, slept


async def test_device_that_goes_is_opened_again() -> None:
    driver, taken, slept = await run([DeviceUnavailable("gone"), DeviceUnavailable("gone"), None])
    assert (driver.closed, taken, len(slept)) == (3, 3, 2)


async def test_fault_nobody_foresaw_does_not_stop_the_source(caplog: pytest.LogCaptureFixture) -> None:
    _, taken, _ = await run([ZeroDivisionError(), None])
    assert taken == 2
    assert "a fault in its driver" in caplog.text


async def test_cancelling_closes_the_driver() -> None:
    driver = Scripted([DeviceUnavailable("gone")])

    async def take(readings: Readings) -> None:
        await asyncio.sleep(60)

    task = asyncio.create_task(supervise("door-1", lambda: driver, take))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert driver.closed == 1


def test_delays_grow_to_their_bound() -> None:
    delays = [BackOff().delay_s(n) for n in range(12)]
    assert 0.5 <= delays[0] <= 1.0
    assert 30.0 <= delays[-1] <= 60.0
