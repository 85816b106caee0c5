"""Shelf order of call numbers: rules by example, and the published lists where they are at hand."""

import csv
import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ConfigError
from edge.library.call_numbers import Scheme, key_function, shelf_sorted
from edge.library.call_numbers.clc import ClcKeys
from edge.library.call_numbers.lcc import lcc_key


def assert_ascending(scheme: str, call_numbers: list[str], strict: bool = True) -> None:
    key = key_function(scheme)
    for before, after in pairwise(call_numbers):
        assert key(before) < key(after) or (not strict and key(before) == key(after)), (before, after)


@pytest.mark.parametrize(
    ("scheme", "ascending"),
    [
        ("clc", ["TP311", "TP311.1", "TP32"]),
        ("clc", ["R7", "R7-6", "R7(7)", "R7=6", "R7<3>", "R7:R8", "R7+R1", "R7.1"]),
        ("clc", ["T1", "TP1", "U1"]),
        ("clc", ["I24/2", "I24/1234"]),
        ("clc", ["K8/Z7", "K8/Z7(2)", "K8/Z7-2", "K8/Z7-2(1)", "K8/Z7A", "K8/Z7Z", "K8/Z7AA", "K8/Z8"]),
        ("clc", ["K20-42", "K20-42/15", "K20-42/15/3", "K20-43"]),
        ("lcc", ["PN2 .A6", "PN2 .A6 1999", "PN12 .A6"]),
        ("lcc", ["BF199 1920", "BF199 .A12", "BF199 .A2", "BF199 Aarons"]),
        ("ddc", ["21 E23", "338 F8", "338.1 F8", "338.1 F8 v.2", "338.1 F8 v.10"]),
    ],
)
def test_order(scheme: str, ascending: list[str]) -> None:
    assert_ascending(scheme, ascending)
    assert shelf_sorted(reversed(ascending), scheme) == ascending


def test_lcc_key_is_written_as_marc4j_writes_it() -> None:
    assert lcc_key("PR9199.3 1920 .L33 1475 .A6") == "PR 49199.3 41920 L33 41475 A6"


def test_ddc_key_is_written_as_marc4j_writes_it() -> None:
    assert key_function("ddc")("621.56 W91m v.3 no. 2 1999") == "3621.56 W91 M V 13 NO 12 41999"


def test_clc_folds_full_width_signs_and_ignores_a_location_in_braces() -> None:
    key = ClcKeys()
    assert key("Ｒ７１１（７１１）＝５３５") == key("R711(711)=535")
    assert key("{rare books}/R711/Z7") == key("R711/Z7") == key("R711 Z7")


def test_clc_order_of_signs_is_configuration() -> None:
    other = ClcKeys(".-:(=")
    assert other("R711.1") < other("R711-1") < other("R711:1") < other("R711(1)") < other("R711=1")


def test_clc_volume_may_be_written_with_colon_or_point() -> None:
    key = ClcKeys()
    assert key("I24/J8:2") == key("I24/J8.2")
    assert key("I24/J8:2") < key("I24/J8:14") < key("I24/J8-2")


def test_equal_call_numbers_keep_their_order() -> None:
    assert shelf_sorted(["TP3/07", "TP3/7", "TP3/007"], "clc") == ["TP3/07", "TP3/7", "TP3/007"]


def test_unknown_scheme_is_refused() -> None:
    with pytest.raises(ConfigError, match="udc"):
        key_function("udc")


@given(st.lists(st.text(), max_size=20), st.sampled_from(Scheme))
def test_any_text_has_a_key(call_numbers: list[str], scheme: Scheme) -> None:
    assert sorted(shelf_sorted(call_numbers, scheme)) == sorted(call_numbers)


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line]


@pytest.mark.parametrize(
    ("scheme", "file", "strict"),
    [
        ("lcc", "callnum-marc4j/lc_ordered.txt", False),
        ("lcc", "callnum-libraryhackers/lc_ordered.txt", True),
        ("ddc", "callnum-marc4j/dewey_ordered.txt", False),
    ],
)
def test_published_list_is_in_order(data_dir: Path, scheme: str, file: str, strict: bool) -> None:
    assert_ascending(scheme, _lines(data_dir / "library" / file), strict)


def test_published_clc_lists_are_in_order(data_dir: Path) -> None:
    text = (data_dir / "library/callnum-clc-dp2/ordered_dev.json").read_text(encoding="utf-8")
    document = json.loads(text)
    for entry in document if isinstance(document, list) else document["lists"]:
        prefix = "TP3/" if entry["kind"] == "book-number line" else ""
        assert_ascending("clc", [prefix + line for line in entry["list"]])


def test_keys_agree_with_folio(data_dir: Path) -> None:
    schemes = {"lc": "lcc", "nlm": "lcc", "dewey": "ddc"}
    parts = ("call_number", "volume", "enumeration", "chronology", "copy")
    with (data_dir / "library/callnum-folio/shelving_order.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            if row["type"] not in schemes:
                continue
            key = key_function(schemes[row["type"]])(" ".join(row[part] for part in parts if row[part]))
            # FOLIO appends the suffix of the call number as it stands.
            assert f"{key} {row['suffix']}".rstrip() == row["effective_shelving_order"]
