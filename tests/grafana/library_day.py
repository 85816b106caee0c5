"""A library's last hours as readings, with all that a board must show in them; and the same without a fault.

Time is told as hours before now, so that a moment of the scene can be read off: `ago(1.5)` is an hour and a
half before its end. What is said here of each sensor is what the tests expect on the boards.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from edge.columns import Readings, from_readings
from edge.recording import lines_of
from edge.sensors.replay.merge import by_time
from edge.sensors.simulate.config import Stock
from edge.sensors.simulate.scene import Truth, shelf_scene
from edge.types import DoorCount, Reading, RoomSample, TagRead
from tests.grafana.library_site import ANNEX as ANNEX
from tests.grafana.library_site import BOARDS as BOARDS
from tests.grafana.library_site import FEEDBACK as FEEDBACK
from tests.grafana.library_site import FULL as FULL
from tests.grafana.library_site import GATE as GATE
from tests.grafana.library_site import INSIDE, OUTSIDE, ROOMS, UNUSED, Room, site_toml
from tests.grafana.library_site import LOUD as LOUD
from tests.grafana.library_site import NEAR as NEAR
from tests.grafana.library_site import SILENT as SILENT
from tests.grafana.library_site import STUFFY as STUFFY

S = 1_000_000_000
MINUTE, HOUR = 60 * S, 3600 * S
HOURS = 5.0
NO_BOOKS = "barcode,epc,call_number,scheme,title,shelf,sort_key,status\n"
NEVER_READ = 9
"""Books that the list has on the last board, and that no cart ever reads: its read rate is low."""


@dataclass(frozen=True, slots=True)
class Day:
    """A recording's lines, with its site file and shelf list, bookings, and one book that is misplaced."""

    lines: bytes
    site: str
    shelf_list: str
    misplaced: str = ""
    bookings: list[dict[str, str]] = field(default_factory=list)


def eventful(end_ns: int) -> Day:
    """Hours in which everything happens that somebody must be told of."""
    stock = Stock(misplaced=3, missing=2, unknown=2, wrong_status=2)
    start_ns = end_ns - 90 * MINUTE
    books, truth = shelf_scene(21, boards=len(BOARDS), stock=stock, start_ns=start_ns)
    people = [r for r in _building(end_ns, HOURS, calm=False) if not _is_silent(r, end_ns)]
    misplaced = next(one.barcode for one in truth.stood if one.misplaced)
    lines = _lines([*people, *_gate(truth, end_ns)], books)
    return Day(lines, site_toml(), _with_faults(truth), misplaced, _bookings(end_ns))


def calm(end_ns: int) -> Day:
    """Three hours in which nothing happens that anybody must be told of; every book is in its place."""
    stock = Stock(misplaced=0, missing=0, unknown=0, wrong_status=0, on_loan=0.0)
    books, truth = shelf_scene(22, boards=len(BOARDS), stock=stock, start_ns=end_ns - HOUR)
    return Day(_lines(list(_building(end_ns, 3.0, calm=True)), books), site_toml(), truth.shelf_list_csv)


def annex(end_ns: int) -> Day:
    """A small building of its own, with a daemon of its own: one room, one door, one sensor."""
    readings: list[Reading] = []
    for minute in range(120, -1, -1):
        t_ns = end_ns - minute * MINUTE
        readings.append(RoomSample(t_ns, "co2-annex", "co2_ppm", 480.0 + minute % 5))
        readings.append(DoorCount(t_ns, "door-annex", minute % 2, minute % 2))
    return Day(_lines(readings, Readings()), ANNEX, NO_BOOKS)


def _lines(people: list[Reading], books: Readings) -> bytes:
    return b"".join(lines_of(by_time([from_readings(people), books])))


