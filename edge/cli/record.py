"""`edge record`: the readings of a site's sources into a file, as they come, for later."""

import asyncio
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import click

from edge.cli.common import json_option, print_json, site_option
from edge.clock import SystemClock
from edge.columns import Readings
from edge.drivers import SourceSetup, load_setups
from edge.errors import ConfigError, why
from edge.recording import lines_of
from edge.sensors.driver import Context
from edge.signals import stop_event, until
from edge.supervise import supervise
from edge.tasks import end


@click.command()
@site_option
@click.option("--out", "out_path", required=True, metavar="FILE", help="Where to; .gz is compressed.")
@click.option("--for", "duration_s", type=click.FloatRange(min=0), help="Stop after so many seconds.")
@click.option("--source", "only", multiple=True, metavar="ID", help="Only this source; may be given again.")
@json_option
def command(
    site_path: str, out_path: str, duration_s: float | None, only: tuple[str, ...], as_json: bool
) -> None:
    """Write what the sources of SITE say into a recording, until stopped (Ctrl-C)."""
    _, setups = load_setups(site_path)
    unknown = set(only) - {setup.source for setup in setups}
    if unknown:
        raise ConfigError(f"--source: not in {site_path}: {', '.join(sorted(unknown))}")
    chosen = [setup for setup in setups if not only or setup.source in only]
    with _opened(Path(out_path)) as file:
        written = asyncio.run(_record(chosen, file, duration_s))
    if as_json:
        print_json({"readings": written, "file": out_path})
    else:
        click.echo(f"{written} readings in {out_path}", err=True)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        opened = gzip.open(path, "wb") if path.suffix == ".gz" else path.open("wb")  # noqa: SIM115
    except OSError as error:
        raise ConfigError(f"{path}: {why(error)}") from None
    with opened as file:
        yield cast(BinaryIO, file)


async def _record(setups: Sequence[SourceSetup], file: BinaryIO, duration_s: float | None) -> int:
    stop, clock, written = stop_event(), SystemClock(), 0

    async def take(readings: Readings) -> None:
        nonlocal written
        written += len(readings)
        file.writelines(lines_of(readings))

    async def run(setup: SourceSetup) -> None:
        context = Context(setup.source, clock)
        await supervise(setup.source, lambda: setup.open(context), take)

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(run(setup), name=setup.source) for setup in setups]
        await until(stop, running, duration_s)
        await end(running)
    return written
