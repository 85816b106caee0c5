"""`edge grafana`: boards and alerts to a Grafana and back, or into files for provisioning."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from edge.cli.common import checked_url, json_option, print_json
from edge.errors import ConfigError, EdgeError

if TYPE_CHECKING:
    from grafana.deploy import Change, Wanted

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
SIGNS = {"create": "+", "update": "~", "same": "=", "refused": "!"}


def edition_options(command: F) -> F:
    """Which boards: the language of people, that of queries, and the library."""
    for option in (
        click.option(
            "--site", "site_path", metavar="SITE", help="Names, time zone and floor plan from here."
        ),
        click.option(
            "--queries", type=click.Choice(["influxql", "flux"]), default="influxql", show_default=True
        ),
        click.option("--lang", "language", type=click.Choice(["en", "zh"]), default="en", show_default=True),
    ):
        command = option(command)
    return command


def server_options(command: F) -> F:
    """Which Grafana, and the token, which is never an argument: arguments are in the list of processes."""
    for option in (
        click.option("--token-file", metavar="FILE", help="A service account's token; else $GRAFANA_TOKEN."),
        click.option("--url", envvar="GRAFANA_URL", default="http://127.0.0.1:3000", show_default=True),
    ):
        command = option(command)
    return command


@click.group()
def command() -> None:
    """Bring the boards and alerts to a Grafana, or into files."""


@command.command(short_help="Create or update boards and alerts.")
@edition_options
@server_options
@click.option("--config", "config_path", metavar="FILE", help="The daemon's: also set up the data source.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--force", is_flag=True, help="Overwrite what was changed in the browser.")
@json_option
def push(
    site_path: str | None,
    queries: Any,
    language: Any,
    url: str,
    token_file: str | None,
    config_path: str | None,
    dry_run: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Create or update folder, data source, boards and alerts; a second push changes nothing."""
    from grafana import deploy

    wanted = _wanted(site_path, queries, language, config_path)

    async def work() -> "list[Change]":
        async with _client(url, token_file) as client:
            await client.health()
            if dry_run:
                return [change async for change in deploy.plan(client, wanted, force=force)]
            return await deploy.push(client, wanted, force=force)

    changes = _run(work())
    _report(changes, as_json, details=dry_run)
    sys.exit(1 if any(change.what == "refused" for change in changes) else 0)


@command.command()
@edition_options
@server_options
@json_option
def diff(
    site_path: str | None, queries: Any, language: Any, url: str, token_file: str | None, as_json: bool
) -> None:
    """Say what differs between Grafana and the boards here. Exits with 1 where something does."""
    from grafana import deploy

    wanted = _wanted(site_path, queries, language, None)

    async def work() -> "list[Change]":
        async with _client(url, token_file) as client:
            return [change async for change in deploy.plan(client, wanted)]

    changes = _run(work())
    _report(changes, as_json, details=True)
    sys.exit(1 if any(change.what != "same" for change in changes) else 0)


@command.command(short_help="Fetch the boards as they are stored.")
@edition_options
@server_options
@click.option("--out", "folder", required=True, metavar="FOLDER", help="Where the files go.")
@json_option
def pull(
    site_path: str | None,
    queries: Any,
    language: Any,
    url: str,
    token_file: str | None,
    folder: str,
    as_json: bool,
) -> None:
    """Fetch the boards as they are stored, to keep what was changed in the browser."""
    from grafana import deploy

    uids = [board["uid"] for board in _wanted(site_path, queries, language, None).boards]

    async def work() -> dict[str, Any]:
        async with _client(url, token_file) as client:
            return await deploy.pull(client, uids)

    written = [_write(Path(folder) / f"{uid}.json", board) for uid, board in _run(work()).items()]
    print_json({"files": written}) if as_json else click.echo("\n".join(written))


@command.command(short_help="Write boards and provisioning files.")
@edition_options
@click.option("--out", "folder", required=True, metavar="FOLDER", help="Where the files go.")
@json_option
def export(site_path: str | None, queries: Any, language: Any, folder: str, as_json: bool) -> None:
    """Write boards and provisioning files, for a Grafana that reads its own folder."""
    from grafana.provision import files, rules_file

    wanted = _wanted(site_path, queries, language, None)
    out = Path(folder)
    written = [_write(out / "dashboards" / f"{board['uid']}.json", board) for board in wanted.boards]
    texts = {name.removeprefix("provisioning/"): text for name, text in files()}
    texts["alerting.yaml"] = rules_file(dict(wanted.rules))
    for name, text in texts.items():
        place = out / "provisioning" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        written.append(str(place))
    print_json({"files": written}) if as_json else click.echo("\n".join(written))


