"""What a person gets wrong is told in one line that says what and where, with the exit code of bad input."""

import gzip
from pathlib import Path

import pytest

from edge.cli import main

SITE = """
schema = 1
[site]
id = "main"
timezone = "Asia/Shanghai"
[[space]]
id = "hall"
kind = "learning"
zone = "quiet"
capacity = 20
open = ["mon-sun 08:00-22:00"]
[[shelf]]
id = "a03-2"
space = "hall"
length_m = 0.9
[[source]]
id = "cart-1"
driver = "replay"
"""
LIST = "barcode,epc,call_number,scheme,title,shelf,sort_key,status\n1,,TP311/A1,clc,x,a03-2,,available\n"
READ = '{"kind":"tag","t_ns":1,"source":"cart-1","antenna":1,"epc":"E2"}\n'

MISTAKES = [
    ("locate no.jsonl --site site.toml", "no.jsonl: No such file or directory"),
    ("locate folder --site site.toml", "folder: Is a directory"),
    ("locate one.jsonl --site broken.toml", "broken.toml:2: not TOML: "),
    ("locate one.jsonl --site bytes", "bytes:2: not UTF-8"),
    ("locate one.jsonl --site empty", "empty:1: schema: required, and not there"),
    ("replay no.jsonl --site site.toml", "no.jsonl: No such file or directory"),
    ("replay folder --site site.toml", "folder: Is a directory"),
    ("demo --recording no.jsonl --for 1", "no.jsonl: No such file or directory"),
    ("inventory one.jsonl --site site.toml --shelf-list empty", "empty:1: no column barcode; "),
    ("inventory one.jsonl --site site.toml --shelf-list list.csv --session broken.toml",
     "broken.toml:1: not JSON: Expecting value"),
    ("inventory one.jsonl --site site.toml --shelf-list list.csv --csv no/x.csv",
     "no/x.csv: No such file or directory"),
    ("inventory approve --findings no.json --by me --all --out out.jsonl",
     "no.json: No such file or directory"),
    ("inventory approve --findings list.csv --by me --all --out out.jsonl", "list.csv:1: not JSON: "),
    ("find 1 --site site.toml --shelf-list list.csv --session no.json", "no.json: No such file or directory"),
    ("find 1 --site site.toml --shelf-list list.csv --recording no.jsonl",
     "no.jsonl: No such file or directory"),
    ("tags decode E28011606000020D5F3A1B2C --lookup no.csv", "no.csv: No such file or directory"),
    ("calibrate --headcount 3 --site site.toml", "--headcount needs --space."),
    ("calibrate --headcount 3 --space cellar --site site.toml",
     "Invalid value for --space: expected one of hall, found 'cellar'"),
    ("status --url board",
     "Invalid value for --url: expected http://… or https://…, found 'board'"),
    ("grafana diff --token-file no.token", "no.token: No such file or directory"),
    ("grafana export --out list.csv", "list.csv/dashboards: Not a directory"),
    ("outbox status --path broken.toml", "broken.toml: outbox: file is not a database"),
    ("spaces one.jsonl --site site.toml --every 60s --bookings bytes", "bytes:2: not UTF-8"),
    ("spaces one.jsonl --site site.toml --every 60s --bookings list.csv", "list.csv:1: expected id, space, "),
    ("call-numbers sort --scheme clc folder", "folder: Is a directory"),
    ("sensors teapot", "driver: expected one of "),
]  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "site.toml": SITE.encode(),
        "broken.toml": b"schema = 1\n[site\n",
        "bytes": b"schema = 1\nid = \xff",
        "empty": b"",
        "list.csv": LIST.encode(),
        "one.jsonl": READ.encode(),
        "cut.jsonl.gz": gzip.compress(READ.encode() * 1000)[:-30],
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)


def said_by(line: str, capsys: pytest.CaptureFixture[str]) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    out, err = capsys.readouterr()
    return ended.value.code, out, err


@pytest.mark.parametrize(("line", "wanted"), MISTAKES, ids=[line for line, _ in MISTAKES])
def test_a_mistake_is_one_line_that_says_what_and_where(
    line: str, wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said_by(line, capsys)
    assert (code, out) == (2, "")
    assert err.startswith(f"edge: {wanted}")
    assert err.count("\n") == 1
    assert "Errno" not in err


def test_a_fault_in_the_world_exits_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said_by("status --url http://127.0.0.1:1", capsys)
    assert (code, err) == (1, "edge: no daemon answers at http://127.0.0.1:1: Connection refused\n")


def test_a_grafana_that_does_not_answer_is_told_in_the_system_s_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAFANA_TOKEN", "a-token")
    code, _, err = said_by("grafana push --url http://127.0.0.1:1/", capsys)
    assert (code, err) == (1, "edge: grafana: http://127.0.0.1:1: Connection refused\n")


def test_a_group_without_a_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said_by("outbox", capsys)
    assert (code, out) == (2, "")
    assert err.startswith("Usage: edge outbox ")


def test_a_label_that_was_not_read_on_its_board_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    main(["calibrate", "one.jsonl", "--site", "site.toml", "--label", "E2=cellar:0.1"])
    assert "--label E2: not read on cellar: left out\n" in capsys.readouterr().err


def test_a_recording_that_was_cut_short_is_read_as_far_as_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    main(["locate", "cut.jsonl.gz", "--site", "site.toml"])
    assert "cut.jsonl.gz: the compressed data ends early\n" in capsys.readouterr().err
