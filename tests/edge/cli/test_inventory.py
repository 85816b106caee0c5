"""`edge inventory` on the simulated scenes, and on what it should refuse."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.cli.inventory import command
from edge.lsp.store import Store
from tests.bench.inventory_figures import score

SITE = """schema = 1
[site]
id = "s"
timezone = "Asia/Shanghai"
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def scene_arguments(folder: Path) -> list[str | Path]:
    return ["--site", folder / "site.toml", "--shelf-list", folder / "shelf_list.csv"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scene", "misplaced_f1", "missing_f1", "false_alarms"),
    [
        ("easy-1", 0.95, 0.97, 5.0),
        ("standard-2", 0.92, 0.97, 2.0),
        ("hard-3", 0.85, 0.93, 10.0),
    ],
)
def test_simulated_scene(
    data_dir: Path, scene: str, misplaced_f1: float, missing_f1: float, false_alarms: float
) -> None:
    folder = data_dir / "sim" / scene
    result = run(folder / f"{scene}.jsonl.gz", *scene_arguments(folder), "--json")
    figures = score(
        json.loads(result.stdout), json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    )
    assert figures["misplaced_f1"] >= misplaced_f1
    assert figures["missing_f1"] >= missing_f1
    assert figures["wrong_status_recall"] == figures["unknown_tags_recall"] == 1.0
    assert figures["false_alarms_per_1000"] <= false_alarms


def test_session_is_kept_and_shown_again(data_dir: Path, tmp_path: Path) -> None:
    folder, session = data_dir / "sim/hard-3", tmp_path / "session.json"
    first = run(folder / "hard-3.jsonl.gz", *scene_arguments(folder), "--session", session, "--json")
    again = run(*scene_arguments(folder), "--session", session, "--json")
    assert json.loads(first.stdout) == json.loads(again.stdout)
    lines = run(*scene_arguments(folder), "--session", session).stdout.splitlines()
    assert any(": move " in line for line in lines)


@pytest.fixture
def bare(tmp_path: Path) -> list[str | Path]:
    (tmp_path / "site.toml").write_text(SITE)
    (tmp_path / "list.csv").write_text("barcode,epc,call_number,scheme,title,shelf,sort_key,status\n")
    return ["--site", tmp_path / "site.toml", "--shelf-list", tmp_path / "list.csv"]


def test_empty_recording_finds_nothing(bare: list[str | Path], tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")
    found = json.loads(run(tmp_path / "empty.jsonl", *bare, "--json").stdout)
    assert set(found) == {
        "books", "misplaced", "missing", "unexpected", "wrong_status", "unknown_tags", "shelves"
    }  # fmt: skip
    assert not any(found.values())


def test_neither_recording_nor_session_is_bad_usage(bare: list[str | Path]) -> None:
    assert run(*bare).exit_code == 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 7}'])
def test_damaged_session_is_refused(bare: list[str | Path], tmp_path: Path, content: str) -> None:
    (tmp_path / "session.json").write_text(content)
    assert "session.json" in str(run(*bare, "--session", tmp_path / "session.json").exception)


def test_missing_list_is_one_line(bare: list[str | Path]) -> None:
    assert "nowhere.csv" in str(run("x.jsonl", *bare[:2], "--shelf-list", "nowhere.csv").exception)


def test_reports_are_written(data_dir: Path, tmp_path: Path) -> None:
    folder, table, sheet = data_dir / "sim/hard-3", tmp_path / "found.csv", tmp_path / "found.xlsx"
    session = tmp_path / "session.json"
    run(folder / "hard-3.jsonl.gz", *scene_arguments(folder), "--session", session, "--csv", table)
    run(*scene_arguments(folder), "--session", session, "--xlsx", sheet, "--language", "zh")
    assert table.read_text(encoding="utf-8-sig").startswith("title,author,barcode,itemnumber,")
    assert sheet.read_bytes().startswith(b"PK")


def test_missing_books_are_approved_once(tmp_path: Path) -> None:
    findings, out = tmp_path / "found.json", tmp_path / "approved.jsonl"
    findings.write_text(json.dumps({"missing": [{"barcode": "1", "expected_shelf": "a1"}]}))
    arguments = ["--findings", findings, "--by", "ann", "--out", out, "--json"]
    assert json.loads(run("approve", "1", *arguments).stdout) == {"approved": ["1"], "already": 0}
    assert json.loads(run("approve", "--all", *arguments).stdout) == {"approved": [], "already": 1}
    assert len(out.read_text().splitlines()) == 1
    assert "2 is not among" in str(run("approve", "2", *arguments).exception)
    assert run("approve", *arguments).exit_code == 2


def test_an_approval_is_left_for_the_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    findings, site = tmp_path / "found.json", tmp_path / "site.toml"
    site.write_text('schema = 1\n[site]\nid = "main"\ntimezone = "Asia/Shanghai"\n')
    findings.write_text(json.dumps({"missing": [{"barcode": "1", "expected_shelf": "a1"}]}))
    arguments = ["--findings", findings, "--by", "ann", "--site", site, "--json"]
    assert json.loads(run("approve", "--all", *arguments).stdout) == {"approved": ["1"], "already": 0}
    assert json.loads(run("approve", "1", *arguments).stdout) == {"approved": [], "already": 1}
    store = Store(tmp_path / "lsp.db")
    assert [(one.barcode, one.by) for one in store.waiting()] == [("1", "ann")]
    store.close()


def test_mail_without_a_server_is_bad_usage(bare: list[str | Path], tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")
    assert run(tmp_path / "empty.jsonl", *bare, "--mail", "a@example.org").exit_code == 2
