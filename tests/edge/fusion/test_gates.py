"""Gates: who has left, which way, and whether anybody must be told."""

import pytest

from edge.columns import from_readings
from edge.events import GateAlarm
from edge.fusion.gates import GateModel, LiveGates
from edge.fusion.window import window
from edge.library.shelf_list import ShelfList
from edge.library.shelf_list_csv import parse_shelf_list
from edge.types import TagRead

S = 1_000_000_000
T0_NS = 1_763_712_000 * S
LENT, HERE, STRANGER = "A1E5C0DE0000000000000001", "A1E5C0DE0000000000000002", "A1E5C0DE0000000000000003"
LIST = f"""barcode,epc,call_number,scheme,title,shelf,sort_key,status
100,{LENT},TP1/1,clc,lent,,,on_loan
200,{HERE},TP1/2,clc,here,,,available
"""
INSIDE, OUTSIDE = 1, 2


def books() -> ShelfList:
    return parse_shelf_list([line.encode() for line in LIST.splitlines(keepends=True)], "list")[0]


def alarms(antennas: list[int], epc: str = HERE, afi: str | None = None) -> list[GateAlarm]:
    """What is told of reads at these antennas, an eighth of a second apart, and five seconds of silence."""
    gates = LiveGates([GateModel("gate-1", INSIDE, OUTSIDE)], books())
    found = []
    for n, antenna in enumerate(antennas):
        read = TagRead(T0_NS + n * S // 8, "gate-1", antenna, epc, afi=afi)
        found += gates.step(window([from_readings([read])], read.t_ns, read.t_ns + S // 8))
    end_ns = T0_NS + len(antennas) * S // 8
    found += gates.step(window([], end_ns, end_ns + 5 * S))
    return [alarm for alarm in found if isinstance(alarm, GateAlarm)]


def test_book_that_goes_out_unlent_is_told_once_with_its_direction() -> None:
    (alarm,) = alarms([INSIDE] * 6 + [OUTSIDE] * 6)
    assert (alarm.source, alarm.epc, alarm.direction) == ("gate-1", HERE, "out")
    assert alarm.t_ns == T0_NS + 11 * S // 8


def test_book_that_comes_in_is_not_told() -> None:
    assert alarms([OUTSIDE] * 6 + [INSIDE] * 6) == []


def test_who_stands_before_the_gate_and_goes_back_is_not_told() -> None:
    assert alarms([INSIDE] * 6 + [OUTSIDE] + [INSIDE] * 6) == []


def test_book_heard_only_behind_the_gate_is_told_without_direction() -> None:
    assert [alarm.direction for alarm in alarms([OUTSIDE] * 3)] == ["unknown"]


@pytest.mark.parametrize(
    ("epc", "afi", "told"),
    [
        (HERE, "C2", False),  # lent at the desk, and the list is behind
        (LENT, "07", False),  # lent, and the desk has missed the tag
        (LENT, None, False),
        (STRANGER, None, False),
        (STRANGER, "07", True),
        (HERE, "AA", True),  # an AFI that says nothing
    ],
)
def test_a_loan_by_either_word_is_a_loan(epc: str, afi: str | None, told: bool) -> None:
    assert bool(alarms([INSIDE] * 6 + [OUTSIDE] * 6, epc, afi)) is told


def test_other_antennas_of_the_reader_are_no_gate() -> None:
    assert alarms([3] * 12) == []
