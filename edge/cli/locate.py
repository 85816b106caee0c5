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
from edge.fusion.locate import LocateResult, Method, TagPlace


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

    Without any pose, as by a hand-held reader, books are told in the order in which they were first passed;
    sweeps along the same books, there and back or again, are one row. Two shelf labels on a board (--label)
    turn that into places.
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
    """The JSON document of the contract, clause 4; without poses also who was passed in which order."""
    known = [_position(place) for place in result.places if not isnan(place.x_m)]
    found: dict[str, object] = {"positions": known, "skipped": {"lines": skipped}}
    if any(place.method is Method.TIME for place in result.places):
        found["passed"] = [[_passed(place) for place in row] for row in _sweeps(result)]
    return found


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


def _passed(place: TagPlace) -> dict[str, object]:
    return {"epc": place.epc, "reads": place.reads, "confidence": round(place.confidence, 4)}


def _sweeps(result: LocateResult) -> list[list[TagPlace]]:
    """Places by row; each begins with rank 0."""
    first = [n for n, place in enumerate(result.places) if place.rank == 0]
    return [list(result.places[a:b]) for a, b in zip(first, [*first[1:], None], strict=True)]


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
