"""The JSON kernel: what is a reading, what is skipped and why, and that both writings agree on every byte."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.columns import Readings, TagMemory
from edge.ext import _jsonl_py, load
from edge.ext.jsonl import MAX_LINE_BYTES, decode, decode_messages
from edge.types import QUANTITIES
from tests.readings import assert_same_readings, line, tag_line

Found = tuple[Readings, list[tuple[int, str]]]

TAG = {
    "kind": "tag",
    "t_ns": 1763712000123456789,
    "source": "cart-1",
    "antenna": 1,
    "epc": "E28011606000020D5F3A1B2C",
}
ROOM = {"kind": "room", "t_ns": 5, "source": "s", "quantity": "co2_ppm", "value": 417.5}


def assert_twins_agree(data: bytes) -> None:
    c = load("jsonl")
    for name, args in (("decode", (data, 1)), ("decode_messages", ([data],))):
        found: Found = getattr(c, name)(*args)
        expected: Found = getattr(_jsonl_py, name)(*args)
        assert found[1] == expected[1]
        assert_same_readings(found[0], expected[0])


def reason(data: bytes) -> str:
    readings, skips = decode(data)
    assert len(readings) == 0
    assert len(skips) == 1
    return skips[0].reason


def test_tag_read_keeps_every_digit() -> None:
    readings, skips = decode(line(**TAG, rssi_dbm=-54.5, phase_rad=1.234, freq_mhz=920.625))
    tags = readings.tags
    assert not skips
    assert tags.t_ns.tolist() == [1763712000123456789]
    assert (tags.sources[tags.source[0]], tags.epcs[tags.tag[0]]) == ("cart-1", "E28011606000020D5F3A1B2C")
    assert (tags.rssi_dbm[0], tags.phase_rad[0], tags.freq_mhz[0]) == (-54.5, 1.234, 920.625)
    assert np.isnan(tags.doppler_hz[0])


def test_four_kinds_of_one_recording_come_apart() -> None:
    data = (
        line(**TAG)
        + line(kind="pose", t_ns=1, source="cart-1", shelf="a-1", x_m=0.5, y_m=0.25)
        + line(kind="door", t_ns=2, source="door-1", **{"in": 3, "out": 0})
        + line(**ROOM)
    )
    readings, skips = decode(data)
    assert not skips
    assert readings.poses.shelves == ("a-1",)
    assert (readings.doors.n_in[0], readings.doors.n_out[0]) == (3, 0)
    assert readings.rooms.quantities == ("co2_ppm",)
    assert len(readings) == 4


def test_thermal_frame_is_kept_by_row() -> None:
    frame = {**ROOM, "quantity": "thermal_8x8", "value": list(range(64))}
    rooms = decode(line(**ROOM) + line(**frame))[0].rooms
    assert np.isnan(rooms.value[1])
    assert rooms.frames[1].tolist() == list(range(64))


@pytest.mark.parametrize("value", [True, False, 1, 1.0])
def test_presence_may_be_a_boolean(value: float) -> None:
    rooms = decode(line(**ROOM | {"quantity": "presence", "value": value}))[0].rooms
    assert rooms.value[0] == float(value)


def test_lower_case_hex_is_the_same_tag() -> None:
    tags = decode(tag_line(epc="e2801160") + tag_line(epc="E2801160"))[0].tags
    assert tags.epcs == ("E2801160",)


def test_of_each_memory_bank_what_was_read_last_counts() -> None:
    data = tag_line(pc="3000", tid="E2801190") + tag_line(pc="3400") + tag_line(epc="AA")
    assert decode(data)[0].tags.memory == {0: TagMemory(pc="3400", tid="E2801190")}


def test_phase_is_folded_into_one_turn() -> None:
    phases = [0.0, -0.5, 6.283185307179586, 7.0, -1e-20]
    folded = decode(b"".join(tag_line(phase_rad=p) for p in phases))[0].tags.phase_rad
    assert np.all((folded >= 0) & (folded < 2 * np.pi))
    np.testing.assert_allclose(np.exp(1j * folded), np.exp(1j * np.array(phases)))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"epc": "XYZ"}, "epc: expected upper-case hex"),
        ({"epc": "ABC"}, "epc: expected upper-case hex"),
        ({"epc": "AB" * 63}, "epc: longer than 124 digits"),
        ({"source": "a/b"}, "source: expected an id"),
        ({"source": "a+#"}, "source: expected an id"),
        ({"source": "a\nb"}, "source: expected an id"),
        ({"source": "a\u0000"}, "source: expected an id"),
        ({"t_ns": -1}, "t_ns: out of range"),
        ({"t_ns": 2**63}, "t_ns: out of range"),
        ({"t_ns": "5"}, "t_ns: expected an integer"),
        ({"t_ns": 1.5}, "t_ns: expected an integer"),
        ({"t_ns": True}, "t_ns: expected an integer"),
        ({"antenna": 65536}, "antenna: out of range"),
        ({"rssi_dbm": "loud"}, "rssi_dbm: expected a number"),
        ({"rssi_dbm": 1e300}, "rssi_dbm: out of range"),
        ({"rssi_dbm": 201}, "rssi_dbm: out of range"),
        ({"freq_mhz": 920_625_000}, "freq_mhz: out of range"),
        ({"freq_mhz": 0}, "freq_mhz: out of range"),
        ({"phase_rad": float("nan")}, "phase_rad: out of range"),
        ({"phase_rad": float("inf")}, "phase_rad: out of range"),
        ({"kind": "book"}, "kind: expected one of"),
        ({"kind": None}, "kind: expected one of"),
    ],
)
def test_wrong_value_is_skipped_with_its_key(keys: dict[str, object], said: str) -> None:
    assert reason(tag_line(**keys)).startswith(said)


@pytest.mark.parametrize("key", ["x_m", "y_m", "z_m"])
def test_no_antenna_is_further_than_the_town(key: str) -> None:
    pose = {"kind": "pose", "t_ns": 1, "source": "cart-1", "shelf": "s-1", "x_m": 1.0, "y_m": 0.5}
    assert reason(json.dumps(pose | {key: -10_001.0}).encode()).startswith(f"{key}: out of range")
    assert len(decode(json.dumps(pose | {key: -10_000.0}).encode())[0].poses) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"5", "not a JSON object"),
        (b'{"kind":"tag"', "not JSON"),
        (b'{"kind":"t\xff"}', "not UTF-8"),
        (b"\x00", "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (b'{"kind":"tag","t_ns":' + b"9" * 5000 + b"}", "not JSON"),
        (b" " * MAX_LINE_BYTES + b"{}", f"longer than {MAX_LINE_BYTES} bytes"),
    ],
)
def test_broken_line_is_skipped_with_its_reason(data: bytes, said: str) -> None:
    assert reason(data) == said


def test_lines_are_numbered_as_in_an_editor() -> None:
    data = b"\xef\xbb\xbf" + tag_line() + b"\n\r\n" + b"nonsense\r\n" + b"a\rb\x0b\x0cc\n" + b"\x0c\n" + b"{}"
    readings, skips = decode(data)
    assert len(readings) == 1
    assert [skip.line for skip in skips] == [4, 5, 7]
    assert [skip.line for skip in decode(b"x\ny", first_line=41)[1]] == [41, 42]


def test_message_is_one_reading_or_a_list() -> None:
    many = json.dumps([json.loads(tag_line(n)) for n in range(3)], indent=1).encode()
    readings, skips = decode_messages([tag_line(), many, b"[]", b"", b"[1, {}]", b'[{"kind":1}'])
    assert len(readings) == 4
    assert [skip.line for skip in skips] == [4, 5, 5, 6]


def test_broken_end_of_a_message_leaves_nothing_of_it() -> None:
    good = tag_line(epc="AA").strip()
    readings, skips = decode_messages([tag_line(), b"[" + good + b"," + good + b",", tag_line(epc="BB")])
    assert readings.tags.epcs == ("E2801160", "BB")
    assert [skip.reason for skip in skips] == ["not JSON"]


def test_wrong_element_leaves_those_beside_it() -> None:
    texts = [tag_line(n, epc=epc).decode() for n, epc in enumerate(("AA", "nonsense", "BB"))]
    readings, skips = decode_messages([f"[{','.join(texts)}]".encode()])
    assert readings.tags.epcs == ("AA", "BB")
    assert len(skips) == 1


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64),
    st.floats(),
    st.floats(-100, 1000).map(lambda x: round(x, 3)),
    st.sampled_from(["", "a", "cart-1", "-a", "AB", "ab", "ABC", "0" * 64, "书", "a\tb", '"', *QUANTITIES]),
    st.text(max_size=5),
)
values = st.one_of(scalars, st.lists(scalars, max_size=3), st.dictionaries(st.text(max_size=3), scalars))
likely: dict[str, st.SearchStrategy[Any]] = {
    "t_ns": st.integers(0, 2**63),
    "source": st.sampled_from(["a", "cart-1", "a" * 63, "a" * 64]),
    "shelf": st.sampled_from(["s", "s-2"]),
    "antenna": st.integers(0, 65536),
    "epc": st.sampled_from(["AB", "ab", "E28011606000020D5F3A1B2C", "F" * 124, "F" * 126]),
    "quantity": st.sampled_from(QUANTITIES),
    "value": st.one_of(st.floats(-1e13, 1e13), st.booleans(), st.just([1.5] * 64)),
    **{key: st.integers(-3, 2**54) for key in ("in", "out")},
    **{key: st.floats(-1e13, 1e13) for key in ("x_m", "y_m", "z_m", "rssi_dbm", "phase_rad", "freq_mhz")},
    **{key: st.sampled_from(["", "3000", "30", "3", "zz"]) for key in ("pc", "tid", "user", "afi")},
    "doppler_hz": values,
    "note": values,
}
required = {
    "tag": ["t_ns", "source", "antenna", "epc"],
    "pose": ["t_ns", "source", "shelf", "x_m", "y_m"],
    "door": ["t_ns", "source", "in", "out"],
    "room": ["t_ns", "source", "quantity", "value"],
    "Tag": [],
}


@st.composite
def objects(draw: st.DrawFn) -> dict[str, Any]:
    """Mostly a reading, its keys in any order; often with more keys, at times with one that is wrong."""
    kind = draw(st.sampled_from([*required]))
    wanted = {key: likely[key] for key in required[kind]}
    more = {key: found for key, found in likely.items() if key not in wanted}
    found = {"kind": kind} | draw(st.fixed_dictionaries(wanted, optional=more))
    found |= draw(
        st.dictionaries(st.sampled_from([*found]), values, max_size=1) if draw(st.booleans()) else st.just({})
    )
    return dict(draw(st.permutations(list(found.items()))))


dumps: st.SearchStrategy[Callable[[Any], str]] = st.sampled_from(
    [
        lambda found: json.dumps(found, separators=(",", ":")),
        json.dumps,
        lambda found: json.dumps(found, ensure_ascii=False),
        lambda found: json.dumps(found, indent="\t"),
    ]
)


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    texts = [draw(dumps)(found) for found in draw(st.lists(objects(), max_size=4))]
    ends = draw(st.sampled_from(["\n", "\r\n", "\n\n", " \n", ","]))
    data = ends.join(texts).encode(errors="surrogatepass")
    return b"[" + data + b"]" if draw(st.booleans()) else data


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(lines()))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(data)))
        data[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)


@given(lines())
@example(b"")
def test_twins_agree_on_json(data: bytes) -> None:
    assert_twins_agree(data)


@given(mutated())
def test_twins_agree_on_broken_json(data: bytes) -> None:
    assert_twins_agree(data)


@given(st.binary(max_size=200))
def test_any_bytes_never_raise(data: bytes) -> None:
    assert_twins_agree(data)


numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,21})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"-?0?[0-9.eE+-]{0,6}", fullmatch=True),
)


@given(st.lists(numbers, min_size=1, max_size=20))
@example(
    ["-0", "-0.0", "0e5", "9007199254740993", "9007199254740993.0", "1e22", "1e23", "1.7976931348623157e308"]
)
@example(["2.2250738585072011e-308", "4.9e-324", "0.3", "12345678901234567.89", "18446744073709551616.5"])
def test_numbers_are_pythons_floats(texts: Sequence[str]) -> None:
    row = '{"kind":"pose","t_ns":1,"source":"a","shelf":"b","x_m":%s,"y_m":0}'
    assert_twins_agree("\n".join(row % text for text in texts).encode())


@given(
    st.lists(
        st.lists(objects(), max_size=3).map(lambda found: json.dumps(found).encode()) | mutated(), max_size=5
    )
)
def test_twins_agree_on_messages(messages: list[bytes]) -> None:
    found, skipped = load("jsonl").decode_messages(messages)
    expected, expected_skips = _jsonl_py.decode_messages(messages)
    assert skipped == expected_skips
    assert_same_readings(found, expected)