def _building(end_ns: int, hours: float, *, calm: bool) -> Iterator[Reading]:
    """Doors, air, sound and heads, minute by minute; each room fills in its first half hour."""
    inside = dict.fromkeys((room.id for room in ROOMS), 0)
    ppm = dict.fromkeys(inside, 430.0)
    for minute in range(round(hours * 60), -1, -1):
        t_ns, since = end_ns - minute * MINUTE, hours * 60 - minute
        for n, room in enumerate(ROOMS):
            wanted = min(_wanted(room, minute, calm=calm), round(since))
            yield from _passed(t_ns + n * S, room, wanted - inside[room.id], round(since))
            inside[room.id] = wanted
            ppm[room.id] += 0.05 * (_settled_ppm(room, wanted, minute, calm=calm) - ppm[room.id])
            wobble = (minute * 7 + n) % 5 - 2
            yield RoomSample(t_ns + n * S, f"co2-{room.id}", "co2_ppm", round(ppm[room.id] + 3 * wobble))
            loud = not calm and room.id == LOUD and minute <= 60
            sound_dba = (66.0 if loud else room.sound_dba) + 0.4 * wobble
            yield RoomSample(t_ns + n * S, f"mic-{room.id}", "sound_dba", sound_dba)
            if minute % 10 == 5:
                yield RoomSample(t_ns + n * S, f"staff-{room.id}", "people", float(wanted))
        yield RoomSample(t_ns, SILENT, "temperature_c", 21.0 + minute % 7 / 10)
        yield RoomSample(t_ns, f"pir-{UNUSED}", "presence", 0.0)
        if minute % 20 == 3:
            yield RoomSample(t_ns, FEEDBACK, "feedback", -1.0 if minute <= 60 else 1.0)


def _wanted(room: Room, minute: int, *, calm: bool) -> int:
    if calm or minute > 100:
        return room.people
    return {FULL: 9, NEAR: 21}.get(room.id, room.people)


def _settled_ppm(room: Room, people: int, minute: int, *, calm: bool) -> float:
    """Where the air comes to rest; in the stuffy room the ventilation has failed."""
    fresh_m3_h = 1.8 * room.area_m2 * 3.2
    if not calm and room.id == STUFFY and minute <= 100:
        return 1700.0
    return 425.0 + people * 18.0 / 1000 / fresh_m3_h * 1e6


def _passed(t_ns: int, room: Room, change: int, minute: int) -> Iterator[Reading]:
    """Who comes and goes, and those by whom the room gets fuller; who enters a room has come by the hall."""
    going = 1 if room.people and minute % 4 == 0 else 0
    n_in, n_out = max(change, 0) + going, max(-change, 0) + going
    if n_in or n_out:
        yield DoorCount(t_ns, "door-main", n_in, n_out)
        if room.id != "hall":
            yield DoorCount(t_ns, f"door-{room.id}", n_in, n_out)


def _is_silent(reading: Reading, end_ns: int) -> bool:
    return reading.source == SILENT and reading.t_ns > end_ns - 110 * MINUTE


def _gate(truth: Truth, end_ns: int) -> Iterator[Reading]:
    """Three books that nobody has lent go out five minutes ago; one comes in."""
    taken = [one.epc for one in truth.stood if one.barcode and not one.misplaced][:4]
    for n, epc in enumerate(taken):
        sides = (INSIDE, OUTSIDE) if n < 3 else (OUTSIDE, INSIDE)
        for k in range(12):
            t_ns = end_ns - 5 * MINUTE + n * 20 * S + k * S // 8
            yield TagRead(t_ns, GATE, sides[k >= 6], epc, rssi_dbm=-58.0)


def _with_faults(truth: Truth) -> str:
    """The list with one book as missing that stands there, and with some that are not there at all."""
    rows = list(csv.DictReader(io.StringIO(truth.shelf_list_csv)))
    stood = {one.barcode for one in truth.stood if one.barcode and not one.misplaced}
    found = next(row for row in rows if row["barcode"] in stood and row["status"] == "available")
    found["status"] = "missing"
    last = max((row for row in rows if row["shelf"] == BOARDS[-1]), key=lambda row: row["call_number"])
    for n in range(NEVER_READ):
        epc = f"A1E5C0DE0000FFFF{n:08X}"
        rows.append(
            last
            | {
                "barcode": f"3990000{n}",
                "epc": epc,
                "call_number": f"{last['call_number']}.{n}",
                "status": "available",
            }
        )
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _bookings(end_ns: int) -> list[dict[str, str]]:
    """One that is used and over, one to which nobody comes."""

    def booked(id_: str, space: str, from_h: float, to_h: float) -> dict[str, str]:
        return {
            "id": id_,
            "space": space,
            "from": _rfc3339(end_ns - from_h * HOUR),
            "to": _rfc3339(end_ns - to_h * HOUR),
        }

    return [
        booked("b-used", FULL, 3.0, 2.5),
        booked("b-ghost", UNUSED, 2.5, 1.5),
        booked("b-now", FULL, 0.5, -1.0),
    ]


def _rfc3339(t_ns: float) -> str:
    return datetime.fromtimestamp(t_ns / 1e9, UTC).isoformat()
