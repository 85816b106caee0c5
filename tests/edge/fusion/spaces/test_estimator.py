"""The estimator: counts follow the doors, drift is taken back, and nobody is ever negative."""

from edge.fusion.spaces.read import read_spaces
from tests.edge.fusion.spaces.rooms import MINUTE_NS, door, one_room, room, window_of

DAY_MIN = 24 * 60


def people(building, readings):
    report = read_spaces(window_of(readings), building, MINUTE_NS, live=True)
    return [estimate.people for estimate in report.estimates]


def test_people_follow_the_door() -> None:
    counts = [door(m, 3 if m < 5 else 0, 2 if m > 30 and m < 33 else 0) for m in range(60)]
    found = people(one_room(), counts)
    assert abs(found[10] - 15) < 1.5
    assert abs(found[-1] - 11) < 1.5


def test_more_out_than_in_never_makes_fewer_than_nobody() -> None:
    found = people(one_room(), [door(m, 0, 2) for m in range(120)])
    assert min(found) >= 0


def test_missed_exits_are_gone_by_the_morning() -> None:
    open_hours = one_room(open=("mon-sun 08:00-22:00",))
    day = [door(m, 1140 <= m < 1160, 1200 <= m < 1212) for m in range(DAY_MIN + 120)]
    found = people(open_hours, day)
    assert found[1220] > 4
    assert found[-1] < 0.5


def test_a_head_count_is_believed_more_than_the_doors() -> None:
    counts = [door(m, 1 if m < 20 else 0, 0) for m in range(60)]
    found = people(one_room(), [*counts, room(40.5, "people", 5, "heads")])
    assert found[39] > 18
    assert abs(found[45] - 5) < 1


def test_an_empty_recording_gives_nothing() -> None:
    assert people(one_room(), []) == []


def test_a_jump_of_a_running_total_is_not_taken_for_people() -> None:
    found = people(one_room(), [door(0, 0, 0), door(1, 600_000, 600_000), door(2, -5, 0), door(3, 1, 0)])
    assert max(found) < 3
