"""`edge calibrate`: what a recording shows of each antenna port, and of the encoder's zero."""

from pathlib import Path

import click

from edge.cli.common import json_option, print_json, recordings_argument, site_option, warn_skipped
from edge.fusion.locate import LocateResult
from edge.fusion.locate.offset import Offset, offsets


@click.command(name="calibrate", short_help="Show and keep what a recording says of antenna and encoder.")
@recordings_argument
@site_option
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="EPC=SHELF:X_M",
    help="A shelf-label tag with its known place; may be given again.",
)
@click.option("--save", "save_path", metavar="FILE", help="Keep what was found in this TOML file.")
@json_option
def command(
    recordings: tuple[str, ...], site_path: str, labels: tuple[str, ...], save_path: str | None, as_json: bool
) -> None:
    """Show what recordings say of each port: half turns, electrical length, offset of the phase centre.

    The offset needs shelf-label tags with known places (--label); without any, only the ports are shown.
    """
    from edge.config import load_site
    from edge.fusion.locate import locate
    from edge.recording import read

    site = load_site(site_path)
    known = dict(_label(text) for text in labels)
    window, reports = read(recordings)
    warn_skipped(reports)
    result = locate(window, {shelf.id: shelf.length_m for shelf in site.shelves})
    found = offsets(result, known)
    if save_path is not None:
        Path(save_path).write_text(toml(result, found), encoding="utf-8")
        click.echo(f"kept in {save_path}", err=True)
    if as_json:
        print_json(document(result, found))
    else:
        click.echo(toml(result, found), nl=False)


def _label(text: str) -> tuple[str, tuple[str, float]]:
    epc, _, place = text.partition("=")
    shelf, _, x_m = place.rpartition(":")
    try:
        return epc.upper(), (shelf, float(x_m))
    except ValueError:
        raise click.BadParameter(f"expected EPC=SHELF:X_M, found {text!r}", param_hint="--label") from None


def document(result: LocateResult, found: tuple[Offset, ...]) -> dict[str, object]:
    """What was found, as one JSON document."""
    return {
        "ports": [
            {
                "source": port.source,
                "antenna": port.antenna,
                "half_turns": port.half_turns,
                "flip_share": round(port.flip_share, 4),
                "extra_length_m": round(port.extra_length_m, 4),
                "channels": port.channels,
                "reads": port.reads,
            }
            for port in result.ports
        ],
        "offsets": [
            {"shelf": o.shelf, "x_m": round(o.x_m, 5), "x_sd_m": round(o.x_sd_m, 5), "labels": o.labels}
            for o in found
        ],
    }


def toml(result: LocateResult, found: tuple[Offset, ...]) -> str:
    """The same as TOML: to be read, and to be kept."""
    lines = []
    for port in result.ports:
        lines += [
            "[[port]]",
            f'source = "{port.source}"',
            f"antenna = {port.antenna}",
            f"half_turns = {str(port.half_turns).lower()}  # phases are known modulo π only",
            f"flip_share = {port.flip_share:.4f}",
            f"extra_length_m = {port.extra_length_m:.4f}  # cable and reader, one way",
            f"channels = {port.channels}",
            f"reads = {port.reads}",
            "",
        ]
    for offset in found:
        lines += [
            "[[offset]]  # to be taken from every x_m of the board",
            f'shelf = "{offset.shelf}"',
            f"x_m = {offset.x_m:.5f}",
            f"x_sd_m = {offset.x_sd_m:.5f}",
            f"labels = {offset.labels}",
            "",
        ]
    return "\n".join(lines)
