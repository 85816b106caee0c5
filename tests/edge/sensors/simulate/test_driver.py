"""The simulate driver: at the pace of its clock, and its sample as the README has it."""

import asyncio
import tomllib
from pathlib import Path

import edge.sensors.simulate
from edge.clock import ManualClock
from edge.columns import Readings
from edge.config import load_site
from edge.sensors.driver import Context
from edge.sensors.simulate.config import Board, Cart, Options
from edge.sensors.simulate.driver import open_driver

HERE = Path(edge.sensors.simulate.__file__).parent
START_NS = 1_700_000_000_000_000_000


async def batch_after(options: Options, seconds: float) -> Readings:
    clock = ManualClock(START_NS)
    async with open_driver(Context("library", clock), options) as driver:
        readings = aiter(driver)
        task = asyncio.ensure_future(anext(readings))
        await asyncio.sleep(0)
        clock.advance(round(seconds * 1e9))
        return await task


def cart_options(speed: float = 1.0) -> Options:
    return Options(speed=speed, cart=Cart(source="cart-1", boards=[Board(id="s-0")]))


async def test_batch_holds_what_the_clock_has_gone() -> None:
    readings = await batch_after(cart_options(), 2.0)
    assert (readings.poses.t_ns >= START_NS).all()
    assert 1.7e9 < readings.poses.t_ns.max() - START_NS < 2.0e9


async def test_speed_makes_more_of_the_same_time() -> None:
    readings = await batch_after(cart_options(speed=3.0), 1.0)
    assert 2.7e9 < readings.poses.t_ns.max() - START_NS < 3.0e9


async def test_library_does_not_make_up_for_a_long_pause() -> None:
    readings = await batch_after(cart_options(), 7200.0)
    assert readings.poses.t_ns.max() - START_NS < 6e9


async def test_source_that_is_part_of_a_library_ends_at_once() -> None:
    options = Options(part_of="library")
    async with open_driver(Context("cart-1", ManualClock(START_NS)), options) as driver:
        assert [readings async for readings in driver] == []


def test_sample_is_a_site_file_and_stands_in_the_readme() -> None:
    sample = (HERE / "sample.toml").read_text()
    site = load_site(HERE / "sample.toml")
    assert sample in (HERE / "README.md").read_text()
    assert all(Options.model_validate(source.options) for source in site.sources)


def test_commented_values_of_the_sample_are_the_defaults() -> None:
    sample = (HERE / "sample.toml").read_text()
    spelt_out = "\n".join(line.removeprefix("# ") if " = " in line else line for line in sample.splitlines())
    full, short = (
        Options.model_validate(tomllib.loads(text)["source"][0]["options"]) for text in (spelt_out, sample)
    )
    assert full == short
