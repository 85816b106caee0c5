"""Spaces as the daemon runs them: a record each minute, whatever the length of the windows."""

from edge.columns import from_readings
from edge.events import DoorFlowed, Record, SpaceOccupied
from edge.fusion.spaces import Building, DoorModel, SpaceModel
from edge.fusion.spaces.live import LiveSpaces
from edge.fusion.window import Window, window
from edge.types import DoorCount

S = 1_000_000_000
T0 = 1_790_000_040 * S
DAY = 86_400 * S
BUILDING = Building((SpaceModel("hall", 100),), (DoorModel("door-main", "outside", "hall", "counter-1"),))


def entries(minutes: int) -> list[DoorCount]:
    return [DoorCount(T0 + (60 * m + 5) * S, "counter-1", 2, 0) for m in range(minutes)]


def run(counts: list[DoorCount], minutes: int, step_s: int) -> list[Record]:
    live = LiveSpaces(BUILDING)
    records: list[Record] = []
    for start in range(T0, T0 + minutes * 60 * S, step_s * S):
        end = start + step_s * S
        records += live.step(window([from_readings(c for c in counts if start <= c.t_ns < end)], start, end))
    return records


def test_each_minute_has_one_record_a_space_and_a_door() -> None:
    records = run(entries(10), 10, 1)
    people = [r for r in records if isinstance(r, SpaceOccupied)]
    flows = [r for r in records if isinstance(r, DoorFlowed)]
    on_the_minute = [r.t_ns for r in people if r.t_ns % (60 * S) == 0]
    assert on_the_minute == [T0 + 60 * m * S for m in range(1, 11)]
    assert [(r.n_in, r.n_out) for r in flows] == [(2, 0)] * 10
    assert 15 <= people[-1].people <= 25


def test_between_minutes_only_what_changed_is_said() -> None:
    people = [r for r in run(entries(10), 10, 1) if isinstance(r, SpaceOccupied)]
    between = [r for r in people if r.t_ns % (60 * S)]
    assert len(between) == 10
    assert all((r.t_ns - T0) % (60 * S) == 10 * S for r in between)


def test_length_of_the_windows_changes_nothing() -> None:
    assert run(entries(10), 10, 1) == run(entries(10), 10, 600)


def test_years_of_silence_cost_little() -> None:
    live = LiveSpaces(BUILDING)
    live.step(window([from_readings(entries(1))], T0, T0 + 60 * S))
    records = live.step(Window(start_ns=T0 + 60 * S, end_ns=T0 + 3650 * DAY))
    people = [r for r in records if isinstance(r, SpaceOccupied)]
    assert len(people) <= 2_100
    assert all(r.people >= 0 for r in people)


def test_minute_that_is_not_over_is_told_at_the_end() -> None:
    live = LiveSpaces(BUILDING)
    live.step(window([from_readings(entries(1))], T0, T0 + 25 * S))
    live.step(window([from_readings([DoorCount(T0 + 26 * S, "counter-1", 1, 1)])], T0 + 25 * S, T0 + 27 * S))
    flows = [r for r in live.finish() if isinstance(r, DoorFlowed)]
    assert [(r.n_in, r.n_out) for r in flows] == [(3, 1)]
    assert live.finish() == []
