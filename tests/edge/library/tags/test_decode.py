"""Which model a tag is of, and what is on it. The banks here are made by rule, with values of our own."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.library.tags import Bank, Model, decode_tag
from edge.library.tags.cn_item_id import encode_96, encode_128
from edge.library.tags.compaction import INTEGER, OCTETS, SIX_BITS, encode_text
from edge.library.tags.contents import BLANK_TAG, PATRON_CARD
from edge.library.tags.elements import (
    ITEM_ID,
    OWNER,
    SET_INFO,
    SHELF_LOCATION,
    USAGE,
    Element,
    encode_elements,
)
from edge.library.tags.epc_bank import encode_epc_bank
from edge.library.tags.isil import encode_isil
from edge.library.tags.iso28560_3 import encode_iso28560_3
from edge.library.tags.mm3 import encode_3m
from edge.library.tags.urn40 import encode_urn40
from tests.fuzz.tags import run


def elements(usage: bytes = b"\x10") -> bytes:
    return encode_elements(
        [
            Element(ITEM_ID, INTEGER, encode_text(INTEGER, "30114012345678"), padding=1),
            Element(USAGE, OCTETS, usage),
            Element(SET_INFO, INTEGER, encode_text(INTEGER, "1203")),
            Element(SHELF_LOCATION, SIX_BITS, encode_text(SIX_BITS, "TP311/Z763")),
            Element(OWNER, 0, encode_isil("DK-718500")),
        ]
    )


def test_iso28560_2_on_hf_with_and_without_its_dsfid() -> None:
    for data in (elements() + b"\0\0", b"\x06" + elements() + b"\0\0"):
        contents = decode_tag(data, Bank.HF)
        assert contents.model is Model.ISO_28560_2
        assert (contents.barcode, contents.owner, contents.set_info) == (
            "30114012345678",
            "DK-718500",
            "1203",
        )
        assert (contents.usage, contents.shelf_location, contents.problems) == ("10", "TP311/Z763", ())


def test_elements_in_a_user_bank_are_iso28560_4() -> None:
    assert decode_tag(b"\x06" + elements(), Bank.USER).model is Model.ISO_28560_4
    assert decode_tag(elements(), Bank.USER).problems == ("the leading 06 is missing",)


def test_usage_written_as_text_is_read_and_said() -> None:
    contents = decode_tag(elements(b"1"), Bank.HF)
    assert (contents.usage, contents.problems) == ("1", ("type of usage written as text",))


def test_element_that_runs_past_the_end_costs_only_itself() -> None:
    contents = decode_tag(elements()[:-1], Bank.HF)
    assert contents.barcode == "30114012345678"
    assert contents.owner is None
    assert contents.problems


@pytest.mark.parametrize(
    ("bank", "data"),
    [
        (Bank.HF, elements(b"\x80")),
        (Bank.HF, elements(b"8")),
        (Bank.USER, b"\x06" + elements(b"\x81")),
        (Bank.HF, encode_iso28560_3("1000000136", "DK718500", usage=8)),
        (Bank.HF, b"\x81" + encode_iso28560_3("1000000136", "DK718500")[1:]),
        (Bank.USER, bytes.fromhex("0C0203E814020800180250310000")),
    ],
)
def test_patron_card_is_not_read(bank: Bank, data: bytes) -> None:
    contents = decode_tag(data, bank)
    assert contents.problems == (PATRON_CARD,)
    assert contents.barcode is contents.owner is contents.set_info is contents.shelf_location is None


def test_iso28560_3() -> None:
    contents = decode_tag(encode_iso28560_3("0000136", "DK718500", parts=3, part=2), Bank.HF)
    assert contents.model is Model.ISO_28560_3
    assert (contents.barcode, contents.owner, contents.set_info) == ("0000136", "DK718500", "2/3")
    assert contents.problems == ()


def test_iso28560_3_on_a_tag_of_32_bytes() -> None:
    contents = decode_tag(encode_iso28560_3("1000000136", "DK718500")[:32], Bank.HF)
    assert (contents.model, contents.problems) == (Model.ISO_28560_3, ())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda b: b[:19] + b[20:21] + b[19:20] + b[21:], "CRC has its high byte first"),
        (lambda b: b[:19] + b"\1\2" + b[21:], "CRC does not match"),
    ],
)
def test_iso28560_3_survives_a_strange_crc(change: "object", problem: str) -> None:
    assert callable(change)
    contents = decode_tag(change(encode_iso28560_3("1000000136", "DK718500")), Bank.HF)
    assert (contents.barcode, contents.problems) == ("1000000136", (problem,))


def test_iso28560_3_survives_swapped_parts() -> None:
    contents = decode_tag(encode_iso28560_3("1000000136", "DK718500", parts=1, part=3), Bank.HF)
    assert contents.set_info == "1/3"
    assert contents.problems == ("parts in item and number of part are swapped",)


@pytest.mark.parametrize("xor_last", [False, True])
def test_shelf_location_of_an_extension_block(xor_last: bool) -> None:
    body, check = "A1层".encode(), 9 ^ 3
    for byte in body:
        check ^= byte
    block = bytes([9, 3, 0]) + (body + bytes([check]) if xor_last else bytes([check]) + body)
    contents = decode_tag(encode_iso28560_3("1000000136", "DK718500") + b"\1" + block + b"\0", Bank.HF)
    assert contents.shelf_location == "A1层"
    assert bool(contents.problems) == xor_last


def test_3m() -> None:
    contents = decode_tag(encode_3m("00301140", 2, 3), Bank.HF)
    assert (contents.model, contents.barcode, contents.set_info) == (Model.MMM, "00301140", "2/3")
    assert decode_tag(b"\x55" * 8, Bank.HF).problems == (BLANK_TAG,)


@pytest.mark.parametrize("cut", [0, 2, 4])
def test_uii_of_iso28560_4_in_all_three_forms(cut: int) -> None:
    whole = encode_epc_bank(encode_urn40("CH-000134-1.012345678901"), 0x5C2)
    contents = decode_tag(whole[cut:])
    assert contents.model is Model.ISO_28560_4
    assert (contents.owner, contents.barcode) == ("CH-000134-1", "012345678901")
    assert contents.afi == ("C2" if cut < 4 else None)


def test_wrong_crc_of_the_bank_is_said() -> None:
    whole = bytearray(encode_epc_bank(encode_urn40("CH-000134-1.00136"), 0x507))
    whole[0] ^= 1
    contents = decode_tag(bytes(whole))
    assert (contents.barcode, contents.problems) == ("00136", ("CRC of the bank does not match",))


def test_uii_without_an_owner_is_the_item() -> None:
    assert decode_tag(encode_epc_bank(encode_urn40("00012345"), 0x5C2)).barcode == "00012345"


@pytest.mark.parametrize("barcode", ["A1", "1234567", "32103179", "ABC0123*", "AAA9000000000)"])
def test_chinese_university_model(barcode: str) -> None:
    short = decode_tag(encode_epc_bank(b"\x80\x03\x00\x03" + encode_96(barcode), 0x400))
    assert (short.model, short.barcode, short.afi) == (Model.CN_UNIVERSITY, barcode, None)
    wide = decode_tag(encode_epc_bank(b"\x00\x43\x00\x03" + encode_128(barcode), 0x400))
    assert (wide.model, wide.barcode) == (Model.CN_UNIVERSITY, barcode)


def test_chinese_university_user_bank() -> None:
    contents = decode_tag(bytes.fromhex("0C02EA601004000300011802413100000000"), Bank.USER)
    assert (contents.owner, contents.set_info, contents.shelf_location) == ("90000", "1/3", "A1")


def test_factory_epc_is_a_blank_tag() -> None:
    contents = decode_tag(bytes.fromhex("E28011606000020500000001"))
    assert (contents.model, contents.barcode, contents.problems) == (Model.UNKNOWN, None, (BLANK_TAG,))


def test_gs1_is_told_by_its_header() -> None:
    assert decode_tag(bytes.fromhex("3034257BF7194E4000001A85")).model is Model.GS1


def test_bare_text_is_the_barcode() -> None:
    contents = decode_tag(b"00012345\0\0\0\0")
    assert (contents.model, contents.barcode) == (Model.UNKNOWN, "00012345")


def test_opaque_epc_is_for_the_look_up_table() -> None:
    contents = decode_tag(bytes.fromhex("9F3304F297E10A0FFC4485B5"))
    assert (contents.model, contents.barcode) == (Model.UNKNOWN, None)


@given(st.binary(min_size=1, max_size=200), st.sampled_from(Bank))
def test_any_bytes_give_contents(data: bytes, bank: Bank) -> None:
    contents = decode_tag(data, bank)
    assert contents.model is not Model.UNKNOWN or contents.problems


def test_twenty_thousand_mutated_banks_give_contents() -> None:
    assert run(20_000, seed=7)["exceptions"] == 0


def test_published_vectors(data_dir: Path) -> None:
    document = json.loads((data_dir / "library/vectors_dev.json").read_text(encoding="utf-8"))
    for vector in document["vectors"] + document["own"]:
        expect = vector["expect"]
        if "rejected" in expect:
            continue
        contents = decode_tag(bytes.fromhex(vector["hex"]), vector["bank"])
        for key in expect.keys() - {"problems"}:
            got = getattr(contents, {"set": "set_info"}.get(key, key))
            allowed = expect[key] if isinstance(expect[key], list) else [expect[key]]
            assert got in allowed, (vector["id"], key)
        assert contents.problems or "problems" not in expect, vector["id"]
