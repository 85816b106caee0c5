"""What every driver keeps. A test class inherits this one and says how to open its driver."""

import asyncio
import re
import tomllib
from pathlib import Path

import pytest

from edge.clock import SystemClock
from edge.drivers import load_setups
from edge.sensors import DRIVERS
from edge.sensors.driver import Context, Driver
from edge.toml_file import Strict
from edge.types import is_id

ROOT = Path(__file__).resolve().parents[2]
_COMMENTED = re.compile(r"^# (\w+ = .*?)\s*(?:#.*)?$")


class DriverContract:
    """`name` is the driver's in the table; `driver` is a fixture: one that gives readings within seconds."""

    name: str

    @property
    def package(self) -> Path:
        return ROOT / DRIVERS[self.name].replace(".", "/")

    @property
    def sample(self) -> str:
        return (self.package / "sample.toml").read_text()

    def sample_options(self) -> Strict:
        _, setups = load_setups(self.package / "sample.toml")
        return next(setup.options for setup in setups if setup.driver == self.name)

    def test_sample_loads(self) -> None:
        assert self.sample_options()

    def test_sample_stands_in_the_readme(self) -> None:
        assert f"```toml\n{self.sample}```" in (self.package / "README.md").read_text()

    def test_commented_values_of_the_sample_are_the_defaults(self) -> None:
        fields = type(self.sample_options()).model_fields
        options = self.sample.partition("[source.options]\n")[2].partition("\n[")[0]
        shown = [found[1] for text in options.splitlines() if (found := _COMMENTED.match(text))]
        for key, value in tomllib.loads("\n".join(shown)).items():
            # What is absent by default (None) is shown by an example.
            assert fields[key].get_default(call_default_factory=True) in (None, value), key

    def test_closing_unopened_is_safe(self) -> None:
        async def close() -> None:
            await self.of_sample().__aexit__(None, None, None)

        asyncio.run(close())

    def of_sample(self) -> Driver:
        _, setups = load_setups(self.package / "sample.toml")
        setup = next(setup for setup in setups if setup.driver == self.name)
        return setup.open(Context(setup.source, SystemClock()))

    async def test_gives_readings_of_sources_with_harmless_ids(self, driver: Driver) -> None:
        async with asyncio.timeout(10), driver:
            async for readings in driver:
                if len(readings):
                    break
        for columns in readings.kinds():
            assert all(is_id(source) for source in columns.sources)
            assert (columns.t_ns > 0).all()

    async def test_cancelling_ends_it_at_once(self, driver: Driver) -> None:
        opened = asyncio.Event()

        async def run() -> None:
            async with driver:
                opened.set()
                async for _ in driver:
                    pass
                await asyncio.sleep(60)

        task = asyncio.create_task(run())
        async with asyncio.timeout(10):
            await opened.wait()
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
