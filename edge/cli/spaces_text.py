"""What `edge spaces` tells people: visits, days, kinds of space, hours of the week, faults and bookings."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from edge.fusion.spaces.read import SpaceReport
    from edge.fusion.spaces.use import KindUse, UseDay, UseHour
    from edge.fusion.spaces.visits import VisitDay

_SHOWN_DAYS: Final = 50
_SHOWN_SPACES: Final = 12
_SHOWN_FAULTS: Final = 30
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def lines(report: "SpaceReport", timezone: str) -> Iterator[str]:
    """The whole report."""
    if not report.steps:
        yield "no readings of doors or rooms"
        return
    yield from _visits(report.visits)
    yield from _days(report.days)
    yield from _kinds(report.kinds)
    yield from _profile(report.profile)
    yield from _faults(report, ZoneInfo(timezone))
    yield from _bookings(report)


def _visits(days: Sequence["VisitDay"]) -> Iterator[str]:
    if not days:
        return
    yield "Visits of the library: counted at its outer doors, half of both ways, and entries corrected"
    yield f"{'date':10} {'counted in':>10} {'out':>7} {'half':>7} {'visits':>7} {'estimated':>9}"
    for day in days[:_SHOWN_DAYS]:
        yield (
            f"{day.date} {day.counted_in:10.0f} {day.counted_out:7.0f} {day.gate_count:7.0f} "
            f"{day.entered:7.0f} {_share(day.share_estimated):>9}"
        )
    yield from _more(len(days), _SHOWN_DAYS, "days")
    yield ""


def _days(days: Sequence["UseDay"]) -> Iterator[str]:
    with_feedback = any(day.feedbacks for day in days)
    yield "Use by day, while open; time without a sensor is left out, not taken for empty"
    yield (
        f"{'space':20} {'date':10} {'counted':>7} {'visits':>7} {'peak':>5} {'mean':>6} {'seat h':>8} "
        f"{'rate':>5} {'>80% h':>6} {'stay h':>6} {'estimated':>9}{' feedback' if with_feedback else ''}"
    )
    for day in days[:_SHOWN_DAYS]:
        pressed = _feedback(day) if with_feedback else ""
        yield (
            f"{day.space:20} {day.date} {day.counted_in:7.0f} {day.visits_in:7.0f} {day.peak:5.0f} "
            f"{_number(day.mean_people):>6} {day.seat_hours:8.1f} {_share(day.occupancy_rate):>5} "
            f"{day.busy_hours:6.1f} {_number(day.dwell_h):>6} {_share(day.share_estimated):>9}{pressed}"
        )
    yield from _more(len(days), _SHOWN_DAYS, "days")


def _feedback(day: "UseDay") -> str:
    return (
        f" {day.mean_feedback:+8.2f} ({day.feedbacks:.0f})" if day.mean_feedback is not None else f"{'–':>9}"
    )


def _kinds(kinds: Iterable["KindUse"]) -> Iterator[str]:
    yield ""
    yield f"{'kind of space':20} {'spaces':>6} {'seats':>6} {'seat h':>9} {'rate':>5} {'>80% h':>6}"
    for kind in kinds:
        yield (
            f"{kind.kind:20} {kind.spaces:6} {kind.seats:6} {kind.seat_hours:9.1f} "
            f"{_share(kind.occupancy_rate):>5} {kind.busy_hours:6.1f}"
        )


def _profile(profile: Sequence["UseHour"]) -> Iterator[str]:
    """A block a space: a line each day of the week, a column each hour in which it was open."""
    by_space: dict[str, list[UseHour]] = {}
    for row in profile:
        by_space.setdefault(row.space, []).append(row)
    if by_space:
        yield ""
        yield "People on the average by hour of the week, while open"
    for space, rows in list(by_space.items())[:_SHOWN_SPACES]:
        hours = sorted({row.hour for row in rows})
        mean = {(row.weekday, row.hour): f"{row.mean_people:.0f}" for row in rows}
        yield f"{space:20}" + "".join(f"{hour:02d}h".rjust(5) for hour in hours)
        for weekday in sorted({row.weekday for row in rows}):
            cells = "".join(mean.get((weekday, hour), "").rjust(5) for hour in hours)
            yield f"{_WEEKDAYS[weekday - 1]:>20}{cells}".rstrip()
    yield from _more(len(by_space), _SHOWN_SPACES, "spaces")


def _faults(report: "SpaceReport", zone: ZoneInfo) -> Iterator[str]:
    if report.health:
        yield ""
        yield "Sensors, by the site's clock"
    for event in report.health[:_SHOWN_FAULTS]:
        at = datetime.fromtimestamp(event.t_ns / 1e9, zone)
        yield f"{at:%F %H:%M} {event.source}: {event.state}, {event.reason}"
    yield from _more(len(report.health), _SHOWN_FAULTS, "changes")


def _bookings(report: "SpaceReport") -> Iterator[str]:
    if report.bookings:
        yield ""
        of = [watch.outcome for watch in report.bookings]
        told = ", ".join(f"{of.count(name)} {name}" for name in sorted(set(of)))
        yield f"Bookings: {told}"
    for watch in report.bookings:
        if watch.outcome == "used":
            continue
        yield f"booking {watch.booking.id} of {watch.booking.space}: {watch.outcome}"


def _more(n: int, shown: int, what: str) -> Iterator[str]:
    if n > shown:
        yield f"… and {n - shown} more {what} (--json has all)"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"
