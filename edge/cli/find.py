"""`edge find`: where a book was last seen, from the sessions that are kept, and how near it is now."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from edge.cli.common import json_option, print_json, site_option
from edge.cli.stock import load_session, load_shelf_list
from edge.config import load_site
from edge.drivers import SourceSetup
from edge.errors import ConfigError
from edge.fusion.inventory import Stocktake, merged, take_stock
from edge.library.shelf_list import Book, ShelfList
from edge.site_models import boards_of


@click.command(name="find")
@click.argument("barcode")
@site_option
@click.option("--shelf-list", "list_path", required=True, metavar="LIST", help="The shelf list (CSV).")
@click.option("--session", "sessions", multiple=True, metavar="FILE", help="Where to look.")
@click.option("--guide", is_flag=True, help="Show how near it is, from the site's own readers.")
@click.option("--source", "only", multiple=True, metavar="ID", help="--guide: only this reader.")
@click.option("--recording", "recordings", multiple=True, metavar="REC", help="--guide: from a recording.")
@click.option("--speed", default=0.0, type=click.FloatRange(0), help="Of recordings; 0: as fast as can be.")
@click.option(
    "--for", "duration_s", type=click.FloatRange(min=0), help="--guide: stop after so many seconds."
)
@json_option
def command(
    barcode: str,
    site_path: str,
    list_path: str,
    sessions: tuple[str, ...],
    guide: bool,
    only: tuple[str, ...],
    recordings: tuple[str, ...],
    speed: float,
    duration_s: float | None,
    as_json: bool,
) -> None:
    """Say where a book was last seen, and between whom it stands; or where it should stand.

    --guide leads a hand-held reader to it: the bar grows as one comes nearer. The daemon must not have the
    reader meanwhile; where it has it, open its board's page `find`.
    """
    site = load_site(site_path)
    shelf_list = load_shelf_list(list_path)
    if not sessions and not guide and not recordings:
        raise click.UsageError("Say where to look: --session, or --guide.")
    setups = _setups(site_path, only, recordings, speed) if guide or recordings else None
    found = take_stock(merged(map(load_session, sessions)), shelf_list, boards_of(site))
    place = where(barcode, found, shelf_list, site.timezone)
    if not as_json:
        click.echo("\n".join(_lines(place)))
    if setups is not None:
        place |= {"guide": _guide(barcode, shelf_list, setups, duration_s, quiet=as_json)}
    if as_json:
        print_json(place)


def _setups(
    site_path: str, only: Sequence[str], recordings: Sequence[str], speed: float
) -> list[SourceSetup]:
    from edge.drivers import load_setups, replay_setup

    if recordings:
        return [replay_setup("recording", recordings, speed=speed)]
    _, setups = load_setups(site_path)
    if unknown := set(only) - {setup.source for setup in setups}:
        raise ConfigError(f"--source: not in {site_path}: {', '.join(sorted(unknown))}")
    return [setup for setup in setups if not only or setup.source in only]


def _guide(
    barcode: str,
    shelf_list: ShelfList,
    setups: Sequence[SourceSetup],
    duration_s: float | None,
    *,
    quiet: bool,
) -> dict[str, object]:
    from edge.cli.guide import Guide, follow
    from edge.fusion.seek import Seek, wanted_book

    guide = Guide(quiet=quiet)
    seek = Seek(wanted_book(barcode, shelf_list.by_barcode(barcode)))
    asyncio.run(follow(setups, seek, guide, duration_s))
    return {"reads": seek.n_reads, **guide.document()}


def where(barcode: str, found: Stocktake, shelf_list: ShelfList, zone: ZoneInfo) -> dict[str, object]:
    """The last known place of a book. `seen` says whether there is one."""
    book = shelf_list.by_barcode(barcode)
    place: dict[str, object] = {
        "barcode": barcode,
        "call_number": book.call_number if book else None,
        "title": book.title if book else None,
        "belongs_shelf": book.shelf if book else None,
        "status": book.status.value if book else None,
        "seen": False,
    }
    rows = {one.shelf: [other for other in found.books if other.shelf == one.shelf] for one in found.books}
    as_of = {one.shelf: one.as_of_ns for one in found.shelves}
    for one in found.books:
        if one.barcode == barcode:
            row = [other.barcode for other in rows[one.shelf]]
            at = row.index(barcode)
            return place | {
                "seen": True,
                "shelf": one.shelf,
                "x_m": round(one.x_m, 3) if one.x_m == one.x_m else None,
                "between": [_call_number(row, at - 1, shelf_list), _call_number(row, at + 1, shelf_list)],
                "misplaced": any(other.barcode == barcode for other in found.misplaced),
                "as_of": datetime.fromtimestamp(as_of[one.shelf] / 1e9, zone).isoformat(timespec="seconds"),
            }
    return place


def _call_number(row: Sequence[str], at: int, shelf_list: ShelfList) -> str | None:
    book: Book | None = shelf_list.by_barcode(row[at]) if 0 <= at < len(row) else None
    return book.call_number if book else None


def _lines(place: dict[str, object]) -> Iterator[str]:
    yield f"{place['call_number'] or 'not in the list'} “{place['title'] or ''}” [{place['barcode']}]"
    if place["seen"]:
        left, right = place["between"] if isinstance(place["between"], list) else (None, None)
        yield f"  on {place['shelf']}, between {left or 'the left end'} and {right or 'the right end'}"
        yield f"  as of {place['as_of']}" + (", misplaced" if place["misplaced"] else "")
    else:
        yield f"  not seen; belongs on {place['belongs_shelf'] or 'a board that the list does not say'}"
    if place["status"] not in (None, "available"):
        yield f"  status: {place['status']}"
