"""`edge inventory`: a stock-take from recordings and the shelf list, and what staff decide about it."""

import asyncio
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from edge.calibration_file import load_calibration
from edge.cli.common import (
    calibration_option,
    json_option,
    print_json,
    site_option,
    thorough_option,
    warn_skipped,
)
from edge.cli.stock import (
    keep_session,
    load_lookup,
    load_session,
    load_shelf_list,
)
from edge.clock import SystemClock
from edge.config import load_site
from edge.errors import ConfigError
from edge.files import read_json, read_text, write_whole
from edge.fusion.inventory import Board, Evidence, Options, Stocktake, merged, scan, take_stock
from edge.fusion.inventory.approval import Approval, approvals, missing_barcodes
from edge.fusion.locate import Options as Locating
from edge.library.call_numbers import DEFAULT_SIGN_ORDER
from edge.library.shelf_list import ShelfList
from edge.recording import read
from edge.report.stocktake import as_document, as_text
from edge.report.words import Language, words
from edge.site_models import boards_of

PASSWORD_VARIABLE = "EDGE_SMTP_PASSWORD"


class _WithDefault(click.Group):
    """A group whose first word may be left out: `edge inventory REC…` is `edge inventory take REC…`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *self.get_help_option_names(ctx)):
            args.insert(0, "take")
        return super().parse_args(ctx, args)


@click.group(name="inventory", cls=_WithDefault)
def command() -> None:
    """Take stock from recordings, and decide about what is missing.

    `edge inventory REC… --site SITE --shelf-list LIST` is `edge inventory take …`.
    """


@command.command()
@click.argument("recordings", nargs=-1, metavar="REC…")
@site_option
@click.option("--shelf-list", "list_path", required=True, metavar="LIST", help="The shelf list (CSV).")
@click.option("--session", "session_path", metavar="FILE", help="Go on with this session, and keep it here.")
@click.option("--owner", "owners", multiple=True, metavar="ISIL", help="Owner codes of this library.")
@click.option("--lookup", "lookup_path", metavar="FILE", help="CSV id,barcode: what EPCs or TIDs stand for.")
@click.option("--signs", default=DEFAULT_SIGN_ORDER, show_default=True, help="CLC: order of signs.")
@click.option(
    "--csv", "csv_path", metavar="FILE", help="Write the findings as CSV, with Koha's column names."
)
@click.option("--xlsx", "xlsx_path", metavar="FILE", help="Write the findings as an Excel file.")
@click.option("--mail", "receivers", multiple=True, metavar="TO", help="Send the findings to this address.")
@click.option("--smtp", "smtp_url", metavar="URL", help="Mail server, such as smtps://user@mail.example.org.")
@click.option("--from", "sender", default="library-edge@localhost", show_default=True, help="Mail: sender.")
@click.option(
    "--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Of reports."
)
@calibration_option
@thorough_option
@json_option
def take(
    recordings: tuple[str, ...],
    site_path: str,
    list_path: str,
    session_path: str | None,
    owners: tuple[str, ...],
    lookup_path: str | None,
    signs: str,
    csv_path: str | None,
    xlsx_path: str | None,
    receivers: tuple[str, ...],
    smtp_url: str | None,
    sender: str,
    language: str,
    calibration_path: str | None,
    thorough: bool | None,
    as_json: bool,
) -> None:
    """Take stock: what is misplaced, missing, of wrong status, unknown.

    Recordings of one session add up; without recordings the session's findings are shown again. Nothing is
    marked anywhere.
    """
    site = load_site(site_path)
    shelf_list = load_shelf_list(list_path, signs)
    options = Options(owners=frozenset(owners), lookup=load_lookup(lookup_path))
    boards = boards_of(site)
    locating = Locating(calibration=load_calibration(site_path, calibration_path), thorough=thorough)
    evidence = _evidence(recordings, session_path, shelf_list, boards, options, locating)
    found = take_stock(evidence, shelf_list, boards, options)
    _write(found, shelf_list, Language(language), csv_path, xlsx_path)
    if receivers:
        now = datetime.fromtimestamp(SystemClock().wall_ns() / 1e9, site.timezone)
        _mail(found, shelf_list, Language(language), sender, receivers, smtp_url, now)
    if as_json:
        print_json(as_document(found, site.timezone))
    else:
        click.echo("\n".join(as_text(found, shelf_list)))


@command.command()
@click.argument("barcodes", nargs=-1, metavar="BARCODE…")
@click.option("--findings", "findings_path", required=True, metavar="FILE", help="What --json printed.")
@click.option("--by", required=True, metavar="NAME", help="Who decides; kept with the decision.")
@click.option("--all", "all_missing", is_flag=True, help="Approve every missing book of the findings.")
@click.option("--site", "site_path", metavar="SITE", help="Leave them for this site's daemon.")
@click.option("--config", "config_path", metavar="FILE", help="The daemon's configuration.")
@click.option("--out", "out_path", metavar="FILE", help="Keep them here as well, one JSON line each.")
@json_option
def approve(
    barcodes: tuple[str, ...],
    findings_path: str,
    by: str,
    all_missing: bool,
    site_path: str | None,
    config_path: str | None,
    out_path: str | None,
    as_json: bool,
) -> None:
    """Approve that books are marked missing in the library system.

    Approving twice is one approval. The library system is told by the daemon of --site, through its adapter,
    within seconds or when it runs next.
    """
    if site_path is None and out_path is None:
        raise click.UsageError("Say for which daemon (--site), or into which file (--out).")
    findings = read_json(findings_path)
    wanted = missing_barcodes(findings, findings_path) if all_missing else list(barcodes)
    if not wanted:
        raise click.UsageError("Give barcodes, or --all.")
    decided = approvals(findings, wanted, by, SystemClock().wall_ns(), findings_path)
    added = _append(out_path, decided) if out_path is not None else []
    if site_path is not None:
        added = _leave(site_path, config_path, decided)
    if as_json:
        print_json({"approved": [one.barcode for one in added], "already": len(decided) - len(added)})
    else:
        click.echo(f"{len(added)} approved, {len(decided) - len(added)} were approved before")


def _evidence(
    recordings: Sequence[str],
    session_path: str | None,
    shelf_list: ShelfList,
    boards: Sequence[Board],
    options: Options,
    locating: Locating,
) -> Evidence:
    """The session's evidence with that of the new recordings, which is put away again."""
    known = session_path is not None and Path(session_path).exists()
    before = load_session(str(session_path)) if known else Evidence()
    if not recordings:
        if session_path is None:
            raise click.UsageError("Give recordings, or a session to go on with.")
        return before
    window, reports = read(recordings)
    warn_skipped(reports)
    evidence = merged([before, scan(window, shelf_list, boards, options, locating)])
    if session_path is not None:
        keep_session(session_path, evidence)
    return evidence


