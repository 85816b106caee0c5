"""`edge locate`: book positions from recordings."""

from collections.abc import Iterable

import click

from edge.cli.common import (
    calibration_option,
    json_option,
    print_json,
    recordings_argument,
    site_option,
    warn_skipped,
)
from edge.fusion.locate import LocateResult, TagPlace


@click.command(name="locate", short_help="Find every book's place along the shelf in a recording.")
@recordings_argument
@site_option
@calibration_option
@json_option
def command(recordings: tuple[str, ...], site_path: str, calibration_path: str | None, as_json: bool) -> None:
    """Find every book's place along the shelf in one or more recordings.

    Several recordings are taken together: a second pass narrows the first. `confidence` is the probability
    that the board and the order to both neighbours are right.
    """
    from edge.calibration_file import load_calibration
    from edge.config import load_site
    from edge.fusion.locate import Options, locate
    from edge.heap import WORKING_BYTES, keep_small
    from edge.recording import read

    site = load_site(site_path)
    keep_small()
    window, reports = read(recordings)
    keep_small(WORKING_BYTES)
    skipped = warn_skipped(reports)
    options = Options(calibration=load_calibration(site_path, calibration_path))
    result = locate(window, {shelf.id: shelf.length_m for shelf in site.shelves}, options)
    if as_json:
        print_json(document(result, skipped))
    else:
        click.echo("\n".join(table(result)))


def document(result: LocateResult, skipped: int) -> dict[str, object]:
    """The JSON document of the contract, clause 4."""
    return {"positions": [_position(place) for place in result.places], "skipped": {"lines": skipped}}


def _position(place: TagPlace) -> dict[str, object]:
    return {
        "epc": place.epc,
        "shelf": place.shelf,
        "x_m": round(place.x_m, 5),
        "x_sd_m": round(place.x_sd_m, 5),
        "rank": place.rank,
        "reads": place.reads,
        "confidence": round(place.confidence, 4),
    }


def table(result: LocateResult) -> Iterable[str]:
    """Lines for people: boards in the order they were scanned, books from left to right."""
    if not result.places:
        yield "No tag was read while the antenna's place on a shelf was known: nothing can be located."
        return
    yield f"{'shelf':16} {'rank':>4}  {'epc':32} {'x cm':>7} {'± cm':>6} {'reads':>6} {'sure':>5}"
    for place in result.places:
        yield (
            f"{place.shelf:16} {place.rank:4d}  {place.epc:32} {place.x_m * 100:7.1f} "
            f"{place.x_sd_m * 100:6.1f} {place.reads:6d} {place.confidence:5.2f}"
        )
