"""A library's month as records, ending now: two full days by the minute, the rest by the hour."""

import math
from collections.abc import Iterator
from typing import Final

from cloud_sync.influx import InfluxSink
from cloud_sync.line_protocol import SiteFacts
from cloud_sync.options import InfluxOptions
from cloud_sync.sink import Batch, Entry
from edge.clock import SystemClock
from edge.events import (
    DoorFlowed,
    Finding,
    GateAlarm,
    InventoryFinished,
    ItemFound,
    ItemMisplaced,
    ItemMissing,
    ItemSeen,
    ItemWrongStatus,
    LspMeasured,
    NodeMeasured,
    Record,
    RoomMeasured,
    SensorHealthChanged,
    ShelfState,
    SinkMeasured,
    SourceCounted,
    SpaceBookingChanged,
    SpaceCapacityChanged,
    SpaceNoiseChanged,
    SpaceOccupied,
    SpaceUsed,
    Spine,
    TagUnknown,
)
from tests.real.influxd import ORG, TOKEN, Influxd

S = 1_000_000_000
MINUTE, HOUR, DAY = 60 * S, 3600 * S, 86_400 * S
SPACES = {"reading-2f": 120, "group-1": 8, "hall": 60, "makers": 24}
FULL = "group-1"
VANISHED = "pir-3"
SHELVES = ("a01-1", "a01-2", "a01-3", "a02-1")
BOOKS = 24
FACTS = SiteFacts(
    capacity=SPACES,
    seats={"reading-2f": 110, "hall": 40, "group-1": 8},
    kind={"reading-2f": "learning", "group-1": "academic", "hall": "cultural", "makers": "creative"},
    zone={"reading-2f": "quiet", "group-1": "collaborative", "hall": "voiced", "makers": "voiced"},
    walk_m={shelf: 0.9 * n for n, shelf in enumerate(SHELVES)},
    entrances={"door-main": "in"},
)
WRONG: Final[dict[int, tuple[Finding, ...]]] = {
    5: ("misplaced",),
    9: ("misplaced",),
    14: ("misplaced",),
    16: ("found",),
    18: ("wrong-status",),
}
SITE, NODE = "main", "edge-1"
GONE = "edge-2"
"""A node that has said nothing for forty minutes."""


async def write(influxd: Influxd, bucket: str, token_file: str, now_ns: int) -> int:
    """Through the product's own sink; returns how many records went."""
    options = InfluxOptions(url=influxd.url, org=ORG, bucket=bucket, token_file=token_file)
    gone = [_node(now_ns - n * MINUTE, n) for n in range(40, 26 * 60)]
    return await _send(options, NODE, list(everything(now_ns))) + await _send(options, GONE, gone)


async def _send(options: InfluxOptions, node: str, records: list[Record]) -> int:
    async with InfluxSink(options, SystemClock(), site=SITE, node=node, facts=FACTS) as sink:
        for start in range(0, len(records), 5000):
            part = [Entry(n, record) for n, record in enumerate(records[start : start + 5000])]
            result = await sink.write(Batch(tuple(part), ((0, len(part)),)))
            assert not result.rejected, result.rejected
            assert len(result.accepted) == len(part)
    return len(records)


def token_text() -> str:
    return TOKEN


def everything(now_ns: int) -> Iterator[Record]:
    """All of it, oldest first within each kind."""
    for n in range(29 * 24, 0, -1):
        yield from _hour(now_ns - n * HOUR)
    for n in range(26 * 60, -1, -1):
        yield from _minute(now_ns - n * MINUTE, n)
    yield from _books(now_ns)
    yield from _happenings(now_ns)


def _crowd(t_ns: int) -> float:
    """0 at night, 1 in the afternoon, less at the weekend; by the clock of Shanghai."""
    hour = (t_ns / HOUR + 8) % 24
    weekday = int((t_ns / HOUR + 8) / 24 + 3) % 7
    day = max(0.0, math.sin((hour - 7.5) / 14.5 * math.pi)) if 7.5 < hour < 22 else 0.0
    return day * (0.55 if weekday > 4 else 1.0)


