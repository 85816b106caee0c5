"""`edge locate`: book positions from recordings."""

from collections.abc import Iterable
from math import isnan

import click

from edge.cli.common import (
    calibration_option,
    json_option,
    known_places,
    label_option,
    print_json,
    recordings_argument,
    site_option,
    thorough_option,
    warn_skipped,
)
from edge.fusion.locate import LocateResult, TagPlace


@click.command(name="locate", short_help="Find every book's place along the shelf in a recording.")
@recordings_argument
@site_option
@calibration_option
@label_option
@thorough_option
@json_option
def command(
    recordings: tuple[str, ...],
    site_path: str,
    calibration_path: str | None,
    labels: tuple[str, ...],
    thorough: bool | None,
    as_json: bool,
) -> None:
    """Find every book's place along the shelf in one or more recordings.

    Several recordings are taken together: a second pass narrows the first. `confidence` is the probability
    that the board and the order to both neighbours are right.

    Without any pose, as by a hand-held reader, books are told in the order in which they were passed, each
    sweep between two pauses by itself. Two shelf labels on a board (--label) turn that into places.
    """
    from edge.calibration_file import load_calibration
    from edge.config import load_site
    from edge.fusion.locate import Options, locate
    from edge.fusion.locate.handheld import locate_by_time
    from edge.heap import WORKING_BYTES, keep_small
    from edge.recording import read

    site = load_site(site_path)
    keep_small()
    window, reports = read(recordings)
    keep_small(WORKING_BYTES)
    skipped = warn_skipped(reports)
    options = Options(calibration=load_calibration(site_path, calibration_path), thorough=thorough)
    if len(window.poses):
        result = locate(window, {shelf.id: shelf.length_m for shelf in site.shelves}, options)
    else:
        result = locate_by_time(window, known_places(labels), options)
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
        "shelf": place.shelf or None,
        "x_m": _known(place.x_m),
        "x_sd_m": _known(place.x_sd_m),
        "rank": place.rank,
        "reads": place.reads,
        "confidence": round(place.confidence, 4),
    }


def _known(metres: float) -> float | None:
    return None if isnan(metres) else round(metres, 5)


def _cm(metres: float) -> str:
    return "-" if isnan(metres) else f"{metres * 100:.1f}"


def table(result: LocateResult) -> Iterable[str]:
    """Lines for people: boards in the order they were scanned, books from left to right."""
    if not result.places:
        yield "No tag was read on a pass along a shelf, nor in a sweep of a second: nothing can be located."
        return
    yield f"{'shelf':16} {'rank':>4}  {'epc':32} {'x cm':>7} {'± cm':>6} {'reads':>6} {'sure':>5}"
    for place in result.places:
        yield (
            f"{place.shelf or '-':16} {place.rank:4d}  {place.epc:32} {_cm(place.x_m):>7} "
            f"{_cm(place.x_sd_m):>6} {place.reads:6d} {place.confidence:5.2f}"
        )
