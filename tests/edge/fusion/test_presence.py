"""Tags at fixed antennas: taken, returned, moved; and nothing said of tags that are missed now and then."""

import random

from edge.columns import from_readings
from edge.events import ItemMoved, ItemReturned, ItemTaken, Record
from edge.fusion.presence import Presence, PresenceOptions
from edge.fusion.window import Window, window
from edge.types import TagRead

S = 1_000_000_000
EPC = "E28011606000020D5F3A1B2C"
OTHER = "E28011606000020D5F3A1B2D"


def read(t_s: float, antenna: int = 1, epc: str = EPC, rssi_dbm: float = -50.0) -> TagRead:
    return TagRead(int(t_s * S), "smart-1", antenna, epc, rssi_dbm)


def windows(reads: list[TagRead], end_s: int, step_s: int = 1) -> list[Window]:
    return [
        window(
            [from_readings(r for r in reads if start * S <= r.t_ns < (start + step_s) * S)],
            start * S,
            (start + step_s) * S,
        )
        for start in range(0, end_s, step_s)
    ]


def run(reads: list[TagRead], end_s: int, presence: Presence | None = None, step_s: int = 1) -> list[Record]:
    presence = presence or Presence()
    return [event for w in windows(reads, end_s, step_s) for event in presence.step(w)]


def test_tag_that_comes_and_goes_is_returned_then_taken() -> None:
    events = run([read(t / 10) for t in range(50, 200)], 60)
    assert [type(e) for e in events] == [ItemReturned, ItemTaken]
    assert 5.0 <= events[0].t_ns / S <= 6.0
    assert 20.0 <= events[1].t_ns / S <= 26.0


def test_tag_that_answers_seldom_is_not_taken() -> None:
    chance = random.Random(7)
    reads = [read(t / 2) for t in range(600) if t < 4 or chance.random() < 0.35]
    assert [type(e) for e in run(reads, 300)] == [ItemReturned]


def test_tag_belongs_to_the_antenna_that_hears_it_best() -> None:
    reads = [read(t / 10, 1 + t % 2, rssi_dbm=-40.0 if t % 2 else -65.0) for t in range(100)]
    presence = Presence(PresenceOptions(places={("smart-1", 2): "a-1", ("smart-1", 1): "a-2"}))
    run(reads, 10, presence)
    assert presence.present() == {EPC: ("smart-1", 2)}


def test_tag_that_moves_to_another_antenna_is_told_once() -> None:
    here = [read(t / 10, 1) for t in range(100)]
    there = [read(t / 10, 2) for t in range(100, 200)]
    events = run(here + there, 19)
    assert [type(e) for e in events] == [ItemReturned, ItemMoved]
    assert isinstance(events[1], ItemMoved)
    assert (events[1].from_shelf, events[1].to_shelf) == ("smart-1-1", "smart-1-2")


def test_one_long_window_gives_what_many_short_ones_give() -> None:
    reads = [read(t / 10) for t in range(50, 200)] + [read(t / 10, epc=OTHER) for t in range(0, 100)]
    assert run(reads, 60, step_s=60) == run(reads, 60)


def test_gap_of_years_costs_no_time_and_takes_the_tag() -> None:
    presence = Presence()
    run([read(t / 10) for t in range(50)], 5, presence)
    year = 365 * 86_400 * S
    events = presence.step(Window(start_ns=5 * S, end_ns=30 * year))
    assert [type(e) for e in events] == [ItemTaken]


def test_memory_is_bounded_by_what_is_in_the_field() -> None:
    presence = Presence()
    for second in range(0, 400, 2):
        reads = [read(second + k / 100, epc=f"{second:08X}{k:04X}") for k in range(10)]
        presence.step(window([from_readings(reads)], second * S, (second + 2) * S))
    assert len(presence._fields) < 600


def test_empty_window_says_nothing() -> None:
    assert Presence().step(Window(start_ns=0, end_ns=S)) == []
