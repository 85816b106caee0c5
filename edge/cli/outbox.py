"""`edge outbox`: what waits for delivery, and what to do about it."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from cloud_sync.options import OutboxOptions
from cloud_sync.outbox.ledger import Ledger
from cloud_sync.outbox.reader import OutboxReader, Overview
from cloud_sync.outbox.requests import Request
from edge.cli.common import age, json_option, print_json
from edge.config import load_site
from edge.daemon_config import load_config
from edge.errors import ConfigError
from edge.events import Worth

F = TypeVar("F", bound=Callable[..., Any])
_SHOWN = 20


def _places(call: F) -> F:
    """Where the outbox is: said, or as the daemon of a site has it."""
    path = click.option("--path", type=click.Path(path_type=Path), help="The outbox file itself.")
    site = click.option("--site", "site_path", metavar="SITE", help="The site file, as for `edge run`.")
    config = click.option("--config", "config_path", metavar="FILE", help="The daemon's configuration.")
    return path(site(config(call)))


_sink = click.option("--sink", required=True, help="mqtt, influx, history, folio, koha or sip2.")


@click.group()
def command() -> None:
    """Show and mend what waits for delivery. Works while the daemon runs, and while it does not."""


@command.command(short_help="Show what waits, and how long an outage can last.")
@_places
@json_option
def status(path: Path | None, site_path: str | None, config_path: str | None, as_json: bool) -> None:
    """Show what each sink has still to get, what was lost, and how long an outage can last."""
    place, options = _found(path, site_path, config_path)
    with OutboxReader(place) as reader:
        overview, allowed = reader.overview(), reader.bytes_allowed(options)
    document = _document(place, overview, allowed)
    print_json(document) if as_json else _show(document)


@command.command()
@_places
@click.option("--sink", help="Only what this sink has still to get.")
@click.option("--dead", is_flag=True, help="The dead letters instead, newest first.")
@click.option("-n", "--limit", default=_SHOWN, show_default=True, type=click.IntRange(1))
@json_option
def peek(
    path: Path | None,
    site_path: str | None,
    config_path: str | None,
    sink: str | None,
    dead: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Show the oldest records, or the dead letters."""
    place, _ = _found(path, site_path, config_path)
    with OutboxReader(place) as reader:
        found = reader.dead(limit) if dead else _records(reader, sink, limit)
    if as_json:
        print_json(found)
    else:
        for line in found:
            click.echo(json.dumps(line, ensure_ascii=False))


@command.command(short_help="Write all kept records as JSON Lines.")
@_places
@click.option("--from", "low", default=0, help="The first sequence number.")
@click.option("--to", "high", default=1 << 62, help="The number after the last one.", show_default="all")
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-", metavar="FILE")
def export(
    path: Path | None, site_path: str | None, config_path: str | None, low: int, high: int, output: Any
) -> None:
    """Write all kept records as JSON Lines; also from a file that was set aside as damaged."""
    place, _ = _found(path, site_path, config_path)
    damaged = 0
    with OutboxReader(place) as reader:
        for row, record in reader.rows(low, high):
            if record is None:
                damaged += 1
            else:
                line = {"seq": row.seq, "type": record.TYPE, **dataclasses.asdict(record)}
                output.write(json.dumps(line, ensure_ascii=False) + "\n")
    if damaged:
        click.echo(f"{damaged} damaged records left out", err=True)


@command.command(short_help="Send kept records to a sink again.")
@_places
@_sink
@click.option("--from", "low", default=0, help="The first sequence number.")
@click.option("--to", "high", default=1 << 62, help="The number after the last one.", show_default="all")
@click.option("--dead", is_flag=True, help="Its dead letters instead, as far as their records are kept.")
def replay(
    path: Path | None,
    site_path: str | None,
    config_path: str | None,
    sink: str,
    low: int,
    high: int,
    dead: bool,
) -> None:
    """Send kept records to a sink again (they keep their ids, so a repeat is recognised)."""
    place, _ = _found(path, site_path, config_path)
    with OutboxReader(place) as reader:
        reader.pending(sink)
        reader.ask(Request("revive", sink) if dead else Request("replay", sink, low, high))
    click.echo("asked; a running daemon begins within seconds, else the next start does", err=True)


