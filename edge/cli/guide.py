"""The terminal's guide to a book: a bar that grows as the reader comes nearer. No command of its own."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final

import click

from edge.clock import SystemClock
from edge.columns import Readings
from edge.drivers import SourceSetup
from edge.fusion.seek import Bearing, Seek, Trend
from edge.sensors.driver import Context
from edge.signals import stop_event, until
from edge.supervise import supervise
from edge.tasks import end

_WIDTH: Final = 40
_TICK_S: Final = 0.2
_COLOURS: Final = {Trend.WARMER: "green", Trend.COLDER: "red", Trend.STEADY: "yellow"}
_ARROWS: Final = {Trend.WARMER: "▲", Trend.COLDER: "▼", Trend.STEADY: "•", Trend.SILENT: " "}


class Guide:
    """Shows bearings as they come: on a terminal in one line that changes, else a line a trend."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._is_terminal = sys.stderr.isatty()
        self._said: Trend | None = None
        self.bearings: list[Bearing] = []

    def show(self, bearings: Iterator[Bearing]) -> None:
        """The next ones."""
        for bearing in bearings:
            self.bearings.append(bearing)
            if self._quiet:
                continue
            if self._is_terminal:
                click.echo(f"\r{line(bearing)}\x1b[K", nl=False, err=True)
            elif bearing.trend is not self._said:
                click.echo(line(bearing), err=True)
            self._said = bearing.trend

    def end(self) -> None:
        """A line of its own for what follows."""
        if self._is_terminal and not self._quiet:
            click.echo(err=True)

    def document(self) -> dict[str, object]:
        """All bearings, and the strongest."""
        heard = [one for one in self.bearings if one.rssi_dbm is not None]
        best = max(heard, key=lambda one: one.rssi_dbm or 0.0, default=None)
        return {"best": best and asdict(best), "bearings": [asdict(one) for one in self.bearings]}


def line(bearing: Bearing) -> str:
    """One bearing for people."""
    full = round(bearing.level * _WIDTH)
    bar = click.style("█" * full, fg=_COLOURS.get(bearing.trend)) + "░" * (_WIDTH - full)
    strength = "  – dBm" if bearing.rssi_dbm is None else f"{bearing.rssi_dbm:5.1f} dBm"
    trend = f"{_ARROWS[bearing.trend]} {bearing.trend.value:<7}"
    return f"{strength} {bar} {trend} {5 * bearing.reads:3d} reads/s"


async def follow(setups: Sequence[SourceSetup], seek: Seek, guide: Guide, duration_s: float | None) -> None:
    """Until the sources end, somebody says stop, or the time is over."""
    stop, clock = stop_event(), SystemClock()
    newest: list[tuple[int, int]] = []
    ticking: list[asyncio.Task[None]] = []

    async def take(readings: Readings) -> None:
        guide.show(seek.take(readings.tags))
        if len(readings.tags):
            newest[:] = [(int(readings.tags.t_ns.max()), clock.monotonic_ns())]

    async def tick() -> None:
        """Silence is told too."""
        while True:
            await asyncio.sleep(_TICK_S)
            for t_ns, at_mono_ns in newest:
                guide.show(seek.until(t_ns + clock.monotonic_ns() - at_mono_ns))

    async def run(setup: SourceSetup) -> None:
        await supervise(setup.source, lambda: setup.open(Context(setup.source, clock)), take)

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(run(setup), name=setup.source) for setup in setups]
        if any(setup.driver != "replay" for setup in setups):
            ticking.append(tasks.create_task(tick(), name="tick"))
        await until(stop, running, duration_s)
        await end([*running, *ticking])
    guide.end()
