"""Streaming: places appear, a row is final when the antenna has left it, and nothing more is kept of it."""

from dataclasses import replace

import numpy as np

from edge.columns import Readings, concat_readings, take
from edge.fusion.locate import locate
from edge.fusion.locate.stream import LocateStream
from edge.fusion.window import Window, whole, window
from tests.edge.fusion.locate.test_locate import scan

SECOND_NS = 1_000_000_000


def cut(all_readings: Window, step_ns: int) -> list[Window]:
    """The window in pieces of `step_ns`."""
    pieces = []
    for start in range(all_readings.start_ns, all_readings.end_ns, step_ns):
        parts = []
        for columns in (all_readings.tags, all_readings.poses):
            inside = (columns.t_ns >= start) & (columns.t_ns < start + step_ns)
            parts.append(take(columns, inside))
        pieces.append(window([Readings(tags=parts[0], poses=parts[1])], start, start + step_ns))
    return pieces


def test_stream_ends_where_the_whole_recording_does() -> None:
    recording = scan([0.55, 0.2, 0.75, 0.4])
    stream = LocateStream({"a1": 1.0})
    moving = [stream.push(piece).moving for piece in cut(recording, SECOND_NS)]
    assert len(moving[-1]) == 4
    final = stream.finish().final
    assert len(final) == 1
    at_once = locate(recording, {"a1": 1.0})
    np.testing.assert_allclose([p.x_m for p in final[0].places], [p.x_m for p in at_once.places], atol=1e-9)


def test_row_is_final_when_the_antenna_has_left() -> None:
    recording = scan([0.3, 0.6])
    stream = LocateStream({"a1": 1.0})
    for piece in cut(recording, SECOND_NS):
        assert not stream.push(piece).final
    later = Window(start_ns=recording.end_ns, end_ns=recording.end_ns + 3 * SECOND_NS)
    update = stream.push(later)
    assert [place.epc for place in update.final[0].places] == ["E200", "E201"]
    assert stream.finish().final == ()


def test_empty_stream_finishes_with_nothing() -> None:
    stream = LocateStream({})
    assert stream.push(whole(concat_readings([]))).moving == ()
    assert stream.finish().final == ()


def test_tag_heard_better_on_the_next_board_is_withdrawn_from_the_last() -> None:
    first, second = scan([0.3, 0.6]), scan([0.3, 0.6, 0.8])
    fewer = take(first.tags, np.arange(0, len(first.tags), 5))
    gap_ns = 10 * SECOND_NS
    shifted = replace(second.tags, t_ns=second.tags.t_ns + gap_ns)
    poses = replace(second.poses, t_ns=second.poses.t_ns + gap_ns, shelves=("a2",))
    stream = LocateStream({})
    stream.push(window([Readings(tags=fewer, poses=first.poses)], 0, 5 * SECOND_NS))
    stream.push(window([Readings(tags=shifted, poses=poses)], gap_ns, gap_ns + 5 * SECOND_NS))
    update = stream.finish()
    assert set(update.withdrawn) == {"E200", "E201"}
    assert [place.shelf for place in update.final[0].places] == ["a2", "a2", "a2"]
    assert len(stream.finish().final) == 0
