"""`edge replay`: the daemon on recordings, as if they came now."""

import asyncio
from collections import Counter
from dataclasses import asdict
from typing import Any

import click

from edge.cli.common import json_option, print_json, recordings_argument, site_option
from edge.cli.run import set_up_logging
from edge.compose import build
from edge.config import load_site
from edge.daemon import Daemon
from edge.daemon_config import load_config
from edge.drivers import replay_setup
from edge.service import serve

_SPEED_HELP = "1 as recorded, 0 as fast as it goes."


@click.command()
@recordings_argument
@site_option
@click.option("--config", "config_path", metavar="FILE", help="The daemon's configuration (TOML).")
@click.option("--speed", default=0.0, type=click.FloatRange(min=0), show_default=True, help=_SPEED_HELP)
@json_option
def command(
    recordings: tuple[str, ...], site_path: str, config_path: str | None, speed: float, as_json: bool
) -> None:
    """Run the daemon on recordings instead of sensors, deliver what it finds, and stop at their end.

    Tells at the end what became of every reading.
    """
    set_up_logging(False)
    replayed = replay_setup("replay", recordings, speed=speed)
    daemon = build(load_site(site_path), load_config(config_path), [replayed])
    found: Counter[str] = Counter()
    daemon.listeners.append(lambda records: found.update(record.TYPE for record in records))
    asyncio.run(serve(daemon, until_done=True))
    if as_json:
        print_json(summary(daemon, found))
    else:
        _show(summary(daemon, found))


def summary(daemon: Daemon, found: Counter[str]) -> dict[str, Any]:
    """What became of every reading, and how many records of each type came of them."""
    counters = {name: asdict(c) for name, c in daemon.pipeline.counters.items() if c.received or c.malformed}
    return {"sources": counters, "records": dict(sorted(found.items()))}


def _show(document: dict[str, Any]) -> None:
    for source, counters in document["sources"].items():
        parts = [f"{counters[key]} {key}" for key in ("received", "used", "late", "malformed", "dropped")]
        click.echo(f"{source}: {', '.join(parts)}")
    for kind, n in document["records"].items():
        click.echo(f"{kind}: {n}")
