"""`edge lsp`: ask the library systems of a configuration: are they there, what do they say of a book."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from edge.cli.common import json_option, print_json
from edge.daemon_config import load_config
from edge.errors import ConfigError, EdgeError
from edge.lsp.sink import System
from edge.lsp.systems import NOBODY, systems

F = TypeVar("F", bound=Callable[..., object])

_config: Callable[[F], F] = click.option(
    "--config", "config_path", required=True, metavar="FILE", help="The daemon's configuration."
)


@click.group()
def command() -> None:
    """Ask the library systems that the daemon's configuration names."""


@command.command(short_help="Log in, and ask for a book that is not there.")
@_config
@json_option
def check(config_path: str, as_json: bool) -> None:
    """Log in to each library system and ask for a book that it does not have.

    Exits with 1 where one fails.
    """
    found = asyncio.run(_each(config_path, lambda system: system.status(NOBODY)))
    _show([{"system": name, "ok": not error, "error": error} for name, _, error in found], as_json)
    sys.exit(1 if any(error for _, _, error in found) else 0)


@command.command()
@click.argument("barcode")
@_config
@json_option
def status(barcode: str, config_path: str, as_json: bool) -> None:
    """Show what each library system says of a book."""
    found = asyncio.run(_each(config_path, lambda system: system.status(barcode)))
    rows = [
        {"system": name, "ok": not error, "error": error, "status": said and str(said)}
        for name, said, error in found
    ]
    _show(rows, as_json)
    sys.exit(1 if any(error for _, _, error in found) else 0)


@command.command()
@click.argument("barcodes", nargs=-1, required=True, metavar="BARCODE…")
@click.option("--remote-storage", "storage_id", required=True, metavar="UUID", help="The storage's id.")
@_config
def accession(barcodes: tuple[str, ...], storage_id: str, config_path: str) -> None:
    """Tell FOLIO that books have come into a remote storage.

    Only a person says this: the daemon never does. A return, which is a check-in, is not offered.
    """
    asyncio.run(_accession(barcodes, storage_id, config_path))
    click.echo(f"{len(barcodes)} accessioned", err=True)


async def _accession(barcodes: tuple[str, ...], storage_id: str, config_path: str) -> None:
    from edge.lsp.calls import CallMeter
    from edge.lsp.folio import Folio

    options = load_config(config_path).lsp.folio
    if options is None:
        raise ConfigError(f"{config_path}: no [lsp.folio]")
    folio = Folio(options, CallMeter(Folio.name))
    try:
        for barcode in barcodes:
            await folio.accession(barcode, storage_id)
    finally:
        await folio.close()


async def _each(
    config_path: str, ask: Callable[[System], Awaitable[object]]
) -> list[tuple[str, object, str | None]]:
    """Name, answer and error of each system."""
    found: list[tuple[str, object, str | None]] = []
    for system, _ in systems(load_config(config_path).lsp):
        try:
            found.append((system.name, await ask(system), None))
        except EdgeError as error:
            found.append((system.name, None, str(error)))
        finally:
            await system.close()
    if not found:
        raise ConfigError(f"{config_path}: no [lsp.folio], [lsp.koha] or [lsp.sip2]")
    return found


def _show(rows: list[dict[str, object]], as_json: bool) -> None:
    if as_json:
        print_json({"systems": rows})
        return
    for row in rows:
        said = row["error"] or (row.get("status") or "not known there" if "status" in row else "answers")
        click.echo(f"{row['system']}: {said}")
