"""What the stock-take's commands load and keep: shelf list, look-up table, sessions."""

import json
from pathlib import Path

import click

from edge.errors import ConfigError, why
from edge.files import read_json, read_text, write_whole
from edge.fusion.inventory import Evidence
from edge.fusion.inventory.session import document, parse
from edge.library.call_numbers import DEFAULT_SIGN_ORDER
from edge.library.shelf_list import ShelfList
from edge.library.shelf_list_csv import parse_shelf_list
from edge.library.tags.lookup import BarcodeLookup, parse_lookup

_SHOWN_REMARKS = 5


def load_shelf_list(path: str, sign_order: str = DEFAULT_SIGN_ORDER) -> ShelfList:
    """The shelf list of a file; rows that were skipped or put right are told on stderr."""
    try:
        with Path(path).open("rb") as lines:
            shelf_list, report = parse_shelf_list(lines, path, sign_order)
    except OSError as error:
        raise ConfigError(f"{path}: {why(error)}") from None
    for remark in report.remarks[:_SHOWN_REMARKS]:
        click.echo(f"{path}:{remark.line}: {'skipped: ' if remark.skipped else ''}{remark.reason}", err=True)
    if report.skipped + report.put_right > _SHOWN_REMARKS:
        click.echo(f"{path}: {report.skipped} rows skipped, {report.put_right} put right in all", err=True)
    return shelf_list


def load_lookup(path: str | None) -> BarcodeLookup:
    """The look-up table of a file; an empty one without a file."""
    return BarcodeLookup() if path is None else parse_lookup(read_text(path).splitlines(), path)


def load_session(path: str) -> Evidence:
    """The session of a file."""
    return parse(read_json(path), path)


def keep_session(path: str, evidence: Evidence) -> None:
    """Put a session away."""
    write_whole(path, json.dumps(document(evidence)).encode())
