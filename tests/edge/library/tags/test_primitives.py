"""Single steps of decoding: codes, checksums, identities."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import BadFrame, ConfigError
from edge.library.tags.afi import AfiPolarity, Security
from edge.library.tags.cn_university import content_oids as cn_content_oids
from edge.library.tags.compaction import (
    BCD,
    FIVE_BITS,
    INTEGER,
    OCTETS,
    SEVEN_BITS,
    SIX_BITS,
    UTF8,
    decode_text,
    encode_text,
)
from edge.library.tags.crc import crc_gen2, crc_iso28560_3
from edge.library.tags.elements import Element, content_oids, encode_elements, parse_elements
from edge.library.tags.isil import decode_isil, encode_isil
from edge.library.tags.lookup import parse_lookup
from edge.library.tags.tid import decode_tid
from edge.library.tags.urn40 import decode_urn40, encode_urn40

DIGITS = st.from_regex(r"[0-9]{1,30}", fullmatch=True)
SIX_BIT_TEXT = st.text([chr(code) for code in range(0x21, 0x60)], min_size=1)


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        (INTEGER, st.from_regex(r"[1-9][0-9]{1,18}", fullmatch=True)),
        (BCD, DIGITS),
        (FIVE_BITS, st.text([chr(code) for code in range(0x41, 0x60)], min_size=1)),
        (SIX_BITS, SIX_BIT_TEXT),
        (SEVEN_BITS, st.text([chr(code) for code in range(0x7F)])),
        (OCTETS, st.text([chr(code) for code in range(0x100)])),
        (UTF8, st.text()),
    ],
)
def test_compacted_text_comes_back(code: int, texts: st.SearchStrategy[str]) -> None:
    @given(texts)
    def check(text: str) -> None:
        assert decode_text(code, encode_text(code, text)) == text

    check()


@pytest.mark.parametrize(("code", "data"), [(INTEGER, b"\x01"), (BCD, b"\x1a"), (UTF8, b"\xff"), (0, b"")])
def test_bytes_of_another_code_are_refused(code: int, data: bytes) -> None:
    with pytest.raises(BadFrame):
        decode_text(code, data)


@given(st.from_regex(r"[A-Z]{2}-[A-Za-z0-9:/-]{1,11}", fullmatch=True))
def test_isil_comes_back(text: str) -> None:
    assert decode_isil(encode_isil(text)) == text


def test_isil_of_the_standard() -> None:
    assert encode_isil("US-InU-Mu").hex() == "acc09ebaa06f6b"


@given(st.from_regex(r"[A-Z0-9:.é€-]{1,40}", fullmatch=True))
def test_urn_code_40_comes_back(text: str) -> None:
    assert decode_urn40(encode_urn40(text)) == text


def test_long_number_keeps_its_leading_zeros() -> None:
    assert decode_urn40(encode_urn40("DK-1.000000123456")) == "DK-1.000000123456"


def test_element_beyond_15_has_its_own_oid_byte() -> None:
    element = Element(17, OCTETS, b"Title", padding=2)
    assert parse_elements(encode_elements([element])) == ([element], [])


def test_content_parameters() -> None:
    assert content_oids(b"\xd0") == [3, 4, 6]
    assert cn_content_oids(0x00A1) == [3, 12, 15]


def test_checksums() -> None:
    assert crc_iso28560_3(b"123456789") == 0x29B1
    assert crc_gen2(bytes.fromhex("08001111")) == 0xCCAE


def test_tid_with_a_serial() -> None:
    identity = decode_tid(bytes.fromhex("E2FFF0403C00123456789ABC"))
    assert (identity.extended, identity.serial) == (True, "123456789ABC")
    assert identity.urn == "urn:epc:stid:xFFF.x040.x123456789ABC"


def test_polarity_of_the_afi_is_configuration() -> None:
    assert AfiPolarity().state("07") is Security.IN_STOCK
    assert AfiPolarity().state("c2") is Security.ON_LOAN
    assert AfiPolarity(in_stock="C2", on_loan="07").state("07") is Security.ON_LOAN
    assert AfiPolarity().state(None) is Security.UNKNOWN


def test_lookup_by_epc_then_by_tid() -> None:
    table = parse_lookup(["id,barcode", "aabb,0001", "E200,0002"])
    assert table.barcode(epc="AABB", tid="E200") == "0001"
    assert table.barcode(epc="FFFF", tid="E200") == "0002"


@pytest.mark.parametrize("lines", [["id,code"], ["id,barcode", "xyz,1"], ["id,barcode", "AA,"]])
def test_bad_lookup_table_is_refused_with_its_line(lines: list[str]) -> None:
    with pytest.raises(ConfigError, match=f":{len(lines)}:"):
        parse_lookup(lines)


def test_published_compactions(data_dir: Path) -> None:
    document = json.loads((data_dir / "library/primitives.json").read_text(encoding="utf-8"))
    for row in document["compaction"]:
        data = bytes.fromhex(row["hex"])
        if row["scheme"].startswith("ISIL"):
            assert decode_isil(data) == row["text"]
        else:
            assert decode_text(int(row["scheme"][-2]), data) == row["text"]
    for word, text in document["urn40_words"].items():
        assert decode_urn40(bytes.fromhex(word)) == text