@command.command()
@_places
@click.option("--sink", help="Give up what this sink has still to get.")
@click.option("--dead", is_flag=True, help="Forget the dead letters.")
@click.confirmation_option(prompt="Give this up for good?")
def purge(
    path: Path | None, site_path: str | None, config_path: str | None, sink: str | None, dead: bool
) -> None:
    """Give up records on purpose. They are counted as dropped, with the reason `purged`."""
    if (sink is None) == (not dead):
        raise click.UsageError("say either --sink or --dead")
    place, _ = _found(path, site_path, config_path)
    with OutboxReader(place) as reader:
        if sink is not None:
            reader.pending(sink)
        reader.ask(Request("clear-dead") if dead else Request("purge", sink or ""))
    click.echo("asked; a running daemon does it within seconds, else the next start does", err=True)


def _found(path: Path | None, site_path: str | None, config_path: str | None) -> tuple[Path, OutboxOptions]:
    if path is not None:
        return path, OutboxOptions()
    if site_path is None:
        raise ConfigError("say where the outbox is: --path FILE, or --site SITE")
    config = load_config(config_path)
    return config.state_path(load_site(site_path).site.id) / "outbox.db", config.outbox


def _records(reader: OutboxReader, sink: str | None, limit: int) -> list[dict[str, object]]:
    wanted = None if sink is None else reader.pending(sink).pending
    found: list[dict[str, object]] = []
    for row, record in reader.rows(0 if wanted is None else wanted.first):
        if len(found) >= limit:
            break
        if wanted is None or row.seq in wanted:
            said = None if record is None else dataclasses.asdict(record)
            kind = "damaged" if record is None else record.TYPE
            found.append({"seq": row.seq, "type": kind, "class": row.worth.name.lower(), "record": said})
    return found


def _document(path: Path, overview: Overview, max_bytes: int) -> dict[str, Any]:
    left = overview.outage_seconds_left(max_bytes)
    return {
        "path": str(path),
        "bytes": overview.bytes_used,
        "max_bytes": max_bytes,
        "records": overview.rows,
        "next_seq": overview.next_seq,
        "inflow_bytes_per_s": overview.inflow_bytes_per_s,
        "outage_seconds_left": left,
        "waiting_requests": overview.waiting_requests,
        "damaged_files": [str(p) for p in sorted(path.parent.glob(f"{path.name}.damaged-[0-9]*"))],
        "sinks": {ledger.name: _sink_document(ledger, overview.next_seq) for ledger in overview.ledgers},
    }


def _sink_document(ledger: Ledger, head: int) -> dict[str, Any]:
    return {
        "depth": sum(ledger.depth),
        "depth_by_class": {worth.name.lower(): ledger.depth[worth] for worth in Worth},
        "pending": [[low, min(high, head)] for low, high in ledger.pending.within(0, head)],
        "delivered": ledger.delivered,
        "dead_letters": ledger.dead,
        "corrupt": ledger.corrupt,
        "dropped": [
            {"class": kind, "reason": reason, "records": n}
            for (kind, reason), n in ledger.dropped.items()
            if n
        ],
    }


def _show(document: dict[str, Any]) -> None:
    left = document["outage_seconds_left"]
    bears = "nothing comes in" if left is None else f"can bear an outage of {age(left)} more"
    click.echo(
        f"{document['path']}: {document['records']} records, {document['bytes'] / 1e6:.1f} MB; {bears}"
    )
    for name, sink in document["sinks"].items():
        click.echo(f"{name:<10} waits for {sink['depth']:>8}  {_sums(sink)}")
    for aside in document["damaged_files"]:
        click.secho(f"damaged, set aside: {aside}", fg="yellow")


def _sums(sink: dict[str, Any]) -> str:
    parts: Sequence[str] = (
        f"delivered {sink['delivered']}",
        f"dead {sink['dead_letters']}",
        f"damaged {sink['corrupt']}",
        *(f"dropped {d['records']} ({d['class']}, {d['reason']})" for d in sink["dropped"]),
    )
    return ", ".join(parts)
