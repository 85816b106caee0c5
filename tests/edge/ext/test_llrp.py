"""The LLRP kernel: every parameter of a tag report, hostile lengths, and that both writings agree."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import BadFrame
from edge.ext import _llrp_py, load
from edge.ext.llrp import MAX_MESSAGE_BYTES, Message, Reports, read_messages
from tests.edge.ext.llrp_bytes import custom, impinj_report, message, report_message, tlv, tv

EPC = tv(13, bytes(12))


def assert_twins_agree(data: bytes) -> None:
    found = load("llrp").read_messages(data, MAX_MESSAGE_BYTES)
    expected = _llrp_py.read_messages(data, MAX_MESSAGE_BYTES)
    assert found[2:] == expected[2:]
    for a, b in zip(found[:2], expected[:2], strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        np.testing.assert_array_equal(a, b)


def reports_of(*reports: bytes) -> Reports:
    found, others, taken = read_messages(report_message(*reports))
    assert not others
    assert taken == len(report_message(*reports))
    return found


def test_impinj_report_is_decoded_in_full() -> None:
    report = impinj_report()
    assert len(report) == 88
    found = reports_of(report)
    assert found.epcs == ("E28011606000020D5F3A1B2C",)
    assert found.utc_us.tolist() == [1_763_712_000_123_456]
    assert (found.antenna[0], found.channel[0], found.uptime_us[0]) == (1, 3, -1)
    assert (found.rssi_dbm[0], found.phase_turn[0], found.doppler_hz[0]) == (-54.5, 0.25, -0.5)


def test_plain_reader_gives_what_the_standard_has() -> None:
    values = (tv(1, b"\0\2"), tv(6, b"\xc8"), tv(3, struct.pack(">Q", 7)), tv(12, b"\x34\0"), tv(11, b"\1\2"))
    found = reports_of(tlv(240, tlv(241, b"\0\x20", b"\xab\xcd\xef\x01"), *values))
    assert found.epcs == ("ABCDEF01",)
    assert (found.antenna[0], found.rssi_dbm[0], found.uptime_us[0], found.pc[0]) == (2, -56.0, 7, 0x3400)
    assert found.utc_us[0] == -1
    assert np.isnan(found.phase_turn[0])


def test_zebra_phase_is_a_share_of_a_turn() -> None:
    found = reports_of(*(tlv(240, EPC, custom(161, 709, struct.pack(">h", p))) for p in (0x4000, -0x4000, 0)))
    assert found.phase_turn.tolist() == [0.25, 0.75, 0.0]


def test_last_seen_serves_where_first_seen_is_absent() -> None:
    found = reports_of(tlv(240, EPC, tv(4, struct.pack(">Q", 5)), tv(5, struct.pack(">Q", 6))))
    assert (found.utc_us[0], found.uptime_us[0]) == (5, 6)


def test_serialized_tid_is_hex() -> None:
    found = reports_of(tlv(240, EPC, custom(25882, 55, b"\0\2\xe2\x80\x11\x05")))
    assert found.tids == ("E2801105",)


def test_everything_else_is_passed_over() -> None:
    known = [tv(kind, bytes(size)) for kind, size in ((9, 4), (14, 2), (10, 2), (16, 4), (17, 2), (18, 4))]
    found = reports_of(
        tlv(240, EPC, *known, tlv(349, bytes(5)), custom(4711, 1, b"x"), custom(25882, 1, b""))
    )
    assert len(found) == 1
    assert found.n_malformed == 0


@pytest.mark.parametrize(
    "broken",
    [
        tlv(240),
        tlv(240, tv(1, b"\0\1")),
        tlv(240, tv(13, bytes(11))),
        tlv(240, tlv(241, b"\0\0")),
        tlv(240, tlv(241, struct.pack(">H", 8 * 63), bytes(63))),
        tlv(240, tlv(241, struct.pack(">H", 65535), bytes(12))),
        tlv(240, tlv(241, b"\0")),
        tlv(240, EPC, b"\x95"),
        tlv(240, EPC, tv(15, bytes(20))),
        tlv(240, EPC, b"\x03\xff\x00\x03"),
        tlv(240, EPC, b"\x03\xff\xff\xff"),
        tlv(240, EPC, b"\x03"),
        tlv(240, EPC, tlv(1023, bytes(7))),
        tlv(240, EPC, custom(25882, 56, b"\0")),
        tlv(240, EPC, custom(25882, 55, b"\xff\xff\0\0")),
        tlv(240, EPC, custom(161, 709, b"")),
    ],
)
def test_broken_report_is_counted_and_those_beside_it_are_kept(broken: bytes) -> None:
    found = reports_of(impinj_report(), broken, impinj_report())
    assert len(found) == 2
    assert found.n_malformed == 1
    assert_twins_agree(report_message(impinj_report(), broken, impinj_report()))


@pytest.mark.parametrize("broken", [b"\x00\xf0\x00\x03", b"\x00\xf0\xff\xff", b"\x81", b"\0"])
def test_broken_length_of_a_report_ends_its_message_only(broken: bytes) -> None:
    data = report_message(impinj_report(), broken, impinj_report()) + report_message(impinj_report())
    found, _, taken = read_messages(data)
    assert (len(found), found.n_malformed, taken) == (2, 1, len(data))
    assert_twins_agree(data)


def test_other_messages_come_out_in_order_beside_the_reports() -> None:
    data = message(62, number=7) + report_message(impinj_report()) + message(63, b"abc", number=8)
    found, others, taken = read_messages(data)
    assert others == [Message(62, 7, b""), Message(63, 8, b"abc")]
    assert (len(found), taken) == (1, len(data))


def test_message_split_over_chunks_waits_for_its_rest() -> None:
    data = b"".join(report_message(impinj_report(channel=n)) + message(62) for n in range(1, 6))
    channels: list[int] = []
    rest = b""
    for n in range(0, len(data), 7):
        rest += data[n : n + 7]
        found, _, taken = read_messages(rest)
        rest = rest[taken:]
        channels += found.channel.tolist()
    assert rest == b""
    assert channels == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("size", [0, 9, MAX_MESSAGE_BYTES + 1, 2**32 - 1])
def test_length_that_can_not_be_one_ends_the_stream_behind_what_was_whole(size: int) -> None:
    lost = struct.pack(">HII", 61, size, 0)
    found, _, taken = read_messages(report_message(impinj_report()) + lost)
    assert (len(found), taken) == (1, len(report_message(impinj_report())))
    with pytest.raises(BadFrame, match=f"a message of {size} bytes"):
        read_messages(lost)


parameters = st.one_of(
    st.just(EPC),
    st.builds(tv, st.integers(0, 127), st.binary(max_size=12)),
    st.builds(tlv, st.sampled_from([241, 349, 1023, 240]), st.binary(max_size=20)),
    st.builds(
        custom,
        st.sampled_from([25882, 161, 1]),
        st.sampled_from([55, 56, 57, 68, 709, 1]),
        st.binary(max_size=8),
    ),
)
tag_reports = st.one_of(
    st.builds(
        impinj_report,
        st.binary(min_size=1, max_size=20),
        antenna=st.integers(0, 65535),
        t_us=st.integers(0, 2**64 - 1),
        channel=st.integers(0, 65535),
        phase=st.integers(0, 65535),
        doppler=st.integers(-32768, 32767),
    ),
    st.lists(parameters, max_size=6).map(lambda found: tlv(240, *found)),
)
streams = st.lists(
    st.one_of(
        st.lists(tag_reports, max_size=3).map(lambda found: report_message(*found)),
        st.builds(message, st.sampled_from([61, 62, 63]), st.binary(max_size=20)),
    ),
    max_size=4,
).map(b"".join)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(streams))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(data)))
        data[place : place + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(data)


@given(mutated())
def test_twins_agree_on_broken_streams(data: bytes) -> None:
    assert_twins_agree(data)


@given(st.binary(max_size=300))
def test_any_bytes_never_raise_but_bad_frame(data: bytes) -> None:
    assert_twins_agree(data)
    assert_twins_agree(report_message(data))
