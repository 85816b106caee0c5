"""Ranges of call numbers on boards."""

import json
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.library.call_numbers.clc import ClcKeys
from edge.library.call_numbers.ranges import ShelfRange, shelf_range

KEY = ClcKeys()


def of(text: str) -> ShelfRange:
    start, _, end = text.partition("~")
    return shelf_range(start, end, KEY)


@pytest.mark.parametrize("call_number", ["TP311", "TP311/2", "TP3111", "TP312"])
def test_ends_belong_to_the_range(call_number: str) -> None:
    assert of("TP311~TP312").contains(KEY(call_number))


def test_mark_leaves_only_the_end_itself_out() -> None:
    assert not of("`TP311~TP312").contains(KEY("TP311"))
    assert of("`TP311~TP312").contains(KEY("TP311/1"))
    assert not of("TP311~TP312`").contains(KEY("TP312"))


def test_open_end_reaches_all_the_way() -> None:
    assert of("TP311~").contains(KEY("Z99"))
    assert of("~TP311").contains(KEY("A1"))
    assert of("~TP311").overlaps(of("TP2~"))


@pytest.mark.parametrize("text", ["TP312~TP311", "TP311~TP311`", "`TP311~TP311"])
def test_range_without_room_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        of(text)


def test_touching_ranges_overlap_only_in_an_end_that_both_include() -> None:
    assert of("A1~A2").overlaps(of("A2~A3"))
    assert not of("A1~A2`").overlaps(of("A2~A3"))
    assert not of("A1~A2").overlaps(of("`A2~A3"))


def test_published_ranges(data_dir: Path) -> None:
    cases = json.loads((data_dir / "library/callnum-clc-dp2/ranges.json").read_text(encoding="utf-8"))
    for case in cases["inside"]:
        if case["result"] == "bad range":
            with pytest.raises(ConfigError):
                of(case["range"])
        else:
            assert of(case["range"]).contains(KEY(case["call_number"])) == (case["result"] == "inside")
    for case in cases["overlap"]:
        assert of(case["a"]).overlaps(of(case["b"])) == case["overlap"]
