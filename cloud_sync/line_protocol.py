"""Records as InfluxDB line protocol: a formatter for each record type.

The number of series is bounded by what the site file and the shelf list name. A book has one series for each
kind of event about it, and is written when something about it changes, never on a read. Tags that no list
names could be any number: they share 256 series, their EPC is a field, and their time is moved by less than a
millisecond (by a hash of the EPC) so that two of one moment do not overwrite each other.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from typing import Any, Final, TypeVar

import edge.events as events
from cloud_sync.schema import Measurement
from edge.errors import SinkRejected
from edge.events import Record

Formatter = Callable[[Any], str]
T = TypeVar("T")
_HEADS: Final = 4_096
_SPECIAL: Final = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ "})
# Neither can be written in a tag: a control character ends the line, a backslash escapes what follows it.
_UNWRITABLE: Final = re.compile(r"[\x00-\x1f\x7f\\]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_INT_MIN: Final = -(1 << 63)
_INT_MAX: Final = (1 << 63) - 1
_SLOTS: Final = 256
_SPREAD_NS: Final = 1_000_000
_MAX_TEXT: Final = 60_000
_HEALTHY: Final = "ok"
_LOUDER: Final = ("ok", "loud", "too-loud")


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What the site file adds to records, so that a board can draw shares without knowing the site file.

    `walk_m` is how far a board's left end is along the round that goes by all boards; `entrances` says
    for the doors to the outside which direction enters, "in" or "out".
    """

    capacity: Mapping[str, int] = field(default_factory=dict)
    seats: Mapping[str, int] = field(default_factory=dict)
    kind: Mapping[str, str] = field(default_factory=dict)
    zone: Mapping[str, str] = field(default_factory=dict)
    walk_m: Mapping[str, float] = field(default_factory=dict)
    entrances: Mapping[str, str] = field(default_factory=dict)


