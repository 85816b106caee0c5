"""`edge find`."""

import json
from pathlib import Path

from click.testing import CliRunner

from edge.cli.find import command
from edge.cli.stock import keep_session
from edge.library.shelf_list import COLUMNS
from tests.edge.fusion.inventory.scenes import Scene, scene


def prepared(made: Scene, folder: Path) -> list[str]:
    shelves = "".join(
        f'\n[[shelf]]\nid = "{board.shelf}"\nspace = "s"\nlength_m = 0.9\nscheme = "clc"\n'
        for board in made.boards
    )
    kind = 'kind = "learning"\nzone = "quiet"\ncapacity = 9\nopen = ["mon-sun 08:00-22:00"]'
    space = f'\n[[space]]\nid = "s"\n{kind}\n'
    site = 'schema = 1\n[site]\nid = "main"\ntimezone = "Asia/Shanghai"\n' + space + shelves
    (folder / "site.toml").write_text(site, encoding="utf-8")
    rows = [",".join(getattr(book, name) or "" for name in COLUMNS) for book in made.shelf_list]
    (folder / "list.csv").write_text("\n".join([",".join(COLUMNS), *rows]), encoding="utf-8")
    keep_session(str(folder / "session.json"), made.evidence())
    return [
        "--site", str(folder / "site.toml"), "--shelf-list", str(folder / "list.csv"),
        "--session", str(folder / "session.json"),
    ]  # fmt: skip


def test_book_is_found_where_it_stands(tmp_path: Path) -> None:
    made = scene()
    moved = made.move("a1", 8, "a2", 20)
    arguments = prepared(made, tmp_path)
    place = json.loads(CliRunner().invoke(command, [moved.barcode, *arguments, "--json"]).stdout)
    assert (place["seen"], place["shelf"], place["misplaced"], place["belongs_shelf"]) == (
        True,
        "a2",
        True,
        "a1",
    )
    text = CliRunner().invoke(command, [moved.barcode, *arguments]).stdout
    assert "on a2, between TP3/" in text


def test_book_that_was_not_seen_is_said_to_belong_somewhere(tmp_path: Path) -> None:
    made = scene()
    gone = made.take_away("a1", 3)
    text = CliRunner().invoke(command, [gone.barcode, *prepared(made, tmp_path)]).stdout
    assert "not seen; belongs on a1" in text


def recording(folder: Path, epc: str) -> Path:
    """A wand that comes nearer for four seconds, and goes away for four."""
    path = folder / "wand.jsonl"
    lines = []
    for n in range(160):
        rssi = -70.0 + 0.4 * min(n, 160 - n)
        for tag, strength in ((epc, rssi), ("E28011606000020D5F3A1B2C", -50.0)):
            read = {"kind": "tag", "t_ns": 1_790_000_000_000_000_000 + n * 50_000_000, "source": "wand"}
            lines.append(json.dumps(read | {"antenna": 1, "epc": tag, "rssi_dbm": strength}))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_recording_guides_to_the_book(tmp_path: Path) -> None:
    made = scene()
    book = next(book for book in made.shelf_list if book.epc)
    arguments = prepared(made, tmp_path)[:4]
    wand = ["--recording", str(recording(tmp_path, book.epc or ""))]
    found = CliRunner().invoke(command, [book.barcode, *arguments, *wand, "--json"])
    guide = json.loads(found.stdout)["guide"]
    assert guide["reads"] == 160
    assert abs(guide["best"]["rssi_dbm"] + 38.0) < 4.0
    trends = [one["trend"] for one in guide["bearings"]]
    assert trends.index("warmer") < trends.index("colder")
    shown = CliRunner().invoke(command, [book.barcode, *arguments, *wand]).output
    assert "warmer" in shown
    assert "colder" in shown


def test_without_a_place_to_look_it_is_bad_usage(tmp_path: Path) -> None:
    arguments = prepared(scene(), tmp_path)[:4]
    assert CliRunner().invoke(command, ["1", *arguments]).exit_code == 2
