"""Records as MQTT messages."""

import json

import pytest
from hypothesis import given, settings

from cloud_sync import schema
from cloud_sync.messages import Message, Messages, rfc3339
from edge.events import RECORD_TYPES, Record, ShelfState, Spine, record_id
from tests.cloud_sync.records import T0_NS, any_record, measured, occupied, seen

EVENTS = [RECORD_TYPES[name] for name in schema.EVENT_TYPES]


def messages() -> Messages:
    return Messages("main", "n1", {"reading": schema.SpaceInfo(zone="quiet", capacity=120)})


def events(found: list[Message]) -> list[schema.CloudEvent]:
    return [schema.CloudEvent.model_validate_json(m.payload) for m in found if "/event/" in m.topic]


@given(any_record(EVENTS))
@settings(deadline=None)
def test_an_event_has_the_id_that_everybody_computes(record: Record) -> None:
    record_ = _with_ids(record)
    (event,) = events(list(messages().of(record_)))
    assert event.id == record_id("main", "n1", record_)
    assert event.type == record_.TYPE


def test_an_event_is_a_cloud_event() -> None:
    (message,) = messages().of(seen(5), replayed=True)
    event = schema.CloudEvent.model_validate_json(message.payload)
    assert message.topic == "lib/v1/main/n1/event/item.seen"
    assert (event.source, event.subject, event.replayed) == ("/lib/v1/main/n1", "a03-2", True)
    assert event.time == rfc3339(T0_NS + 5)
    assert event.data["epc"] == seen(5).epc
    assert not message.retain


def test_live_events_do_not_say_replayed() -> None:
    (message,) = messages().of(seen(5))
    assert "replayed" not in json.loads(message.payload)


def test_occupancy_is_a_state_and_an_event() -> None:
    state, event = messages().of(occupied(1, people=12.25))
    said = schema.SpaceStateWire.model_validate_json(state.payload)
    assert (state.topic, state.retain, state.expiry_s) == ("lib/v1/main/n1/state/space/reading", True, 900)
    assert (said.people, said.zone, said.capacity) == (12.25, "quiet", 120)
    assert event.topic == "lib/v1/main/n1/event/space.occupancy"


def test_occupancy_that_has_not_changed_is_no_event_but_a_fresh_state() -> None:
    encoder = messages()
    list(encoder.of(occupied(0)))
    assert [m.topic for m in encoder.of(occupied(1))] == ["lib/v1/main/n1/state/space/reading"]
    assert len(list(encoder.of(occupied(2, people=9.0)))) == 2


def test_occupancy_is_an_event_again_after_some_minutes() -> None:
    encoder = messages()
    list(encoder.of(occupied(0)))
    assert len(list(encoder.of(occupied(301_000_000_000)))) == 2


def test_occupancy_that_was_not_delivered_is_said_again() -> None:
    encoder = messages()
    first = list(encoder.of(occupied(0)))
    assert list(encoder.of(occupied(0))) == first


def test_an_old_state_never_covers_a_newer_one() -> None:
    encoder = messages()
    list(encoder.of(occupied(100)))
    assert [m.topic for m in encoder.of(occupied(1), replayed=True)] == [
        "lib/v1/main/n1/event/space.occupancy"
    ]


def test_a_seeded_state_is_not_covered_by_an_older_one() -> None:
    encoder = messages()
    encoder.seed(_shelf(100))
    assert list(encoder.of(_shelf(1), replayed=True)) == []
    assert len(encoder.states(T0_NS)) == 1


def test_a_state_is_said_again_for_as_long_as_it_holds() -> None:
    encoder = messages()
    list(encoder.of(occupied(0)))
    list(encoder.of(_shelf(0)))
    after_10_min, after_a_day = (encoder.states(T0_NS + s * 10**9) for s in (600, 86_400))
    assert [message.expiry_s for message in after_10_min] == [300, 0]
    assert [message.topic for message in after_a_day] == ["lib/v1/main/n1/state/shelf/a03-2"]


def test_a_shelf_is_a_retained_state_and_no_event() -> None:
    (message,) = messages().of(_shelf(1))
    said = schema.ShelfStateWire.model_validate_json(message.payload)
    assert message.retain
    assert [book.epc for book in said.books] == ["E2", "E3"]


def test_telemetry_is_not_published() -> None:
    assert list(messages().of(measured(1))) == []


def test_not_a_number_cannot_be_said() -> None:
    with pytest.raises(ValueError):
        list(messages().of(occupied(1, people=float("nan"))))


@pytest.mark.parametrize("bad", ["a/b", "a+b", "#", "", "A", "a\nb", "ü"])
def test_what_is_no_id_never_becomes_a_topic(bad: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        schema.space_topic("main", "n1", bad)


def test_times_have_nanoseconds() -> None:
    assert rfc3339(1) == "1970-01-01T00:00:00.000000001Z"
    assert rfc3339(1_763_712_000_123_456_789) == "2025-11-21T08:00:00.123456789Z"


@pytest.mark.parametrize("t_ns", [-1, 1 << 63])
def test_impossible_times_cannot_be_said(t_ns: int) -> None:
    if t_ns < 0:
        with pytest.raises(ValueError):
            rfc3339(t_ns)
    else:
        assert rfc3339(t_ns).startswith("2262")


def _shelf(n: int) -> ShelfState:
    books = tuple(Spine(epc, None, 0.1, 0.01, 0.9) for epc in ("E2", "E3"))
    return ShelfState(T0_NS + n, "a03-2", books, 0.99)


def _with_ids(record: Record) -> Record:
    """The same, with ids where ids belong."""
    from dataclasses import fields, replace

    names = {field.name for field in fields(record)}
    ids = {"space", "shelf", "door", "source", "to_shelf"} & names
    return replace(record, **dict.fromkeys(ids, "an-id"))
