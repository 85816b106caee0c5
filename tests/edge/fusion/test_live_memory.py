"""Fusion that is stopped at any moment and goes on from its memory says what it would have said."""

from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from typing import get_args, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.columns import from_readings
from edge.errors import BadFrame
from edge.events import DoorFlowed, Record, RoomMeasured, SpaceBookingChanged, SpaceOccupied, SpaceUsed
from edge.fusion.inventory import Board, take_stock
from edge.fusion.journal import NAME, Journal, part_name
from edge.fusion.live import Live, LiveModel
from edge.fusion.live_memory import KINDS, Base, Part, base_from_bytes, part_from_bytes, to_bytes
from edge.fusion.spaces.bookings import Booking
from edge.fusion.spaces.graph import Building, DoorModel, SpaceModel
from edge.fusion.window import Window, window
from edge.types import DoorCount, Pose, Reading, RoomSample, TagRead
from tests.edge.fusion.inventory.scenes import scene

S = 1_000_000_000
MINUTE = 60 * S
T0 = 1_790_000_040 * S
SECONDS = 200

MODEL = LiveModel(
    space_of_source={"co2": "hall", "seat": "hall"},
    building=Building(
        spaces=(
            SpaceModel(id="hall", capacity=100, open=("mon-sun 00:00-24:00",), kind="learning", zone="quiet"),
        ),
        doors=(DoorModel("door-1", "outside", "hall", "counter"),),
        space_of_source={"co2": "hall", "seat": "hall"},
        timezone="Asia/Shanghai",
    ),
    boards=(Board(shelf="s-1", length_m=1.0),),
)


