"""`edge inventory`: a stock-take from recordings and the shelf list."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from edge.cli.common import json_option, print_json, site_option, warn_skipped
from edge.config import Site, load_site
from edge.errors import ConfigError
from edge.fusion.inventory import Board, Evidence, Options, merged, scan, take_stock
from edge.fusion.inventory.session import document, parse
from edge.library.call_numbers import DEFAULT_SIGN_ORDER, Scheme
from edge.library.shelf_list import ShelfList
from edge.library.shelf_list_csv import parse_shelf_list
from edge.library.tags.lookup import BarcodeLookup, parse_lookup
from edge.recording import read
from edge.report.stocktake import as_document, as_text

_SHOWN_REMARKS = 5


@click.command(name="inventory")
@click.argument("recordings", nargs=-1, metavar="REC…")
@site_option
@click.option("--shelf-list", "list_path", required=True, metavar="LIST", help="The shelf list (CSV).")
@click.option("--session", "session_path", metavar="FILE", help="Go on with this session, and keep it here.")
@click.option("--owner", "owners", multiple=True, metavar="ISIL", help="Owner codes of this library.")
@click.option(
    "--lookup", "lookup_path", metavar="FILE", help="CSV id,barcode: what an EPC or a TID stands for."
)
@click.option("--signs", default=DEFAULT_SIGN_ORDER, show_default=True, help="CLC: order of signs.")
@json_option
def command(
    recordings: tuple[str, ...],
    site_path: str,
    list_path: str,
    session_path: str | None,
    owners: tuple[str, ...],
    lookup_path: str | None,
    signs: str,
    as_json: bool,
) -> None:
    """Take stock: what is misplaced, missing, of wrong status, unknown.

    Recordings of one session add up; without recordings the session's findings are shown again. Nothing is
    marked anywhere: what staff approve is another command.
    """
    site = load_site(site_path)
    shelf_list = load_shelf_list(list_path, signs)
    options = Options(owners=frozenset(owners), lookup=load_lookup(lookup_path))
    boards = boards_of(site)
    evidence = _evidence(recordings, session_path, shelf_list, boards, options)
    found = take_stock(evidence, shelf_list, boards, options)
    if as_json:
        print_json(as_document(found, site.timezone))
    else:
        click.echo("\n".join(as_text(found, shelf_list)))


def boards_of(site: Site) -> list[Board]:
    """The site's boards as the stock-take needs them."""
    return [
        Board(
            shelf=shelf.id,
            length_m=shelf.length_m,
            scheme=Scheme(shelf.scheme) if shelf.scheme else None,
            start=shelf.from_,
            end=shelf.to,
            next=shelf.next,
        )
        for shelf in site.shelves
    ]


def load_shelf_list(path: str, sign_order: str = DEFAULT_SIGN_ORDER) -> ShelfList:
    """The shelf list of a file; rows that were skipped or put right are told on stderr."""
    try:
        with Path(path).open("rb") as lines:
            shelf_list, report = parse_shelf_list(lines, path, sign_order)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
    for remark in report.remarks[:_SHOWN_REMARKS]:
        click.echo(f"{path}:{remark.line}: {'skipped: ' if remark.skipped else ''}{remark.reason}", err=True)
    if report.skipped + report.put_right > _SHOWN_REMARKS:
        click.echo(f"{path}: {report.skipped} rows skipped, {report.put_right} put right in all", err=True)
    return shelf_list


def load_lookup(path: str | None) -> BarcodeLookup:
    """The look-up table of a file; none without one."""
    if path is None:
        return BarcodeLookup()
    try:
        return parse_lookup(Path(path).read_text(encoding="utf-8-sig").splitlines(), path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None


def _evidence(
    recordings: Sequence[str],
    session_path: str | None,
    shelf_list: ShelfList,
    boards: Sequence[Board],
    options: Options,
) -> Evidence:
    """The session's evidence with that of the new recordings, which is put away again."""
    before = _session(session_path)
    if not recordings:
        if session_path is None:
            raise click.UsageError("Give recordings, or a session to go on with.")
        return before
    window, reports = read(recordings)
    warn_skipped(reports)
    evidence = merged([before, scan(window, shelf_list, boards, options)])
    if session_path is not None:
        _keep(session_path, evidence)
    return evidence


def _session(path: str | None) -> Evidence:
    if path is None or not Path(path).exists():
        return Evidence()
    try:
        return parse(json.loads(Path(path).read_text(encoding="utf-8")), path)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from None


def _keep(path: str, evidence: Evidence) -> None:
    """Write beside, then rename: a session is whole or as it was."""
    beside = Path(f"{path}.new")
    try:
        beside.write_text(json.dumps(document(evidence)), encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
