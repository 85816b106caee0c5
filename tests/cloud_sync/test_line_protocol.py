"""Line protocol: what is written is read back, by a parser that goes by the server's own rules."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_sync.line_protocol import Lines, SiteFacts, reals, tag, text, whole
from cloud_sync.schema import SERIES
from edge.errors import SinkRejected
from edge.events import ItemSeen, Record, RoomMeasured, SpaceOccupied
from tests.cloud_sync.records import T0_NS, any_record, measured, seen

FIELD = re.compile(r'([a-z0-9_]+)=(?:"((?:[^"\\]|\\.)*)"|([^,"]+))(?:,|$)')


def parsed(line: str) -> tuple[str, dict[str, str], dict[str, object], int]:
    """Measurement, tags, fields, time. A comma, space or `=` after a backslash is text (as in influxd)."""
    head, fields, time = _split(line)
    names = re.split(r"(?<!\\),", head)
    tags = dict(re.split(r"(?<!\\)=", pair, maxsplit=1) for pair in names[1:])
    assert all(len(pair) == 2 for pair in tags.items())
    found: dict[str, object] = {}
    at = 0
    while at < len(fields):
        match = FIELD.match(fields, at)
        assert match, fields[at:]
        found[match[1]] = _value(match)
        at = match.end()
    plain = {name: re.sub(r"\\([,= ])", r"\1", value) for name, value in tags.items()}
    return names[0], plain, found, int(time)


def _split(line: str) -> tuple[str, str, str]:
    head = re.match(r"(?:[^ \\]|\\.)*", line)
    assert head
    rest, _, time = line[head.end() + 1 :].rpartition(" ")
    return head[0], rest, time


def _value(match: re.Match[str]) -> object:
    if match[2] is not None:
        return re.sub(r"\\(.)", r"\1", match[2])
    return int(match[3][:-1]) if match[3].endswith("i") else float(match[3])


@given(any_record())
@settings(max_examples=400, deadline=None)
def test_any_record_is_one_line_of_the_schema(record: Record) -> None:
    try:
        line = Lines("main", "n1").line(record)
    except SinkRejected:
        return
    assert "\n" not in line
    measurement, tags, fields, _ = parsed(line)
    tag_names, field_names = SERIES[measurement]
    assert set(tags) <= {"site", "node", *tag_names}
    assert fields
    assert set(fields) <= set(field_names)
    assert all(tags.values())


@given(st.text(max_size=40))
def test_text_fields_come_back_but_for_control_characters(value: str) -> None:
    found = FIELD.match(text("f", value))
    assert found
    assert _value(found) == re.sub(r"[\x00-\x1f\x7f]", "�", value)


@given(st.text(max_size=40))
def test_tags_come_back_but_for_what_cannot_be_written(value: str) -> None:
    line = f"m{tag('t', value)},u=1 f=1 1"
    _, tags, _, _ = parsed(line)
    assert tags.get("t", "") == re.sub(r"[\x00-\x1f\x7f\\]", "�", value)
    assert tags["u"] == "1"


def test_a_book_is_one_series_whatever_its_shelf() -> None:
    lines = Lines("main", "n1")
    _, tags, fields, t_ns = parsed(lines.line(seen(7)))
    assert tags == {"site": "main", "node": "n1", "event": "item.seen", "item": "00000007"}
    assert (fields["shelf"], fields["rank"], t_ns) == ("a03-2", 7, T0_NS + 7)


def test_200_000_books_are_as_many_series_and_no_more() -> None:
    lines = Lines("main", "n1")
    heads = {lines.line(seen(n)).partition(" ")[0] for n in range(200_000)}
    again = {lines.line(seen(n)).partition(" ")[0] for n in range(0, 200_000, 7)}
    assert len(heads) == 200_000
    assert again <= heads


def test_tags_that_nobody_lists_share_256_series() -> None:
    lines = Lines("main", "n1")
    found = [lines.line(seen(n, None)) for n in range(20_000)]
    assert len({line.partition(" ")[0] for line in found}) == 256


def test_unlisted_tags_of_one_moment_do_not_overwrite_each_other() -> None:
    lines = Lines("main", "n1")
    same_moment = [type(seen(n))(T0_NS, seen(n).epc, None, "a1", 0.1, 0.1, 0, 1.0) for n in range(300)]
    places = {(line.partition(" ")[0], line.rpartition(" ")[2]) for line in map(lines.line, same_moment)}
    assert len(places) == 300


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_left_out(value: float) -> None:
    assert reals("a", value, "b", 1.0) == "b=1.0,"
    with pytest.raises(SinkRejected):
        Lines("main", "n1").line(RoomMeasured(1, "s", None, "co2_ppm", value))


def test_whole_numbers_stay_whole_and_within_64_bits() -> None:
    assert whole("n", 21) == "n=21i,"
    assert whole("n", 1 << 63) == ""


def test_an_absent_space_is_an_absent_tag() -> None:
    record = RoomMeasured(1, "s", None, "co2_ppm", 1.0)
    assert "space" not in parsed(Lines("main", "n1").line(record))[1]
    assert parsed(Lines("main", "n1").line(measured(1)))[1]["space"] == "reading"


TIMES = st.integers(-5, 1 << 62)
NUMBERS = st.floats(allow_subnormal=True) | st.integers(-10, 10).map(float)
TEXTS = st.text(max_size=8) | st.text("abc123", min_size=1, max_size=8)


@given(
    st.builds(
        ItemSeen,
        st.integers(-5, 1 << 62),
        TEXTS,
        TEXTS,
        TEXTS,
        NUMBERS,
        NUMBERS,
        st.integers(-2, 1 << 64),
        NUMBERS,
    )
)
@settings(max_examples=300, deadline=None)
def test_a_book_seen_reads_the_same_written_at_once_or_by_parts(record: ItemSeen) -> None:
    lines = Lines("main", "n1")
    assert parsed(lines.line(record)) == parsed(lines._item_seen_by_parts(record))


@given(st.builds(SpaceOccupied, TIMES, TEXTS, NUMBERS, NUMBERS, NUMBERS, TEXTS))
@settings(max_examples=300, deadline=None)
def test_a_space_reads_the_same_written_at_once_or_by_parts(record: SpaceOccupied) -> None:
    lines = Lines("main", "n1", SiteFacts(capacity={"abc": 7}))
    assert parsed(lines.line(record)) == parsed(lines._space_by_parts(record))


def test_what_is_known_of_many_is_bounded() -> None:
    lines = Lines("main", "n1")
    for n in range(10_000):
        lines.line(RoomMeasured(1, f"s-{n}", None, "co2_ppm", 1.0))
    assert len(lines._rooms) <= 4096
