"""A library system as a sink: decisions wait for it, nothing else does; refusals are dead letters."""

import asyncio
from dataclasses import dataclass, field

import pytest

from edge.errors import SinkRejected, SinkUnavailable
from edge.events import ItemMissing, ItemSeen, ItemWrongStatus, MissingApproved, Record
from edge.library.shelf_list import Status
from edge.lsp import sink as module
from edge.lsp.calls import CallMeter
from edge.lsp.heard import Heard
from edge.lsp.sink import LspSink, ServerFault
from tests.cloud_sync.records import T0_NS, measured, seen
from tests.contracts.sink import batch_of

S = 1_000_000_000


@dataclass
class Scripted:
    """A library system whose answers the test writes down."""

    name: str = "scripted"
    asks: bool = True
    marks: bool = True
    notes_seen: bool = True
    trouble: Exception | None = None
    marked: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def status(self, barcode: str) -> Status | None:
        self.asked.append(barcode)
        if self.trouble:
            raise self.trouble
        return Status.ON_LOAN

    async def mark_missing(self, barcode: str) -> None:
        if self.trouble:
            raise self.trouble
        self.marked.append(barcode)

    async def note_seen(self, barcode: str, t_ns: int) -> None:
        self.noted.append(barcode)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REST_S", 0.0)
    monkeypatch.setattr(module, "_LONGEST_OWN_REST_S", 0.0)
    monkeypatch.setattr(module, "_LOOK_AGAIN_S", 0.0)


def sink_of(system: Scripted) -> tuple[LspSink, Heard]:
    heard = Heard()
    return LspSink(system, CallMeter("scripted"), heard), heard


def approved(barcode: str) -> MissingApproved:
    return MissingApproved(T0_NS, f"id-{barcode}", barcode, "a1", "Li")


def gone(barcode: str) -> ItemMissing:
    return ItemMissing(T0_NS, barcode, "a1", 0.9)


async def test_what_is_approved_is_marked_and_the_rest_is_let_by() -> None:
    system = Scripted()
    sink, heard = sink_of(system)
    batch: list[Record] = [measured(1), approved("x"), gone("y")]
    result = await sink.write(batch_of(batch))
    assert (sorted(result.accepted), result.rejected) == ([0, 1, 2], {})
    assert (system.marked, system.asked) == (["x"], ["y"])
    assert heard.take() == {"x": Status.MISSING, "y": Status.ON_LOAN}


async def test_nothing_but_a_decision_of_a_person_marks_a_book() -> None:
    system = Scripted()
    sink, _ = sink_of(system)
    await sink.write(batch_of([gone("y"), ItemWrongStatus(T0_NS, "E2", "z", "a1", "missing")]))
    assert system.marked == []


async def test_only_decisions_wait_while_the_system_is_away() -> None:
    system = Scripted(trouble=SinkUnavailable("away", retry_after_s=0.0))
    sink, _ = sink_of(system)
    result = await sink.write(batch_of([approved("x"), measured(1), gone("y")]))
    assert (sorted(result.accepted), result.rejected) == ([1, 2], {})
    for _ in range(20):
        kept = await sink.write(batch_of([approved("x")]))
        assert (kept.accepted, kept.rejected, kept.denied) == ([], {}, {})
    system.trouble = None
    assert list((await sink.write(batch_of([approved("x")]))).accepted) == [0]


async def test_the_system_is_not_asked_again_before_the_time_it_named() -> None:
    system = Scripted(trouble=SinkUnavailable("busy", retry_after_s=30.0))
    sink, _ = sink_of(system)
    for _ in range(5):
        await sink.write(batch_of([gone("y")]))
    assert system.asked == ["y"]


async def test_a_refusal_is_a_dead_letter_with_its_reason() -> None:
    system = Scripted(trouble=SinkRejected("422: on loan"))
    sink, _ = sink_of(system)
    result = await sink.write(batch_of([approved("x"), measured(1)]))
    assert result.rejected == {0: "422: on loan"}


async def test_a_record_that_the_server_fails_on_again_and_again_is_given_up() -> None:
    system = Scripted(trouble=ServerFault("500: oh"))
    sink, _ = sink_of(system)
    results = [await sink.write(batch_of([approved("x")])) for _ in range(6)]
    assert [len(result.rejected) for result in results] == [0] * 5 + [1]
    assert "6 times" in results[-1].rejected[0]


async def test_a_finding_of_long_ago_is_not_asked_about() -> None:
    system = Scripted()
    sink, _ = sink_of(system)
    await sink.write(batch_of([measured(1), ItemMissing(S, "y", "a1", 0.9)]))
    assert system.asked == []


async def test_a_book_is_noted_once_a_day() -> None:
    system = Scripted()
    sink, _ = sink_of(system)
    await sink.write(batch_of([seen(1), seen(1), seen(2)]))
    later: ItemSeen = seen(1 + 90_000 * S)
    await sink.write(batch_of([ItemSeen(later.t_ns, later.epc, "00000001", "a1", 0.1, 0.0, 0, 1.0)]))
    assert system.noted == ["00000001", "00000002", "00000001"]


async def test_calls_are_counted_and_timed() -> None:
    meter = CallMeter("folio")
    with meter.call():
        await asyncio.sleep(0.01)
    with pytest.raises(SinkUnavailable), meter.call():
        raise SinkUnavailable("away")
    (found,) = meter.measure(7)
    assert (found.system, found.calls, found.failed) == ("folio", 2, 1)
    assert 0.004 < found.mean_s < 1.0
    (idle,) = meter.measure(8)
    assert (idle.calls, idle.failed, idle.mean_s) == (0, 0, 0.0)
