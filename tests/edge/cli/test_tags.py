"""`edge tags decode`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.cli.tags import command
from edge.errors import ConfigError
from edge.library.tags.mm3 import encode_3m


def decode(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["decode", *arguments])


def test_json_has_one_entry_an_input() -> None:
    tag = encode_3m("00301140").hex()
    rows = json.loads(decode(tag, "04 11", "--bank", "hf", "--json").stdout)
    assert [row["input"] for row in rows] == [tag, "04 11"]
    assert (rows[0]["model"], rows[0]["barcode"], rows[0]["problems"]) == ("3m", "00301140", [])
    assert rows[1]["model"] == "unknown"


@pytest.mark.parametrize("bad", ["91ZZ", "9", "", "0x"])
def test_what_is_not_hex_is_refused_in_one_line(bad: str) -> None:
    error = decode(bad).exception
    assert isinstance(error, ConfigError)
    assert "\n" not in str(error)


def test_lookup_table_names_the_barcode(tmp_path: Path) -> None:
    table = tmp_path / "lookup.csv"
    table.write_text("id,barcode\nE28011606000020500000001,00042\n", encoding="utf-8")
    result = decode("E28011606000020500000001", "--lookup", str(table), "--json")
    assert json.loads(result.stdout)[0]["barcode"] == "00042"


def test_text_output_has_no_control_characters_of_the_tag() -> None:
    hostile = "610c" + b"\x1b[2J\x07hacked!".hex()
    assert "\x1b" not in decode(hostile, "--bank", "hf").output
