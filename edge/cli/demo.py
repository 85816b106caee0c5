"""`edge demo`: the whole system on this machine alone."""

import asyncio
import time

import click

from edge.cli.common import json_option, print_json


@click.command()
@click.option("--port", default=8420, type=click.IntRange(0, 65535), show_default=True, help="The board's.")
@click.option("--speed", default=1.0, type=click.FloatRange(0.1, 60), show_default=True, help="Library time.")
@click.option("--lang", type=click.Choice(["en", "zh"]), help="The board's language; else the browser's.")
@click.option("--state", "state_dir", metavar="DIR", help="Keep the store here; else it is gone at the end.")
@click.option("--recording", "recordings", multiple=True, metavar="REC", help="Replay this beside it.")
@click.option("--for", "duration_s", type=click.FloatRange(min=0), help="Stop after so many seconds.")
@json_option
def command(
    port: int,
    speed: float,
    lang: str | None,
    state_dir: str | None,
    recordings: tuple[str, ...],
    duration_s: float | None,
    as_json: bool,
) -> None:
    """Show a library live: simulated (and recorded) readings, own broker, own store, a board in the browser.

    Needs no server, no account and no internet. Stop it with Ctrl-C.
    """
    from edge.cli.run import set_up_logging
    from edge.demo.system import run_demo, state_folder

    set_up_logging(False)
    began_s = time.monotonic()

    def announce(url: str) -> None:
        address = f"{url}?lang={lang}" if lang else url
        if as_json:
            print_json({"board": address, "started_in_s": round(time.monotonic() - began_s, 3)})
        else:
            click.echo(f"\n  The library is live at  {address}\n  Simulated data. Stop with Ctrl-C.\n")

    with state_folder(state_dir) as folder:
        asyncio.run(run_demo(folder, port, speed, recordings, duration_s, announce))
