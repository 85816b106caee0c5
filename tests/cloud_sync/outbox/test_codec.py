"""Records as bytes and back."""

import json
from contextlib import suppress
from dataclasses import astuple, fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_sync.outbox.codec import checksum, decode, encode
from edge.errors import BadFrame
from edge.events import DoorFlowed, Record, ShelfState
from edge.times import moved
from tests.cloud_sync.records import any_record, seen


@given(any_record())
def test_every_record_comes_back(record: Record) -> None:
    assert decode(encode(record)) == record


@given(any_record())
def test_a_record_is_written_as_json_writes_it(record: Record) -> None:
    values = {one.name: getattr(record, one.name) for one in fields(record)}
    rows = {"books": [astuple(one) for one in record.books]} if isinstance(record, ShelfState) else {}
    plain = {"type": record.TYPE, **values, **rows}
    wanted = json.dumps(plain, separators=(",", ":"), ensure_ascii=False)
    assert encode(record) == wanted.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("value", [1, True, 0.1, 1e300, float("inf"), np.float64(0.1), 2**70])
def test_any_kind_of_number_is_written_as_json_writes_it(value: float) -> None:
    record = DoorFlowed(1, 0, "door", 0, 0, value, 0.0)
    assert json.dumps(value).encode() in encode(record)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_a_bad_frame(body: bytes) -> None:
    with suppress(BadFrame):
        decode(body)


def test_half_a_surrogate_pair_comes_back() -> None:
    assert decode(encode(seen(1, "\ud800"))) == seen(1, "\ud800")


def test_a_key_of_a_newer_version_is_left_out() -> None:
    body = encode(seen(1)).replace(b'"shelf"', b'"colour":"red","shelf"')
    assert decode(body) == seen(1)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"type":"no.such"}', b'{"type":"item.seen"}', b"\xff"])
def test_what_is_no_record_is_a_bad_frame(body: bytes) -> None:
    with pytest.raises(BadFrame):
        decode(body)


@given(st.binary(min_size=1, max_size=50), st.integers(0, 7))
def test_checksum_sees_every_flipped_bit(body: bytes, bit: int) -> None:
    flipped = bytes([body[0] ^ 1 << bit]) + body[1:]
    assert checksum(1, 1, 1, flipped) != checksum(1, 1, 1, body)
    assert checksum(2, 1, 1, body) != checksum(1, 1, 1, body)


def test_a_shift_moves_every_time() -> None:
    later = moved(DoorFlowed(20, 10, "door-1", 1, 2, 1.0, 2.0), 5)
    assert (later.t_ns, later.start_ns) == (25, 15)


def test_a_record_of_before_a_key_was_known_has_its_default() -> None:
    body = encode(seen(1)).replace(b',"findings":[]', b"")
    assert b"findings" not in body
    assert decode(body) == seen(1)