def second(n: int, start_ns: int = T0) -> list[Reading]:
    """A minute's usual mixture: people, air, seats, a shelf with a tag that comes and goes, a cart."""
    t_ns = start_ns + n * S
    found: list[Reading] = [DoorCount(t_ns + k * 1000, "counter", 1, k % 2) for k in range(n % 4)]
    if n % 10 == 3:
        found.append(RoomSample(t_ns + 5, "co2", "co2_ppm", 500.0 + n))
        found.append(RoomSample(t_ns + 6, "seat", "seat_taken", float(n % 20 > 9)))
    if n % 50 < 30:
        found += [TagRead(t_ns + k * S // 4, "shelf", 1, "E200AA", -50.0 - k) for k in range(4)]
    if 20 < n % 100 < 40:
        found.append(Pose(t_ns, "cart", "s-1", (n % 100 - 20) * 0.05, 0.3))
        found += [
            TagRead(t_ns + k * S // 10, "cart", 1, "E200BB", -55.0, 1.0 + 0.1 * k, 920.6) for k in range(10)
        ]
    return found


def windows(start_ns: int = T0, seconds: int = SECONDS) -> Iterator[Window]:
    for n in range(seconds):
        batch = from_readings(second(n, start_ns))
        yield window([batch], start_ns + n * S, start_ns + (n + 1) * S)


def told_without_a_stop() -> list[Record]:
    live = Live(MODEL)
    records = [record for one in windows() for record in live.step(one)]
    return [*records, *live.finish()]


def resumed(kept: dict[str, bytes]) -> Live:
    live = Live(MODEL)
    base = base_from_bytes(kept[NAME])
    live.recall(base.memory)
    n = 1
    while part_name(n) in kept and (part := part_from_bytes(kept[part_name(n)])).base == base.number:
        for one in part.windows:
            live.relive(one)
        n += 1
    return live


class Writer:
    """Keeps each write in a dictionary, as the outbox does."""

    def __init__(self, live: Live) -> None:
        self.live, self.journal = live, Journal()
        self.kept: dict[str, bytes] = {}

    def after(self, one: Window) -> None:
        self.journal.note(one)
        is_base = self.journal.wants_base(self.live.held_rows())
        writes = self.journal.base(self.live.memory()) if is_base else self.journal.part()
        self.kept = {name: body for name, body in {**self.kept, **writes}.items() if body}


@settings(max_examples=8, deadline=None)
@given(stops=st.sets(st.integers(1, SECONDS - 1), max_size=6))
def test_stops_change_nothing_of_what_is_said(stops: set[int]) -> None:
    live = Live(MODEL)
    writer = Writer(live)
    records: list[Record] = []
    for n, one in enumerate(windows()):
        if n in stops:
            live = resumed(writer.kept)
            writer.live = live
            writer.journal.found(base_from_bytes(writer.kept[NAME]).number, len(writer.kept) - 1)
            writer.journal.lose_base()
        records += live.step(one)
        writer.after(one)
    records += live.finish()
    exactly = (RoomMeasured, DoorFlowed)
    wanted = told_without_a_stop()
    assert [r for r in records if isinstance(r, exactly)] == [r for r in wanted if isinstance(r, exactly)]
    others = {type(r): 0 for r in wanted}
    assert {type(r) for r in records} == set(others)
    assert _people(records) == pytest.approx(_people(wanted), abs=1.5)


def _people(records: Iterable[Record]) -> float:
    return [r.people for r in records if isinstance(r, SpaceOccupied)][-1]


def test_memory_of_a_resting_building_is_small() -> None:
    live = Live(MODEL)
    writer = Writer(live)
    sizes = []
    for one in windows():
        live.step(one)
        writer.after(one)
        sizes.append(sum(map(len, writer.kept.values())))
    assert max(sizes) < 200_000


def test_journal_writes_little_between_two_bases() -> None:
    live = Live(MODEL)
    journal = Journal()
    base_bytes, part_bytes = 0, []
    for one in windows():
        live.step(one)
        journal.note(one)
        if journal.wants_base(live.held_rows()):
            base_bytes = len(journal.base(live.memory())[NAME])
        else:
            part_bytes.append(sum(map(len, journal.part().values())))
    assert len(part_bytes) > SECONDS - 10
    assert np.mean(part_bytes) < 1_000 < base_bytes


def test_flood_of_reads_is_written_as_a_base() -> None:
    live, journal = Live(MODEL), Journal()
    journal.note(Window(start_ns=T0, end_ns=T0 + S))
    journal.base(live.memory())
    reads = [TagRead(T0 + S + k, "shelf", 1, f"E2{k % 100:04}", -50.0) for k in range(10_000)]
    flood = window([from_readings(reads)], T0 + S, T0 + 2 * S)
    live.step(flood)
    journal.note(flood)
    assert journal.wants_base(live.held_rows())


def test_after_a_long_stop_what_was_open_is_told_with_its_own_times() -> None:
    live = Live(MODEL)
    writer = Writer(live)
    for one in windows(seconds=90):
        live.step(one)
        writer.after(one)
    later = resumed(writer.kept)
    (late,) = windows(T0 + 3 * 3600 * S, 1)
    records = later.step(late)
    flows = [r for r in records if isinstance(r, DoorFlowed)]
    assert sum(flow.n_in for flow in flows) == sum(n % 4 for n in range(60, 90))
    assert all(T0 + MINUTE <= flow.start_ns < flow.t_ns <= T0 + 100 * S for flow in flows)
    assert any(isinstance(r, SpaceUsed) for r in records)
    spaces = [r for r in records if isinstance(r, SpaceOccupied)]
    assert not spaces, "estimates of hours in which nobody listened are made up"


def test_after_a_short_stop_the_minute_goes_on() -> None:
    live = Live(MODEL)
    writer = Writer(live)
    parts = list(windows())
    for one in parts[:70]:
        live.step(one)
        writer.after(one)
    later = resumed(writer.kept)
    records = [record for one in parts[75:] for record in later.step(one)]
    flows = [r for r in records if isinstance(r, DoorFlowed) and r.t_ns <= T0 + 120 * S]
    assert sum(flow.n_in for flow in flows) == sum(n % 4 for n in (*range(60, 70), *range(75, 120)))


@pytest.mark.parametrize("years", [-30, -2, 2, 30])
def test_clock_that_jumps_loses_no_count(years: int) -> None:
    live = Live(MODEL)
    there_ns = T0 + years * 365 * 86_400 * S
    records = [r for one in (*windows(seconds=90), *windows(there_ns, 90)) for r in live.step(one)]
    records += live.finish()
    flows = [r for r in records if isinstance(r, DoorFlowed)]
    assert sum(flow.n_in for flow in flows) == 2 * sum(n % 4 for n in range(90))
    assert all(min(abs(f.t_ns - T0), abs(f.t_ns - there_ns)) < 120 * S for f in flows)
    occupied = [r.t_ns for r in records if isinstance(r, SpaceOccupied)]
    assert len(occupied) < 30
    assert min(abs(t_ns - there_ns) for t_ns in occupied) < 100 * S


def test_what_a_board_without_a_clock_counted_before_it_was_set_gets_the_right_time() -> None:
    live = Live(MODEL)
    records = [r for one in (*windows(0, 30), *windows(T0, 60)) for r in live.step(one)]
    flows = [r for r in [*records, *live.finish()] if isinstance(r, DoorFlowed)]
    assert sum(flow.n_in for flow in flows) == sum(n % 4 for n in (*range(30), *range(60)))
    assert all(T0 - MINUTE < flow.t_ns <= T0 + 2 * MINUTE for flow in flows)


def test_a_part_is_no_base() -> None:
    journal = Journal()
    journal.note(Window(start_ns=1, end_ns=2))
    (body,) = journal.part().values()
    with pytest.raises(BadFrame):
        base_from_bytes(body)


def test_memory_that_contradicts_itself_is_refused() -> None:
    live = Live(MODEL)
    writer = Writer(live)
    for one in windows(seconds=3):
        live.step(one)
        writer.after(one)
    base = base_from_bytes(writer.kept[NAME])
    base.memory.presence.fields.pop()
    with pytest.raises(ValueError, match="several sizes"):
        Live(MODEL).recall(base.memory)


def test_bookings_go_on_with_what_was_seen_of_them() -> None:
    booking = Booking("b-1", "hall", T0 - 60 * MINUTE, T0 + 60 * MINUTE)
    live = Live(MODEL)
    list(live.bookings.put(booking, T0 - 61 * MINUTE))
    writer = Writer(live)
    parts = list(windows(seconds=400))
    said = [r for one in parts[:200] for r in (*live.step(one), *(writer.after(one) or ()))]
    later = resumed(writer.kept)
    assert not list(later.bookings.put(booking, T0)), "it was said before"
    said += [r for one in parts[200:] for r in later.step(one)]
    assert [r.state for r in said if isinstance(r, SpaceBookingChanged)] == ["arrived", "in_use"]


def test_the_last_stock_take_outlives_a_restart() -> None:
    live, again = Live(MODEL), Live(MODEL)
    made = scene()
    made.take_away("a1", 15)
    found = take_stock(made.evidence(), made.shelf_list, made.boards)
    live.shelves.keep_last(found)
    again.recall(base_from_bytes(to_bytes(Base(1, live.memory(), {}))).memory)
    assert again.shelves.last == found
    assert repr(again.shelves.last) == repr(found)


def kinds_in(hint: object) -> Iterator[type]:
    """The classes that a value of this type may hold, wherever in it."""
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
        hints = get_type_hints(hint).values()
    else:
        hints = get_args(hint)
    for part in hints:
        yield from kinds_in(part)


def test_whatever_a_memory_may_hold_can_be_kept() -> None:
    assert {kind.__name__ for part in (Base, Part) for kind in kinds_in(part)} <= KINDS.keys()
