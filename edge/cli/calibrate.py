"""`edge calibrate`: what a recording shows of antennas, encoder and clocks; heads that staff counted."""

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.cli.common import (
    calibration_option,
    json_option,
    known_places,
    label_option,
    print_json,
    site_option,
    warn_skipped,
)
from edge.files import write_whole
from edge.fusion.locate import Calibration, LocateResult

if TYPE_CHECKING:
    from edge.config import Site


@click.command(name="calibrate")
@click.argument("recordings", nargs=-1, metavar="[REC]…")
@site_option
@click.option("--headcount", type=click.IntRange(0, 100_000), help="So many people are in --space now.")
@click.option("--space", help="The space that they were counted in.")
@click.option("--at", "moment", help="When they were counted, RFC 3339 with an offset; now otherwise.")
@click.option("--config", "config_path", metavar="FILE", help="The daemon's configuration (TOML).")
@label_option
@click.option("--save", is_flag=True, help="Keep it where locate, inventory and run read it.")
@calibration_option
@json_option
def command(
    recordings: tuple[str, ...],
    site_path: str,
    headcount: int | None,
    space: str | None,
    moment: str | None,
    config_path: str | None,
    labels: tuple[str, ...],
    save: bool,
    calibration_path: str | None,
    as_json: bool,
) -> None:
    """Show what recordings say of each port (half turns, electrical length), board and clock.

    How far boards' zeros are apart shows by tags that are heard from two of them, and is worked out anew from
    every recording, as ports are. The offset of a board needs shelf-label tags with known places (--label),
    its scale three of them. The clock needs passes along a board in both directions. Board and clock are kept
    with --save, beside what was kept before of other boards and sources.

    With --headcount N --space X: heads that staff counted. They are evidence, no reset: a running daemon
    takes them up within seconds. They are kept in headcounts.jsonl in the daemon's state folder, which
    `edge spaces` reads beside other recordings.
    """
    from edge.calibration_file import as_toml, beside
    from edge.config import load_site
    from edge.fusion.locate import Options, locate
    from edge.fusion.locate.lead import clock_leads
    from edge.fusion.locate.offset import offsets

    site = load_site(site_path)
    if headcount is not None:
        count_heads(site, space, headcount, moment, config_path, as_json=as_json)
        return
    if not recordings:
        raise click.UsageError("expected recordings, or --headcount")
    from edge.recording import read

    known = known_places(labels)
    window, reports = read(recordings)
    warn_skipped(reports)
    lengths_m = {shelf.id: shelf.length_m for shelf in site.shelves}
    leads = clock_leads(window, lengths_m)
    result = locate(window, lengths_m, Options(calibration=Calibration(leads=leads)))
    for epc, (shelf, _) in known.items():
        if not any(one.epc == epc and one.shelf == shelf for one in result.places):
            click.echo(f"--label {epc}: not read on {shelf}: left out", err=True)
    found = Calibration(offsets(result, known), leads)
    if save:
        _keep(site_path, calibration_path or str(beside(site_path)), found)
    if as_json:
        print_json(document(result, found))
    else:
        click.echo("\n".join([*ports(result), *zeros(result), "", as_toml(found)]), nl=False)


def _keep(site_path: str, path: str, found: Calibration) -> None:
    from edge.calibration_file import as_toml, load_calibration, merged

    before = load_calibration(site_path, path) if Path(path).exists() else Calibration()
    write_whole(path, as_toml(merged(before, found)).encode())
    click.echo(f"kept in {path}", err=True)


def count_heads(
    site: "Site",
    space: str | None,
    people: int,
    moment: str | None,
    config_path: str | None,
    *,
    as_json: bool,
) -> None:
    """Keep a count where the daemon looks for it."""
    from edge.daemon_config import load_config
    from edge.headcounts import NAME, keep

    if space is None:
        raise click.UsageError("--headcount needs --space.")
    known = [one.id for one in site.spaces]
    if space not in known:
        raise click.BadParameter(f"expected one of {', '.join(known)}, found {space!r}", param_hint="--space")
    path = load_config(config_path).state_path(site.site.id) / NAME
    t_ns = _t_ns(moment)
    keep(path, space, people, t_ns)
    if as_json:
        print_json({"space": space, "people": people, "t_ns": t_ns, "kept_in": str(path)})
    else:
        click.echo(f"{people} people in {space}: kept in {path}")


def _t_ns(moment: str | None) -> int:
    if moment is None:
        return time.time_ns()
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        at = datetime.min
    if at.tzinfo is None:
        raise click.BadParameter(f"expected RFC 3339 with an offset, found {moment!r}", param_hint="--at")
    return round(at.timestamp()) * 1_000_000_000


def document(result: LocateResult, found: Calibration) -> dict[str, object]:
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
            {
                "shelf": shelf,
                "x_m": round(o.x_m, 5),
                "x_sd_m": round(o.x_sd_m, 5),
                "scale": round(o.scale, 5),
                "labels": o.labels,
            }
            for shelf, o in found.offsets.items()
        ],
        "zeros": [
            {"shelf": shelf, "x_m": round(z.x_m, 5), "x_sd_m": round(z.x_sd_m, 5), "tags": z.tags}
            for shelf, z in result.zeros.items()
        ],
        "clocks": [
            {
                "source": source,
                "lead_s": round(c.lead_s, 6),
                "lead_sd_s": round(c.lead_sd_s, 6),
                "tags": c.tags,
            }
            for source, c in found.leads.items()
        ],
    }


def ports(result: LocateResult) -> list[str]:
    """A line for each port."""
    return [
        f"# {port.source} antenna {port.antenna}: phases known modulo {'π' if port.half_turns else '2π'} "
        f"(flips {port.flip_share:.2f}), {port.extra_length_m:.2f} m of cable and reader, "
        f"{port.channels} channels, {port.reads} reads"
        for port in result.ports
    ]


def zeros(result: LocateResult) -> list[str]:
    """A line for each board whose zero shows against its neighbours'."""
    return [
        f"# {shelf}: zero {zero.x_m * 100:+.2f} ± {zero.x_sd_m * 100:.2f} cm against its neighbours, "
        f"by {zero.tags} tags"
        for shelf, zero in result.zeros.items()
    ]
