"""`edge spaces compare`: whether a change of a space helped."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from edge.cli.common import json_option, leave_out_strays, print_json, site_option, warn_skipped

if TYPE_CHECKING:
    from edge.config import Site
    from edge.fusion.spaces.compare import Comparison, Effect, Term

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "workdays", "weekend")
_STEP_NS: Final = 600_000_000_000
_EVERY_NS: Final = 300_000_000_000
_WIDTH, _HEIGHT, _EDGE = 720, 240, 40

Days = dict[str, dict[date, float]]
"""By space: people on the average of the open time of each day."""


@click.command(name="compare", short_help="Say whether a change of a space helped.")
@click.argument("recordings", nargs=-1, metavar="[REC]…")
@site_option
@click.option("--space", required=True, help="The space that was changed.")
@click.option(
    "--change",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of the change. [default: the space's last [[change]] in --config]",
)
@click.option("--term", "terms", multiple=True, metavar="FROM..TO", help="A term; may be given again.")
@click.option("--plot", "plot_path", metavar="FILE", help="Draw the days and the change as SVG.")
@click.option("--config", "config_path", metavar="FILE", help="The daemon's configuration (TOML).")
@json_option
def command(
    recordings: tuple[str, ...],
    site_path: str,
    space: str,
    change: datetime | None,
    terms: tuple[str, ...],
    plot_path: str | None,
    config_path: str | None,
    as_json: bool,
) -> None:
    """Compare the use of a space before and after a change: like days with like, with an interval.

    Weekdays are matched, and terms where they are told; what the rest of the building does alike is taken
    out. Without recordings the daemon's own history is read.
    """
    from edge.config import load_site
    from edge.errors import ConfigError
    from edge.fusion.spaces.compare import compare

    site = load_site(site_path)
    if space not in {one.id for one in site.spaces}:
        raise click.BadParameter(f"no such space: {space!r}", param_hint="--space")
    day = change.date() if change is not None else _last_change(space, config_path)
    days = of_recordings(site, recordings) if recordings else of_history(site, config_path)
    own = sorted(days.get(space, {}).items())
    spans = [_term(text) for text in terms]
    try:
        found = compare(own, day, _others(days, space), spans)
    except ValueError as error:
        raise ConfigError(f"{space}: {error}") from None
    if plot_path is not None:
        Path(plot_path).write_text(svg(own, day, found, space), encoding="utf-8")
    if as_json:
        print_json({"space": space, "change": day.isoformat(), "measure": "people"} | asdict(found))
    else:
        click.echo("\n".join(text(space, day, found)))


def _last_change(space: str, config_path: str | None) -> date:
    from edge.daemon_config import load_config

    days = [row.date for row in load_config(config_path).changes if row.space == space]
    if not days:
        raise click.UsageError("expected --change DATE, or a [[change]] of the space in --config FILE")
    return max(days)


def _others(days: Days, space: str) -> list[tuple[date, float]]:
    """The rest of the building on the days on which all of it is known."""
    rest = [by_day for other, by_day in days.items() if other != space and by_day]
    if not rest:
        return []
    known = set.intersection(*(set(by_day) for by_day in rest))
    return [(day, sum(by_day[day] for by_day in rest)) for day in sorted(known)]


def _term(text: str) -> "Term":
    from edge.fusion.spaces.compare import Term

    first, _, last = text.partition("..")
    try:
        return Term(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        raise click.BadParameter(f"expected FROM..TO, found {text!r}", param_hint="--term") from None


def of_recordings(site: "Site", paths: Sequence[str]) -> Days:
    """Days as `edge spaces` reads them."""
    from edge.fusion.spaces.read import read_spaces
    from edge.recording import read
    from edge.space_models import building_of

    window, reports = read(paths)
    warn_skipped(reports)
    window = leave_out_strays(window)
    found: Days = {}
    for day in read_spaces(window, building_of(site), _EVERY_NS).days:
        if day.mean_people is not None:
            found.setdefault(day.space, {})[day.date] = day.mean_people
    return found


def of_history(site: "Site", config_path: str | None) -> Days:
    """Days as the daemon has kept them."""
    from zoneinfo import ZoneInfo

    from cloud_sync.history_reader import HistoryReader
    from edge.daemon_config import load_config
    from edge.fusion.spaces.hours import LocalTime, parse

    zone, sums = ZoneInfo(site.site.timezone), dict[tuple[str, date], list[float]]()
    reader = HistoryReader(load_config(config_path).state_path(site.site.id) / "history.db")
    try:
        for space in site.spaces:
            hours = parse(space.open)
            for t_ns, people in reader.series("space.people", space.id, 0, 1 << 62, _STEP_NS):
                local = LocalTime.at(t_ns, zone)
                if hours.is_open(local):
                    sums.setdefault((space.id, local.date), []).append(people)
    finally:
        reader.close()
    found: Days = {}
    for (space_id, day), values in sums.items():
        found.setdefault(space_id, {})[day] = sum(values) / len(values)
    return found


def text(space: str, change: date, found: "Comparison") -> Iterator[str]:
    """Lines for people."""
    n = [sum(row.n_before for row in found.matched), sum(row.n_after for row in found.matched)]
    yield f"{space}, changed on {change}: {n[0]} days before, {n[1]} after ({found.left_out} without a like)"
    yield f"people on the average: {found.before:.1f} before, {found.after:.1f} after"
    d = found.difference
    yield f"change: {d.value:+.1f} people ({d.low:+.1f} to {d.high:+.1f}, nine chances in ten){_verdict(d)}"
    if found.relative is not None:
        yield f"of what was before: {_percent(found.relative)}"
    if found.beyond_others is not None:
        yield f"beyond what the rest of the building did: {_percent(found.beyond_others)}"
    for row in found.matched:
        term = ", term" if row.in_term else ""
        yield f"  {_DAYS[row.weekday - 1]}{term}: {row.before:.1f} → {row.after:.1f}"


def _percent(effect: "Effect") -> str:
    return f"{effect.value:+.0%} ({effect.low:+.0%} to {effect.high:+.0%})"


def _verdict(effect: "Effect") -> str:
    return ": could be chance" if effect.low <= 0 <= effect.high else ""


def svg(days: Sequence[tuple[date, float]], change: date, found: "Comparison", title: str) -> str:
    """A dot a day, the matched means, the interval of the later one, and the day of the change."""
    first, last = days[0][0], days[-1][0]
    top = max(*(value for _, value in days), found.before + found.difference.high, 1.0) * 1.1

    def x(day: date) -> float:
        return _EDGE + (_WIDTH - 2 * _EDGE) * (day - first).days / max((last - first).days, 1)

    def y(people: float) -> float:
        return _HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * people / top

    at = x(change)
    dots = "".join(f'<circle cx="{x(day):.1f}" cy="{y(v):.1f}" r="3" fill="#3b6ea5"/>' for day, v in days)
    means = "".join(
        f'<line x1="{a:.1f}" x2="{b:.1f}" y1="{y(v):.1f}" y2="{y(v):.1f}" stroke="#b3541e" stroke-width="2"/>'
        for a, b, v in ((_EDGE, at, found.before), (at, _WIDTH - _EDGE, found.after))
    )
    after = [
        y(max(found.before + change_by, 0.0)) for change_by in (found.difference.high, found.difference.low)
    ]
    band = (
        f'<rect x="{at:.1f}" width="{_WIDTH - _EDGE - at:.1f}" y="{after[0]:.1f}" '
        f'height="{after[1] - after[0]:.1f}" fill="#b3541e" opacity="0.15"/>'
    )
    ticks = range(0, math.ceil(top), max(1, math.ceil(top / 5)))
    scale = "".join(f'<text x="4" y="{y(v) + 4:.1f}">{v}</text>' for v in ticks)
    labels = "".join(
        f'<text x="{x(day):.1f}" y="{_HEIGHT - 12}" text-anchor="middle">{day}</text>'
        for day in (first, change, last)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="sans-serif" font-size="11"><title>{escape(title)}</title>'
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{_EDGE}" y2="{_HEIGHT - _EDGE}" stroke="#888" '
        f'stroke-dasharray="4 3"/><text x="{_EDGE}" y="20">{escape(title)}: people on the average of the '
        f"open time, each day; lines: like days; shaded: nine chances in ten</text>"
        f"{scale}{labels}{band}{means}{dots}</svg>\n"
    )