def _write(
    found: Stocktake, shelf_list: ShelfList, language: Language, csv_path: str | None, xlsx_path: str | None
) -> None:
    if csv_path is None and xlsx_path is None:
        return
    from edge.report.table import csv_table, xlsx_table

    say = words(language)
    if csv_path is not None:
        # With a byte order mark: Excel takes CSV for the local code page otherwise.
        write_whole(csv_path, csv_table(found, shelf_list, say).encode("utf-8-sig"))
    if xlsx_path is not None:
        write_whole(xlsx_path, xlsx_table(found, shelf_list, say))


def _mail(
    found: Stocktake,
    shelf_list: ShelfList,
    language: Language,
    sender: str,
    receivers: Sequence[str],
    smtp_url: str | None,
    now: datetime,
) -> None:
    from edge.report.letter import letter
    from edge.report.post import parse_post, send

    if smtp_url is None:
        raise click.UsageError("--mail needs --smtp.")
    post = parse_post(smtp_url, os.environ.get(PASSWORD_VARIABLE))
    asyncio.run(send(letter(found, shelf_list, language, sender, receivers, now), post))
    click.echo(f"sent to {', '.join(receivers)}", err=True)


def _leave(site_path: str, config_path: str | None, decided: Sequence[Approval]) -> list[Approval]:
    """For the daemon; those that it does not have yet."""
    from edge.daemon_config import load_config
    from edge.lsp.store import NAME, Store

    store = Store(load_config(config_path).state_path(load_site(site_path).site.id) / NAME)
    try:
        return store.approve(decided)
    finally:
        store.close()


def _append(path: str, decided: Sequence[Approval]) -> list[Approval]:
    """Those that the file does not have yet are added to it."""
    try:
        before = read_text(path) if Path(path).exists() else ""
        known = {json.loads(line)["id"] for line in before.splitlines() if line.strip()}
    except (json.JSONDecodeError, KeyError, TypeError):
        raise ConfigError(f"{path}: not a file of approvals") from None
    added = [one for one in decided if one.id not in known]
    lines = "".join(json.dumps(_row(one), ensure_ascii=False) + "\n" for one in added)
    write_whole(path, (before + lines).encode())
    return added


def _row(one: Approval) -> dict[str, object]:
    return {
        "id": one.id,
        "t_ns": one.t_ns,
        "by": one.by,
        "action": one.action,
        "barcode": one.barcode,
        "expected_shelf": one.expected_shelf,
    }
