"""What the commands share: options, the JSON document, what was skipped."""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from edge.recording import Report

if TYPE_CHECKING:
    from edge.fusion.window import Window

F = TypeVar("F", bound=Callable[..., Any])

json_option: Callable[[F], F] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document."
)
site_option: Callable[[F], F] = click.option(
    "--site", "site_path", required=True, metavar="SITE", help="The site file (TOML)."
)
calibration_option: Callable[[F], F] = click.option(
    "--calibration",
    "calibration_path",
    metavar="FILE",
    help="What calibrate kept. [default: beside SITE, where there is one]",
)
label_option: Callable[[F], F] = click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="EPC=SHELF:X_M",
    help="A shelf-label tag with its known place; may be given again.",
)
thorough_option: Callable[[F], F] = click.option(
    "--thorough/--quick",
    default=None,
    help="Books among strong echoes: closer, at twice the time. [default: up to 3,000 tags]",
)
recordings_argument: Callable[[F], F] = click.argument("recordings", nargs=-1, required=True, metavar="REC…")


def known_places(labels: Sequence[str]) -> dict[str, tuple[str, float]]:
    """Board and place in m by the EPC of each label; BadParameter where one says something else."""
    return dict(_label(text) for text in labels)


def _label(text: str) -> tuple[str, tuple[str, float]]:
    epc, _, place = text.partition("=")
    shelf, _, x_m = place.rpartition(":")
    try:
        return epc.upper(), (shelf, float(x_m))
    except ValueError:
        raise click.BadParameter(f"expected EPC=SHELF:X_M, found {text!r}", param_hint="--label") from None


def checked_url(url: str) -> str:
    """The address of a server, without a slash at its end."""
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter(f"expected http://… or https://…, found {url!r}", param_hint="--url")
    return url.rstrip("/")


def age(seconds: float | None) -> str:
    """A length of time in its largest whole unit; "-" where there is none."""
    if seconds is None:
        return "-"
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def print_json(document: object) -> None:
    """The one document on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))


def warn_skipped(reports: Sequence[Report], shown: int = 5) -> int:
    """Say on stderr what was not read, a line each for the first ones; return how many lines were skipped."""
    for report in reports:
        for skip in report.skips[:shown]:
            click.echo(f"{report.path}:{skip.line}: skipped: {skip.reason}", err=True)
        if report.n_skipped > shown:
            click.echo(f"{report.path}: {report.n_skipped} lines skipped in all", err=True)
        if report.truncated:
            click.echo(f"{report.path}: {report.truncated}", err=True)
    return sum(report.n_skipped for report in reports)


def leave_out_strays(window: "Window") -> "Window":
    """The readings of doors and rooms without those whose time cannot be right; they are told on stderr."""
    from edge.fusion.spaces.strays import without_strays

    kept, strays = without_strays(window)
    if strays is not None:
        click.echo(f"{strays}", err=True)
    return kept
