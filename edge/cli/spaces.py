"""`edge spaces`: people per space and the use of spaces, from recordings."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

import click

from edge.cli.common import json_option, leave_out_strays, recordings_argument, site_option, warn_skipped
from edge.cli.spaces_compare import command as compare_command
from edge.errors import ConfigError
from edge.files import read_text

if TYPE_CHECKING:
    from edge.fusion.spaces.bookings import Booking, BookingRules
    from edge.fusion.spaces.monitor import NoiseLimit

_SECONDS: Final = {"": 1.0, "s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}


class Duration(click.ParamType[int]):
    """A time such as 60s, 5min or 1h, in nanoseconds."""

    name = "duration"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)(s|min|m|h|)", value.strip())
        if found is None or float(found[1]) <= 0:
            self.fail(f"expected a time such as 60s, 5min or 1h, found {value!r}", param, ctx)
        return round(float(found[1]) * _SECONDS[found[2]] * 1e9)


class _WithDefault(click.Group):
    """A group whose first word may be left out: `edge spaces REC…` is `edge spaces count REC…`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *self.get_help_option_names(ctx)):
            args.insert(0, "count")
        return super().parse_args(ctx, args)


@click.group(
    name="spaces", cls=_WithDefault, short_help="Count people per space, and say how spaces are used."
)
def command() -> None:
    """Count people per space, say how spaces are used, and whether a change of a space helped.

    `edge spaces REC… --site SITE` is `edge spaces count …`.
    """


command.add_command(compare_command)


@command.command(short_help="Count people per space.")
@recordings_argument
@site_option
@click.option("--every", "every_ns", type=Duration(), default="60s", show_default=True, help="Time step.")
@click.option("--bookings", "bookings_path", metavar="FILE", help="Bookings as JSON lines.")
@click.option("--config", "config_path", metavar="FILE", help="The daemon's configuration (TOML).")
@click.option("--live", is_flag=True, help="What the daemon would have told then, not what is known now.")
@json_option
def count(
    recordings: tuple[str, ...],
    site_path: str,
    every_ns: int,
    bookings_path: str | None,
    config_path: str | None,
    live: bool,
    as_json: bool,
) -> None:
    """Count people per space from recordings of door counters and room sensors, and say how spaces are used.

    What was read later tells what was before: every estimate uses the whole recording, and so do visits, use,
    bookings and events. With --live each uses only what was read before it, as the daemon does. Faults of
    sensors have the time at which they could be found. Not for life safety.
    """
    from edge.cli.spaces_document import pieces
    from edge.cli.spaces_text import lines
    from edge.config import load_site
    from edge.fusion.spaces.read import read_spaces
    from edge.recording import read
    from edge.space_models import building_of

    site = load_site(site_path)
    bookings = read_bookings(bookings_path) if bookings_path else []
    window, reports = read(recordings)
    warn_skipped(reports)
    window = leave_out_strays(window)
    rules, limits = _house(config_path)
    report = read_spaces(window, building_of(site), every_ns, bookings, rules, limits, live=live)
    if report.n_repeats:
        click.echo(f"{report.n_repeats} counts of doors came twice: they count once", err=True)
    if as_json:
        for piece in pieces(report):
            click.echo(piece, nl=False)
    else:
        click.echo("\n".join(lines(report, site.site.timezone)))


def _house(config_path: str | None) -> "tuple[BookingRules, tuple[NoiseLimit, ...]]":
    """What the daemon's configuration says of bookings and of noise; its models take a while to be made."""
    from edge.fusion.spaces.bookings import BookingRules

    if config_path is None:
        return BookingRules(), ()
    from edge.daemon_config import load_config
    from edge.space_models import booking_rules, noise_limits

    config = load_config(config_path)
    return booking_rules(config), noise_limits(config)


def read_bookings(path: str) -> "list[Booking]":
    """The bookings of a file of JSON lines. Raises ConfigError with file, line and what was expected."""
    return list(_bookings(path, read_text(path).split("\n")))


def _bookings(path: str, lines: Iterable[str]) -> "Iterator[Booking]":
    from edge.fusion.spaces.bookings import Booking

    for n, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield Booking(str(row["id"]), str(row["space"]), _ns(row["from"]), _ns(row["to"]))
        except (ValueError, TypeError, KeyError) as error:
            wanted = "expected id, space, from and to, times as RFC 3339 with an offset"
            raise ConfigError(f"{path}:{n}: {wanted}: {error}") from None


def _ns(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"no offset in {text!r}")
    return round(moment.timestamp()) * 1_000_000_000
