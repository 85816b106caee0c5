"""A wrong site file gets one line: file, line, key, and what was expected."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config import Site, load_site
from edge.errors import ConfigError
from edge.toml_file import TomlFile

GOOD = """schema = 1
[site]
id = "main"
timezone = "Asia/Shanghai"

[[space]]
id = "hall"
kind = "cultural"
zone = "voiced"
capacity = 150
open = ["mon-fri 08:00-22:00", "sat,sun 10:00-18:00"]

[[space]]
id = "reading-2f"
name = { en = "Reading room", zh = "阅览室" }
kind = "learning"
zone = "quiet"
capacity = 120
open = ["mon-sun 08:00-22:00"]

[[door]]
id = "door-main"
from = "outside"
to = "hall"
source = "door-main"

[[shelf]]
id = "a03-2"
space = "reading-2f"
length_m = 0.9
scheme = "clc"

[[source]]
id = "cart-1"
driver = "llrp"
[source.options]
host = "reader.example"
"""


def fault(tmp_path: Path, text: str) -> str:
    path = tmp_path / "site.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_site(path)
    said = str(caught.value)
    assert "\n" not in said
    return said.replace(str(tmp_path) + "/", "")


def test_good_site_is_read(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(GOOD)
    site = load_site(path)
    assert [space.id for space in site.spaces] == ["hall", "reading-2f"]
    assert site.doors[0].from_ == "outside"
    assert site.sources[0].options == {"host": "reader.example"}


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ('kind = "learning"', 'kind = "lerning"', "site.toml:16: space.1.kind: expected 'learning'"),
        ("capacity = 120", "capcity = 120", "site.toml:18: space.1.capcity: no such key, found"),
        ("capacity = 120\n", "", "site.toml:13: space.1.capacity: required, and not there"),
        ("capacity = 120", 'capacity = "120"', "site.toml:18: space.1.capacity: expected a valid integer"),
        ("capacity = 120", "capacity = 0", "site.toml:18: space.1.capacity: expected greater than"),
        ('to = "hall"', 'to = "hal"', "site.toml:24: door.0.to: expected the id of a space, found 'hal'"),
        ('id = "reading-2f"', 'id = "hall"', "site.toml:14: space.1.id: expected an id of its own"),
        ('id = "hall"', 'id = "outside"', "site.toml:7: space.0.id: expected an id of its own"),
        ('id = "hall"', 'id = "h/#+"', "site.toml:7: space.0.id: expected text that matches"),
        ("Asia/Shanghai", "Asia/Nowhere", "site.toml:4: site.timezone: expected a time zone"),
        ("sat,sun 10:00-18:00", "weekend", "site.toml:11: space.0.open.1: expected hours such as"),
        ("length_m = 0.9", "length_m = nan", "site.toml:30: shelf.0.length_m: expected"),
        ("schema = 1", "schema = 2", "site.toml:1: schema: expected 1, found 2"),
        ("[[door]]", "[[doors]]", "site.toml:21: doors: no such key"),
        ("zh = ", "zh ", "site.toml:15: not TOML"),
        ('id = "main"', "", "site.toml:2: site.id: required, and not there"),
    ],
)
def test_fault_names_file_line_key_and_what_was_expected(
    tmp_path: Path, wrong: str, right: str, said: str
) -> None:
    assert fault(tmp_path, GOOD.replace(wrong, right, 1)).startswith(said.removesuffix(", found"))


def test_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_site(tmp_path / "none.toml")


def test_bytes_that_are_not_utf8_name_their_line(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_bytes(b"schema = 1\n[site]\nid = '\xff'\n")
    with pytest.raises(ConfigError, match=r"site\.toml:3: not UTF-8"):
        load_site(path)


def test_development_sites_are_all_good(data_dir: Path) -> None:
    found = [*data_dir.rglob("site.toml"), *data_dir.rglob("*.site.toml")]
    assert found
    for path in found:
        load_site(path)


JSONISH = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["schema", "site", "space", "door", "shelf", "source", "id", "open"]), inner
        ),
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["schema", "site", "space", "door", "source"]), JSONISH))
def test_any_tables_give_a_site_or_one_line(tables: dict[str, object]) -> None:
    said = ""
    try:
        TomlFile("site.toml", "", tables).as_model(Site)
    except ConfigError as error:
        said = str(error)
    assert "\n" not in said
