"""`edge check`: is everything there that a daemon needs?"""

import asyncio
import sys

import click

from edge.check import Finding, findings
from edge.cli.common import json_option, print_json, site_option
from edge.clock import SystemClock
from edge.daemon_config import load_config
from edge.drivers import load_setups

_MARKS = {"ok": "ok     ", "warning": "warning", "error": "ERROR  "}


@click.command()
@site_option
@click.option("--config", "config_path", metavar="FILE", help="The daemon's configuration (TOML).")
@json_option
def command(site_path: str, config_path: str | None, as_json: bool) -> None:
    """Check site file, configuration, disk, clock, and what the daemon delivers to.

    Exits with 1 where something would keep the daemon from its work, and with 2 where a file is wrong.
    """
    site, _ = load_setups(site_path)
    config = load_config(config_path)

    async def collect() -> list[Finding]:
        return [finding async for finding in findings(site, config, SystemClock())]

    found = asyncio.run(collect())
    if as_json:
        print_json({"findings": [finding.as_dict() for finding in found]})
    else:
        for finding in found:
            click.echo(f"{_MARKS[finding.level]}  {finding.what}: {finding.said}")
    sys.exit(1 if any(finding.level == "error" for finding in found) else 0)
