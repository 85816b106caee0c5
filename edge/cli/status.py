"""`edge status`: how a running daemon is, for a person with one terminal."""

import json
import sys
import urllib.request
from typing import Any

import click

from edge.cli.common import age, checked_url, json_option, print_json
from edge.errors import EdgeError, why


@click.command()
@click.option("--url", default="http://127.0.0.1:8420", show_default=True, help="The daemon's live board.")
@json_option
def command(url: str, as_json: bool) -> None:
    """Show sources, sinks and outbox of the daemon that runs here.

    Exits with 1 where it is degraded, or where none answers.
    """
    found = _ask(url)
    if as_json:
        print_json(found)
    else:
        _show(found)
    sys.exit(1 if found["reasons"] else 0)


def _ask(url: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"{checked_url(url)}/api/vitals", timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
    except json.JSONDecodeError:
        raise EdgeError(f"{url}: something answers, and it is no daemon") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        said = why(reason) if isinstance(reason, OSError) else reason
        raise EdgeError(f"no daemon answers at {url}: {said}") from None
    return found


def _show(found: dict[str, Any]) -> None:
    click.echo(f"{found['site']}/{found['node']}  library-edge {found['version']}")
    click.echo(
        f"up {age(found['uptime_s'])}, {found['rss_bytes'] / 1e6:.0f} MB, {found['cpu_s']:.0f} CPU-seconds"
    )
    left = found["outage_seconds_left"]
    click.echo(f"outbox {found['outbox_bytes'] / 1e6:.1f} MB, can bear an outage of {age(left)} more\n")
    _table("source", ("received", "used", "late", "malformed", "dropped", "age_s"), found["sources"])
    _table("sink", ("depth", "oldest_age_s", "ack_age_s", "dead_letters", "error"), found["sinks"])
    for reason in found["reasons"]:
        click.secho(f"degraded: {reason}", fg="yellow")


def _table(title: str, columns: tuple[str, ...], rows: dict[str, dict[str, Any]]) -> None:
    if not rows:
        return
    width = max(len(title), *(len(name) for name in rows))
    click.echo(f"{title:<{width}}  " + "  ".join(f"{column:>12}" for column in columns))
    for name, row in rows.items():
        cells = [age(row[c]) if c.endswith("_s") else _text(row[c]) for c in columns]
        click.echo(f"{name:<{width}}  " + "  ".join(f"{cell:>12}" for cell in cells))
    click.echo()


def _text(value: object) -> str:
    return "-" if value is None else str(value)
