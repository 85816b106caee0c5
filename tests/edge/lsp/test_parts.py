"""A shelf list from its parts: in any order, again and again, half replaced, damaged."""

import hashlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import BadFrame
from edge.lsp.parts import Assembler, books_of, parse_part, part_of, shelf_list_of
from tests.edge.lsp.lists import parts, row


@pytest.mark.parametrize("first", [0, 1])
def test_parts_in_any_order_make_the_list_once(first: int) -> None:
    rows = [row(n) for n in range(25)]
    sent = list(parts("7", rows, 4, first).items())
    random.Random(1).shuffle(sent)
    assembler = Assembler()
    found = [whole for n, payload in sent if (whole := assembler.put(str(n), payload))]
    barcodes = [[book.barcode for book in whole.books] for whole in found]
    assert barcodes == [[one["barcode"] for one in rows]]


def test_the_list_in_use_is_not_taken_again_after_a_reconnect() -> None:
    sent = parts("7", [row(n) for n in range(9)], 3)
    assembler = Assembler()
    (whole,) = [found for n, payload in sent.items() if (found := assembler.put(str(n), payload))]
    assembler.take(whole)
    assert [assembler.put(str(n), payload) for n, payload in sent.items()] == [None] * 3
    other = parts("7", [row(n, status="missing") for n in range(9)], 3)
    assert [assembler.put(str(n), payload) is not None for n, payload in other.items()] == [
        False,
        False,
        True,
    ]


def test_the_list_in_use_is_known_again_by_its_bytes_alone() -> None:
    sent = parts("7", [row(n) for n in range(9)], 3)
    first = Assembler()
    (whole,) = [found for n, payload in sent.items() if (found := first.put(str(n), payload))]
    after_a_restart = Assembler(whole.fingerprint)
    assert [after_a_restart.put(str(n), payload) for n, payload in sent.items()] == [None] * 3
    assert after_a_restart._gathering == {}
    assert after_a_restart.put("0", sent[0]) is None
    assert after_a_restart._gathering == {}, "read again, and gathered"


def test_a_list_of_before_can_come_back() -> None:
    old, new = parts("1", [row(1), row(2)], 2), parts("2", [row(3), row(4)], 2)
    assembler = Assembler()
    seen = []
    for sent in (old, new, old):
        (whole,) = [found for n, payload in sent.items() if (found := assembler.put(str(n), payload))]
        assembler.take(whole)
        seen.append(whole.version)
    assert seen == ["1", "2", "1"]


def test_a_list_that_is_half_replaced_is_not_mixed() -> None:
    old, new = parts("1", [row(n) for n in range(8)], 4), parts("2", [row(n) for n in range(20, 26)], 2)
    assembler = Assembler()
    on_broker = {**old, **new}  # retained parts 2 and 3 are of the old list still
    found = [whole for n, payload in on_broker.items() if (whole := assembler.put(str(n), payload))]
    assert [(whole.version, len(whole.books)) for whole in found] == [("2", 6)]


def test_a_part_whose_hash_is_of_the_bytes_as_sent_is_taken() -> None:
    items = json.dumps([{"title": "é", "barcode": "1", "call_number": "A"}], indent=1)
    digest = hashlib.sha256(items.encode()).hexdigest()
    head = f'{{"version": 3, "part": 0, "parts": 1, "sha256": "{digest}", "items": '
    assert parse_part("0", (head + items + "}").encode()).version == "3"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sha256": "0" * 64}, "its sha256 is another"),
        ({"sha256": "no"}, "sha256"),
        ({"part": 3}, "came as"),
        ({"parts": 0}, "parts"),
        ({"parts": 1e9}, "parts"),
        ({"items": {}}, "items"),
        ({"version": ""}, "version"),
        ({"version": None}, "version"),
    ],
)
def test_a_part_that_is_wrong_is_refused_with_what_is_wrong(change: dict[str, object], said: str) -> None:
    document = json.loads(part_of("1", 0, 2, [row(1)])) | change
    with pytest.raises(BadFrame, match=said):
        parse_part("0", json.dumps(document).encode())


def test_parts_of_many_versions_do_not_pile_up() -> None:
    assembler = Assembler()
    for version in range(50):
        assembler.put("0", parts(str(version), [row(1), row(2)], 2)[0])
    assert len(assembler._gathering) == 2


def with_items(items: object) -> bytes:
    head = {"version": "1", "part": 0, "parts": 1, "sha256": "0" * 64}
    return json.dumps(head | {"items": items}).encode()


ANYTHING = st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=9)


@given(st.binary(max_size=200) | ANYTHING.map(with_items))
def test_any_payload_is_refused_in_one_line(payload: bytes) -> None:
    with pytest.raises(BadFrame) as refused:
        parse_part("0", payload)
    assert "\n" not in str(refused.value)


def test_a_deeply_nested_payload_is_refused() -> None:
    with pytest.raises(BadFrame):
        parse_part("0", b'{"items":' + b"[" * 100_000)


def test_bad_rows_cost_themselves() -> None:
    rows = [row(1), 7, {"barcode": ["x"]}, row(1), {"barcode": 42, "call_number": "A"}, {"call_number": "B"}]
    books, problems = books_of(rows)
    found = shelf_list_of(books, problems)
    assert {book.barcode for book in found} == {"0000001", "42"}
    assert len(problems) == 4