def _hour(t_ns: int) -> Iterator[Record]:
    local = t_ns // HOUR + 8
    crowd = _crowd(t_ns)
    for space, capacity in SPACES.items():
        people = 0.8 * capacity * crowd
        is_open = float(crowd > 0)
        weekday = (local // 24 + 3) % 7 + 1
        yield SpaceUsed(t_ns, space, weekday, local % 24, people, people * 1.2, is_open, is_open, 3600.0)
    through = int(90 * crowd)
    earlier = int(90 * _crowd(t_ns - 2 * HOUR))
    yield DoorFlowed(t_ns, t_ns - HOUR, "door-main", through, earlier, through * 1.03, earlier * 1.05)
    yield DoorFlowed(t_ns, t_ns - HOUR, "door-hall", through // 3, through // 3, through / 3, through / 3)
    yield RoomMeasured(t_ns, "panel-1", "reading-2f", "feedback", 1.0 if crowd < 0.8 else -1.0)
    yield RoomMeasured(t_ns + 1, "panel-2", "hall", "feedback", -0.4)


def _minute(t_ns: int, ago: int) -> Iterator[Record]:
    crowd = _crowd(t_ns)
    for space, capacity in SPACES.items():
        people = 0.8 * capacity * crowd
        if space == FULL and ago < 90:
            people = capacity * 1.05
        yield SpaceOccupied(t_ns, space, people, 1.0 + people / 20, float(people > 1), "co2+doors")
        ppm = 420 + 900 * people / capacity
        yield RoomMeasured(t_ns, f"co2-{space}", space, "co2_ppm", ppm)
        yield RoomMeasured(t_ns, f"mic-{space}", space, "sound_dba", 32 + 22 * crowd)
    for source, each in (("cart-1", 900), ("door-main", 6), ("co2-hall", 2)):
        yield SourceCounted(t_ns, source, each, each, int(each > 100) * 3, 0, 0, 2.0)
    silent = ago < 100
    yield SourceCounted(
        t_ns, VANISHED, 0 if silent else 4, 0, 0, int(ago == 300), 0, (100 - ago) * 60.0 + 5, up=not silent
    )
    yield _node(t_ns, ago)
    yield SinkMeasured(t_ns, "mqtt", max(0, 200 - ago), 4.0, 1.0, 0)
    yield SinkMeasured(t_ns, "influx", 30, 1.0, 1.0, 3, -0.4)
    yield LspMeasured(t_ns, "folio", 4, int(ago % 9 == 0), 0.21)


def _node(t_ns: int, ago: int) -> NodeMeasured:
    return NodeMeasured(t_ns, "0.1.0", 1e5 - ago * 60, 61_000_000, 0.12, 0.004, 2_000_000, 400_000.0, 0, 1)


def _books(now_ns: int) -> Iterator[Record]:
    day_ns = now_ns - DAY
    for n in range(BOOKS):
        shelf = SHELVES[n % 2]
        epc, barcode = f"E280{n:020X}", f"{n:08d}"
        yield ItemSeen(
            day_ns + n, epc, barcode, shelf, 0.05 + 0.07 * (n // 2), 0.004, n // 2, 0.99 - 0.02 * (n % 7)
        )
    later = now_ns - 3 * HOUR
    for n, findings in WRONG.items():
        place = 0.05 + 0.07 * (n // 2), 0.004, n // 2, 0.96
        yield ItemSeen(later + n, f"E280{n:020X}", f"{n:08d}", SHELVES[n % 2], *place, findings)
    for n in (5, 9, 14):
        near = (f"{n - 1:08d}", f"{n + 1:08d}")
        yield ItemMisplaced(
            later + n, f"E280{n:020X}", f"{n:08d}", SHELVES[n % 2], 0.4, near, "a02-1", near, 0.94
        )
    # One that was misplaced, and has been put right since.
    yield ItemMisplaced(
        day_ns + 500, f"E280{2:020X}", "00000002", "a01-1", 0.4, (None, None), "a01-1", (None, None), 0.9
    )
    yield ItemSeen(later, f"E280{2:020X}", "00000002", "a01-1", 0.12, 0.004, 1, 0.99)
    yield ItemMissing(later, "00000011", "a01-2", 0.97)
    yield ItemMissing(later, "00000900", "a02-1", 0.91)
    yield ItemFound(later + 16, f"E280{16:020X}", "00000016", "a01-1", 0.61)
    yield ItemWrongStatus(later + 18, f"E280{18:020X}", "00000018", "a01-1", "on_loan")
    for n in range(3):
        yield TagUnknown(later + n, f"3034257BF400B7800000{n:04X}", "a01-3", 0.3)
    for n, shelf in enumerate(SHELVES):
        for days in (5, 3, 1):
            rate = 0.99 - 0.06 * n - 0.01 * days
            row = tuple(Spine(f"E2{k}", None, 0.1 * k, 0.01, 0.9, k == 3) for k in range(30 - n))
            yield ShelfState(now_ns - days * DAY, shelf, row, rate)


def _happenings(now_ns: int) -> Iterator[Record]:
    yield InventoryFinished(now_ns - DAY, "round-7", SHELVES, 120, 116, 3, 2)
    yield InventoryFinished(now_ns - 3 * HOUR, "round-8", SHELVES[:2], 60, 57, 3, 2)
    for n, level in enumerate(("near", "full", "over")):
        people = 8.0 * (0.85 + 0.1 * n)
        yield SpaceCapacityChanged(now_ns - (90 - n) * MINUTE, FULL, level, people, 8)  # type: ignore[arg-type]
    yield SpaceCapacityChanged(now_ns - 5 * HOUR, "hall", "ok", 20.0, 60)
    yield SpaceNoiseChanged(now_ns - HOUR, "reading-2f", "loud", 56.0, 50.0)
    for n, state in enumerate(("reserved", "arrived", "in_use", "ghost", "walk_in", "released")):
        yield SpaceBookingChanged(now_ns - (20 - n) * HOUR, FULL, f"b{n}", state)  # type: ignore[arg-type]
    for hours, source, state in ((20, "cart-1", "ok"), (20, VANISHED, "ok"), (19, "door-main", "ok")):
        yield SensorHealthChanged(now_ns - hours * HOUR, source, state, "")  # type: ignore[arg-type]
    for hours, source, state in ((4, "cart-1", "ok"), (5, VANISHED, "ok"), (3, "door-main", "reversed")):
        yield SensorHealthChanged(now_ns - hours * HOUR, source, state, "in and out changed places")  # type: ignore[arg-type]
    yield SensorHealthChanged(now_ns - 98 * MINUTE, VANISHED, "silent", "no reading for two minutes")
    for n in range(4):
        yield GateAlarm(now_ns - (n + 1) * MINUTE, f"E280{n:020X}", "gate-1", "out")