@command.command()
@edition_options
@json_option
def validate(site_path: str | None, queries: Any, language: Any, as_json: bool) -> None:
    """Check the boards for what Grafana's schema can't say. Exits with 1 where something is wrong."""
    from grafana.columns import known_units
    from grafana.lint import lint

    faults = lint(_wanted(site_path, queries, language, None).boards, known_units())
    print_json({"faults": faults}) if as_json else click.echo("\n".join(faults) or "no faults")
    sys.exit(1 if faults else 0)


@command.command(short_help="Mark changes of spaces on the boards.")
@click.option("--site", "site_path", required=True, metavar="SITE", help="The site file (TOML).")
@click.option("--config", "config_path", required=True, metavar="FILE", help="The daemon's, with [[change]].")
@server_options
@json_option
def mark(site_path: str, config_path: str, url: str, token_file: str | None, as_json: bool) -> None:
    """Mark the changes of spaces that [[change]] names, as annotations; what is marked already stays."""
    from grafana.marks import Mark
    from grafana.marks import mark as made

    marks = [Mark(space, t_ms, text) for space, t_ms, text in _changes(site_path, config_path)]

    async def work() -> "list[Change]":
        async with _client(url, token_file) as client:
            return [change async for change in made(client, marks)]

    _report(_run(work()), as_json, details=False)


def _changes(site_path: str, config_path: str) -> Iterator[tuple[str, int, str]]:
    """Space, the beginning of the day in ms since 1970, and what was changed."""
    from edge.config import load_site
    from edge.daemon_config import load_config

    site = load_site(site_path)
    known = {space.id for space in site.spaces}
    for row in load_config(config_path).changes:
        if row.space not in known:
            raise ConfigError(f"{config_path}: [[change]]: no such space: {row.space!r}")
        day = datetime.combine(row.date, datetime.min.time(), ZoneInfo(site.site.timezone))
        yield row.space, round(day.timestamp() * 1000), row.text


def _wanted(site_path: str | None, queries: Any, language: Any, config_path: str | None) -> "Wanted":
    from grafana.deploy import Wanted
    from grafana.files import packaged
    from grafana.site import fitted
    from grafana.texts import Texts

    boards, rules = packaged(queries, language)
    if site_path is not None:
        view = _view(site_path)
        boards = [fitted(board, view, language) for board in boards]
    source = _datasource(config_path, queries) if config_path else None
    return Wanted(Texts(language)("common.folder"), boards, rules, source)


def _view(site_path: str) -> Any:
    from edge.config import load_site
    from grafana.site import SiteView, SpaceView

    site = load_site(site_path)
    spaces = [SpaceView(space.id, space.name, space.capacity, space.area_m2) for space in site.spaces]
    return SiteView(site.site.id, site.site.timezone, spaces)


def _datasource(config_path: str, queries: Any) -> dict[str, Any]:
    from edge.daemon_config import load_config
    from edge.secrets import read_secret
    from grafana.provision import datasource

    influx = load_config(config_path).influx
    if influx is None:
        raise ConfigError(f"{config_path}: no table [influx] to make a data source from")
    token = read_secret(influx.token_file) if influx.token_file else ""
    return datasource(queries, influx.url, influx.bucket, influx.org, token)


def _client(url: str, token_file: str | None) -> Any:
    from edge.secrets import read_secret
    from grafana.client import GrafanaClient

    token = read_secret(token_file) if token_file else os.environ.get("GRAFANA_TOKEN", "")
    if not token:
        raise ConfigError("no token: give --token-file, or set GRAFANA_TOKEN")
    return GrafanaClient(checked_url(url), token)


def _run(work: Coroutine[Any, Any, T]) -> T:
    from grafana.client import GrafanaError

    try:
        return asyncio.run(work)
    except GrafanaError as error:
        raise EdgeError(f"grafana: {error}") from None


def _report(changes: "list[Change]", as_json: bool, *, details: bool) -> None:
    if as_json:
        rows = [{"kind": c.kind, "name": c.name, "what": c.what, "details": c.details} for c in changes]
        print_json({"changes": rows})
        return
    for change in changes:
        click.echo(f"{SIGNS[change.what]} {change.kind:<10} {change.name}  {change.what}")
        for line in change.details[:20] if details else ():
            click.echo(f"      {line}")


def _write(path: Path, document: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return str(path)
