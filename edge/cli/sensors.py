"""`edge sensors`: the drivers there are, and what a source of each looks like."""

from importlib import resources

import click

from edge.cli.common import json_option, print_json
from edge.errors import ConfigError
from edge.sensors import DRIVERS


@click.command()
@click.argument("driver", required=False)
@json_option
def command(driver: str | None, as_json: bool) -> None:
    """List the drivers, or show DRIVER's sample for the site file."""
    if driver is None:
        _list(as_json)
        return
    if driver not in DRIVERS:
        raise ConfigError(f"driver: expected one of {', '.join(sorted(DRIVERS))}, found {driver!r}")
    sample = (resources.files(DRIVERS[driver]) / "sample.toml").read_text()
    if as_json:
        print_json({"driver": driver, "sample": sample})
    else:
        click.echo(sample, nl=False)


def _list(as_json: bool) -> None:
    found = {name: _summary(package) for name, package in sorted(DRIVERS.items())}
    if as_json:
        print_json({"drivers": found})
        return
    width = max(map(len, found), default=0)
    for name, summary in found.items():
        click.echo(f"{name:<{width}}  {summary}")


def _summary(package: str) -> str:
    """The first paragraph of the driver's README."""
    text = (resources.files(package) / "README.md").read_text()
    paragraphs = [part for part in text.split("\n\n") if part and not part.startswith("#")]
    return " ".join(paragraphs[0].split()) if paragraphs else ""