class _Known(dict[tuple[Any, ...], T]):
    """What was made of a key before; all is made anew when there are too many."""

    def __init__(self, make: Callable[..., T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: tuple[Any, ...]) -> T:
        if len(self) >= _HEADS:
            self.clear()
        made = self[key] = self._make(*key)
        return made


class Lines:
    """Encoder of one node."""

    def __init__(self, site: str, node: str, facts: SiteFacts | None = None) -> None:
        self._facts = facts or SiteFacts()
        self._common = f"{tag('site', site)}{tag('node', node)}"
        self._head = lru_cache(_HEADS)(self._make_head)
        # The three that are many are written around what they repeat, in one go.
        self._rooms = _Known(self._room_head)
        self._spaces = _Known(self._space_around)
        self._seen = _Known(self._seen_after)
        self._how_sure = _Known(_how_sure)
        self._seen_before = f"{self._head(Measurement.ITEM, 'event', events.ItemSeen.TYPE)[:-1]},item="
        self._formatters: dict[type[Record], Formatter] = {
            events.ItemSeen: self._item_seen,
            events.ItemMoved: self._item_moved,
            events.ItemMisplaced: self._item_misplaced,
            events.ItemMissing: self._item_missing,
            events.ItemFound: self._item_found,
            events.ItemTaken: self._tag_passed,
            events.ItemReturned: self._tag_passed,
            events.ItemWrongStatus: self._item_wrong_status,
            events.TagUnknown: self._tag_unknown,
            events.GateAlarm: self._gate_alarm,
            events.DoorFlowed: self._door,
            events.SpaceOccupied: self._space,
            events.SpaceCapacityChanged: self._capacity,
            events.SpaceNoiseChanged: self._noise,
            events.SpaceAirChanged: self._air,
            events.SpaceUsedAfterHours: self._after_hours,
            events.SpaceBookingChanged: self._booking,
            events.SensorHealthChanged: self._health,
            events.InventoryFinished: self._inventory,
            events.ShelfState: self._shelf,
            events.RoomMeasured: self._room,
            events.SourceCounted: self._source,
            events.SpaceUsed: self._use,
            events.NodeMeasured: self._node,
            events.SinkMeasured: self._sink,
            events.LspMeasured: self._lsp,
            events.MissingApproved: self._missing_approved,
        }

    def line(self, record: Record) -> str:
        """One line without its end. Raises SinkRejected where nothing of the record can be written."""
        return self._formatters[type(record)](record)

    def _make_head(self, measurement: str, *tags: str) -> str:
        """`tags` are names and values in turn; an empty value leaves the tag out."""
        pairs = zip(tags[::2], tags[1::2], strict=True)
        return f"{measurement}{self._common}{''.join(tag(name, value) for name, value in pairs)} "

    def _book(self, kind: str, barcode: str, fields: str, t_ns: int) -> str:
        """A line about a book of the shelf list; there are too many of them to keep their heads."""
        return _line(
            f"{self._head(Measurement.ITEM, 'event', kind)[:-1]}{tag('item', barcode)} ", fields, t_ns
        )

    def _loose(self, measurement_tags: tuple[str, ...], epc: str, fields: str, t_ns: int) -> str:
        """A line about a tag that no list bounds."""
        hashed = zlib.crc32(epc.encode("utf-8", "replace"))
        head = self._head(Measurement.TAG, *measurement_tags, "slot", f"{hashed % _SLOTS:02x}")
        return _line(head, fields, t_ns + hashed // _SLOTS % _SPREAD_NS)

    def _item_seen(self, r: events.ItemSeen) -> str:
        code, epc, x_m, sd_m, sure = r.barcode, r.epc, r.x_m, r.x_sd_m, r.confidence
        is_plain = code is not None and code.isalnum() and epc.isalnum() and len(code) + len(epc) < _MAX_TEXT
        if is_plain and isfinite(x_m + sd_m + sure) and 0 <= r.t_ns < _INT_MAX and 0 <= r.rank <= _INT_MAX:
            how = self._how_sure[sd_m, sure]
            after = self._seen[r.shelf, r.findings]
            return f'{self._seen_before}{code} epc="{epc}",x_m={x_m!r},rank={r.rank}i{how}{after} {r.t_ns}'
        return self._item_seen_by_parts(r)

    def _seen_after(self, shelf: str, findings: tuple[str, ...]) -> str:
        return f",{text('shelf', shelf)}{text('findings', ' '.join(findings))}"[:-1]

    def _item_seen_by_parts(self, r: events.ItemSeen) -> str:
        where = f"{reals('x_m', r.x_m, 'x_sd_m', r.x_sd_m)}{whole('rank', r.rank)}"
        fields = f"{text('epc', r.epc)}{where}{real('confidence', r.confidence)}"
        if not r.barcode:
            return self._loose(("event", r.TYPE, "place", r.shelf), r.epc, fields, r.t_ns)
        found = text("findings", " ".join(r.findings))
        return self._book(r.TYPE, r.barcode, f"{fields}{text('shelf', r.shelf)}{found}", r.t_ns)

    def _item_moved(self, r: events.ItemMoved) -> str:
        where = f"{text('from_shelf', r.from_shelf)}{real('x_m', r.x_m)}"
        fields = f"{text('epc', r.epc)}{where}{real('confidence', r.confidence)}"
        if not r.barcode:
            return self._loose(("event", r.TYPE, "place", r.to_shelf), r.epc, fields, r.t_ns)
        return self._book(r.TYPE, r.barcode, f"{fields}{text('shelf', r.to_shelf)}", r.t_ns)

    def _item_misplaced(self, r: events.ItemMisplaced) -> str:
        where = f"{text('shelf', r.shelf)}{text('belongs_shelf', r.belongs_shelf)}{real('x_m', r.x_m)}"
        walk = self._walk(r.shelf, r.x_m)
        fields = f"{text('epc', r.epc)}{where}{walk}{real('confidence', r.confidence)}"
        return self._book(r.TYPE, r.barcode, fields, r.t_ns)

    def _item_missing(self, r: events.ItemMissing) -> str:
        where = f"{text('shelf', r.expected_shelf)}{self._walk(r.expected_shelf, None)}"
        fields = f"{where}{real('confidence', r.confidence)}"
        return self._book(r.TYPE, r.barcode, fields, r.t_ns)

    def _item_found(self, r: events.ItemFound) -> str:
        where = f"{text('shelf', r.shelf)}{real('x_m', r.x_m)}{self._walk(r.shelf, r.x_m)}"
        fields = f"{text('epc', r.epc)}{where}"
        return self._book(r.TYPE, r.barcode, fields, r.t_ns)

    def _item_wrong_status(self, r: events.ItemWrongStatus) -> str:
        where = f"{text('shelf', r.shelf)}{self._walk(r.shelf, None)}"
        fields = f"{text('epc', r.epc)}{where}{text('status', r.status)}"
        return self._book(r.TYPE, r.barcode, fields, r.t_ns)

    def _tag_passed(self, r: events.ItemTaken | events.ItemReturned) -> str:
        fields = f"{text('epc', r.epc)}{whole('antenna', r.antenna)}"
        return self._loose(("event", r.TYPE, "place", r.place), r.epc, fields, r.t_ns)

    def _tag_unknown(self, r: events.TagUnknown) -> str:
        fields = f"{text('epc', r.epc)}{real('x_m', r.x_m)}"
        return self._loose(("event", r.TYPE, "place", r.shelf), r.epc, fields, r.t_ns)

    def _gate_alarm(self, r: events.GateAlarm) -> str:
        fields = f"{text('epc', r.epc)}{text('direction', r.direction)}"
        return self._loose(("event", r.TYPE, "place", r.source), r.epc, fields, r.t_ns)

    def _door(self, r: events.DoorFlowed) -> str:
        counted = f"{whole('n_in', r.n_in)}{whole('n_out', r.n_out)}"
        corrected = f"{real('corrected_in', r.corrected_in)}{real('corrected_out', r.corrected_out)}"
        fields = f"{counted}{corrected}{self._visits(r)}{real('duration_s', (r.t_ns - r.start_ns) / 1e9)}"
        return _line(self._head(Measurement.DOOR, "door", r.door), fields, r.t_ns)

    def _space(self, r: events.SpaceOccupied) -> str:
        people, sd, occupied = r.people, r.people_sd, r.occupied
        if isfinite(people + sd + occupied) and 0 <= r.t_ns < _INT_MAX:
            before, after = self._spaces[r.space, r.quality]
            return f"{before}people={people!r},people_sd={sd!r},occupied={occupied!r}{after} {r.t_ns}"
        return self._space_by_parts(r)

    def _space_around(self, space: str, quality: str) -> tuple[str, str]:
        capacity = self._facts.capacity.get(space)
        full = "" if capacity is None else whole("capacity", capacity)
        return self._head(Measurement.SPACE, "space", space), f",{text('quality', quality)}{full}"[:-1]

    def _space_by_parts(self, r: events.SpaceOccupied) -> str:
        people = reals("people", r.people, "people_sd", r.people_sd)
        capacity = self._facts.capacity.get(r.space)
        full = "" if capacity is None else whole("capacity", capacity)
        fields = f"{people}{real('occupied', r.occupied)}{text('quality', r.quality)}{full}"
        return _line(self._head(Measurement.SPACE, "space", r.space), fields, r.t_ns)

    def _capacity(self, r: events.SpaceCapacityChanged) -> str:
        fields = f"{text('level', r.level)}{real('people', r.people)}{whole('capacity', r.capacity)}"
        return _line(self._head(Measurement.CAPACITY, "space", r.space), fields, r.t_ns)

    def _noise(self, r: events.SpaceNoiseChanged) -> str:
        level = f"{text('level', r.level)}{whole('severity', _LOUDER.index(r.level))}"
        fields = f"{level}{real('sound_dba', r.sound_dba)}{real('limit_dba', r.limit_dba)}"
        return _line(self._head(Measurement.NOISE, "space", r.space), fields, r.t_ns)

    def _air(self, r: events.SpaceAirChanged) -> str:
        fields = f"{text('level', r.level)}{real('co2_ppm', r.co2_ppm)}{real('limit_ppm', r.limit_ppm)}"
        return _line(self._head(Measurement.AIR, "space", r.space), fields, r.t_ns)

    def _after_hours(self, r: events.SpaceUsedAfterHours) -> str:
        fields = f"{text('state', r.state)}{real('people', r.people)}"
        return _line(self._head(Measurement.AFTER_HOURS, "space", r.space), fields, r.t_ns)

    def _booking(self, r: events.SpaceBookingChanged) -> str:
        fields = f"{text('state', r.state)}{text('booking', r.booking)}"
        return _line(self._head(Measurement.BOOKING, "space", r.space), fields, r.t_ns)

    def _health(self, r: events.SensorHealthChanged) -> str:
        up = whole("up", int(r.state == _HEALTHY))
        fields = f"{up}{text('state', r.state)}{text('reason', r.reason)}"
        return _line(self._head(Measurement.HEALTH, "source", r.source), fields, r.t_ns)

    def _inventory(self, r: events.InventoryFinished) -> str:
        counted = f"{whole('expected', r.expected)}{whole('seen', r.seen)}{whole('misplaced', r.misplaced)}"
        fields = f"{text('session', r.session)}{counted}{whole('missing', r.missing)}"
        return _line(self._head(Measurement.INVENTORY), f"{fields}{whole('shelves', len(r.shelves))}", r.t_ns)

    def _shelf(self, r: events.ShelfState) -> str:
        wrong = sum(book.misplaced for book in r.books)
        fields = f"{whole('books', len(r.books))}{whole('misplaced', wrong)}{real('read_rate', r.read_rate)}"
        return _line(self._head(Measurement.SHELF, "shelf", r.shelf), fields, r.t_ns)

    def _room(self, r: events.RoomMeasured) -> str:
        head = self._rooms[r.source, r.space, r.quantity]
        if isfinite(r.value) and 0 <= r.t_ns < _INT_MAX:
            return f"{head}value={r.value!r} {r.t_ns}"
        return _line(head, real("value", r.value), r.t_ns)

    def _room_head(self, source: str, space: str | None, quantity: str) -> str:
        return self._head(Measurement.ROOM, "source", source, "space", space or "", "quantity", quantity)

    def _source(self, r: events.SourceCounted) -> str:
        taken = f"{whole('received', r.received)}{whole('used', r.used)}{whole('late', r.late)}"
        lost = f"{whole('malformed', r.malformed)}{whole('dropped', r.dropped)}"
        fields = f"{taken}{lost}{real('age_s', r.age_s)}{whole('up', int(r.up))}"
        return _line(self._head(Measurement.SOURCE, "source", r.source), fields, r.t_ns)

    def _use(self, r: events.SpaceUsed) -> str:
        sort = ("kind", self._facts.kind.get(r.space, ""), "zone", self._facts.zone.get(r.space, ""))
        tags = ("space", r.space, "weekday", str(r.weekday), "hour", f"{r.hour:02d}", *sort)
        people = f"{real('people', r.people)}{real('peak', r.peak)}{real('occupied', r.occupied)}"
        # The rate of seats is one of opening hours.
        seats = self._facts.seats.get(r.space) if r.open_share else None
        known = f"{real('open_share', r.open_share)}{real('valid_s', r.valid_s)}"
        fields = f"{people}{known}{real('seat_rate', r.people / seats if seats else None)}"
        return _line(self._head(Measurement.USE, *tags), fields, r.t_ns)

    def _node(self, r: events.NodeMeasured) -> str:
        machine = (
            f"{real('uptime_s', r.uptime_s)}{whole('rss_bytes', r.rss_bytes)}{real('cpu_share', r.cpu_share)}"
        )
        outbox = f"{whole('outbox_bytes', r.outbox_bytes)}{real('outage_left_s', r.outage_left_s)}"
        rest = f"{real('window_s', r.window_s)}{whole('dropped', r.dropped)}{whole('reasons', r.reasons)}"
        fields = f"{text('version', r.version)}{machine}{outbox}{rest}"
        return _line(self._head(Measurement.NODE), fields, r.t_ns)

    def _sink(self, r: events.SinkMeasured) -> str:
        ages = f"{real('oldest_age_s', r.oldest_age_s)}{real('ack_age_s', r.ack_age_s)}"
        off_s = None if r.clock_skew_s is None else abs(r.clock_skew_s)
        clock = f"{real('clock_skew_s', r.clock_skew_s)}{real('clock_off_s', off_s)}"
        fields = f"{whole('depth', r.depth)}{ages}{whole('dead_letters', r.dead_letters)}{clock}"
        return _line(self._head(Measurement.SINK, "sink", r.sink), fields, r.t_ns)

    def _missing_approved(self, r: events.MissingApproved) -> str:
        """Not who approved it: that is between the library and its staff."""
        return self._book("missing-approved", r.barcode, text("shelf", r.expected_shelf), r.t_ns)

    def _lsp(self, r: events.LspMeasured) -> str:
        fields = f"{whole('calls', r.calls)}{whole('failed', r.failed)}{real('mean_s', r.mean_s)}"
        return _line(self._head(Measurement.LSP, "system", r.system), fields, r.t_ns)

    def _walk(self, shelf: str, x_m: float | None) -> str:
        start_m = self._facts.walk_m.get(shelf)
        return "" if start_m is None else real("walk_m", start_m + (x_m or 0.0))

    def _visits(self, r: events.DoorFlowed) -> str:
        entering = self._facts.entrances.get(r.door)
        if entering is None:
            return ""
        if entering == "in":
            return f"{real('visits', r.corrected_in)}{whole('visits_raw', r.n_in)}"
        return f"{real('visits', r.corrected_out)}{whole('visits_raw', r.n_out)}"


def tag(name: str, value: str) -> str:
    """`,name=value`, escaped; nothing for an empty value, which line protocol cannot say."""
    if value.isalnum() and len(value) < _MAX_TEXT:
        return f",{name}={value}"
    if not value:
        return ""
    return f",{name}={_UNWRITABLE.sub('�', value[:_MAX_TEXT]).translate(_SPECIAL)}"


def text(name: str, value: str | None) -> str:
    """`name="value",`, escaped; nothing for None."""
    if value is None:
        return ""
    if value.isalnum() and len(value) < _MAX_TEXT:
        return f'{name}="{value}",'
    plain = _CONTROL.sub("�", value[:_MAX_TEXT]).replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}="{plain}",'


def real(name: str, value: float | None) -> str:
    """`name=1.5,`; nothing for what is not finite. Without an `i` a whole number is a float too."""
    if value is None or not isfinite(value):
        return ""
    return f"{name}={value!r},"


def reals(name: str, value: float, other: str, value2: float) -> str:
    """Two reals at once, as most are."""
    if isfinite(value + value2):
        return f"{name}={value!r},{other}={value2!r},"
    return real(name, value) + real(other, value2)


def whole(name: str, value: int) -> str:
    """`name=2i,`; nothing beyond 64 bits."""
    if not _INT_MIN <= value <= _INT_MAX:
        return ""
    return f"{name}={value}i,"


def _how_sure(x_sd_m: float, confidence: float) -> str:
    """Both are rounded where they are made, so that there are not many."""
    return f",x_sd_m={x_sd_m!r},confidence={confidence!r}"


def _line(head: str, fields: str, t_ns: int) -> str:
    if not fields:
        raise SinkRejected("no field that line protocol can write")
    if not _INT_MIN + 2 <= t_ns < _INT_MAX:
        raise SinkRejected("a time that line protocol cannot write")
    return f"{head}{fields[:-1]} {t_ns}"
