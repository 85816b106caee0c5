"""`edge run`: the daemon, until it is stopped."""

import asyncio
import logging

import click

from edge.cli.common import calibration_option, site_option
from edge.heap import keep_small, load_web


@click.command()
@site_option
@click.option("--config", "config_path", metavar="FILE", help="The daemon's configuration (TOML).")
@calibration_option
@click.option("--for", "duration_s", type=click.FloatRange(min=0), help="Stop after so many seconds.")
@click.option("-v", "--verbose", is_flag=True, help="Log everything.")
def command(
    site_path: str,
    config_path: str | None,
    calibration_path: str | None,
    duration_s: float | None,
    verbose: bool,
) -> None:
    """Run the daemon of SITE until it is stopped (SIGTERM or Ctrl-C).

    Without --config it delivers to its own history and shows the live board on loopback. Broker, database and
    sensors may be away when it starts, and may come and go.
    """
    keep_small()
    load_web()
    from edge.calibration_file import load_calibration
    from edge.cli.stock import load_shelf_list
    from edge.compose import build
    from edge.daemon_config import load_config
    from edge.drivers import load_setups
    from edge.service import serve

    set_up_logging(verbose)
    site, setups = load_setups(site_path)
    config = load_config(config_path)
    books = load_shelf_list(config.shelf_list) if config.shelf_list else None
    calibration = load_calibration(site_path, calibration_path)
    daemon = build(site, config, setups, books=books, calibration=calibration)
    asyncio.run(serve(daemon, duration_s=duration_s, with_board=True))


def set_up_logging(verbose: bool) -> None:
    """What goes and what comes back; journald adds the time."""
    level = logging.DEBUG if verbose else logging.INFO
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
