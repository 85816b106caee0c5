"""Stock-take figures on the simulated scenes, scored as their README says.

`python -m tests.bench.inventory_figures --json`
"""

import argparse
import json
import time
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any, Final

from click.testing import CliRunner

from edge.cli.inventory import command
from tests.bench.stocktake_books import KINDS
from tests.bench.stocktake_scene import write
from tests.conftest import DATA

SCENES: Final = ("easy-1", "standard-2", "hard-3")


def figures(data_dir: Path) -> dict[str, dict[str, float]]:
    """Figures by scene."""
    return {
        scene: scene_figures(data_dir / "sim" / scene)
        for scene in SCENES
        if (data_dir / "sim" / scene).is_dir()
    }


def score(found: Mapping[str, Any], truth: Mapping[str, Any]) -> dict[str, float]:
    """Shares of what was there and what was said, by barcode; not counted either way as the README has it."""
    books = {book["barcode"]: book for book in truth["books"]}
    flat = {barcode for barcode, book in books.items() if book["flat"]}
    unread = {b for b, book in books.items() if book["present"] and not book["reads"]}
    misplaced = _faulty(books, "misplaced") - flat
    missing = _faulty(books, "missing")
    wrong = _faulty(books, "wrong_status")
    said_misplaced = _barcodes(found["misplaced"]) - flat
    said_missing = _barcodes(found["missing"]) - unread
    said_wrong = _barcodes(found["wrong_status"])
    unknown = {tag["epc"] for tag in truth["unknown_tags"]}
    false = len(said_misplaced - misplaced) + len(said_missing - missing) + len(said_wrong - wrong)
    return {
        **_rates("misplaced", misplaced, said_misplaced),
        **_rates("missing", missing, said_missing),
        "wrong_status_recall": _share(wrong & said_wrong, wrong),
        "unknown_tags_recall": _share(unknown & {tag["epc"] for tag in found["unknown_tags"]}, unknown),
        "false_alarms_per_1000": round(1000 * false / len(books), 2),
        **_order(found, books),
    }


def scene_figures(folder: Path) -> dict[str, float]:
    recording = folder / f"{folder.name}.jsonl.gz"
    arguments = ["--site", str(folder / "site.toml"), "--shelf-list", str(folder / "shelf_list.csv")]
    started = time.perf_counter()
    result = CliRunner().invoke(command, [str(recording), *arguments, "--json"], catch_exceptions=False)
    seconds = time.perf_counter() - started
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return score(json.loads(result.stdout), truth) | {"seconds": round(seconds, 2)}


def own_figures(scenes: int) -> dict[str, dict[str, float]]:
    """Means over so many scenes of our own of each kind."""
    found: dict[str, dict[str, float]] = {}
    if not scenes:
        return found
    for name, kind in KINDS.items():
        with TemporaryDirectory() as folder:
            rows = []
            for seed in range(1, scenes + 1):
                write(Path(folder) / f"{name}-{seed}", kind, seed)
                rows.append(scene_figures(Path(folder) / f"{name}-{seed}"))
        found[f"own {name} ({scenes})"] = {key: round(fmean(row[key] for row in rows), 4) for key in rows[0]}
    return found


def _faulty(books: Mapping[str, Mapping[str, Any]], fault: str) -> set[str]:
    return {barcode for barcode, book in books.items() if book["fault"] == fault}


def _barcodes(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    return {row["barcode"] for row in rows}


def _rates(name: str, true: set[str], said: set[str]) -> dict[str, float]:
    both = len(true & said)
    return {
        f"{name}_precision": _share(true & said, said),
        f"{name}_recall": _share(true & said, true),
        f"{name}_f1": round(2 * both / max(1, len(true) + len(said)), 4) if true or said else 1.0,
    }


def _share(part: set[str], whole: set[str]) -> float:
    return round(len(part) / len(whole), 4) if whole else 1.0


def _order(found: Mapping[str, Any], books: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Right board, and right order of true neighbours (one that is not found makes both its pairs wrong).

    `order_at_best` counts only the books that were never read against itself.
    """
    place = {book["barcode"]: (book["shelf"], book["rank"]) for book in found["books"]}
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for book in books.values():
        if book["present"] and book["scanned"] and book["rank"] is not None:
            rows.setdefault(book["shelf"], []).append(book)
    boards = [
        place.get(book["barcode"], (None, 0))[0] == shelf for shelf, row in rows.items() for book in row
    ]
    pairs = [(left, right, shelf) for shelf, row in rows.items() for left, right in _neighbours(row)]
    right = [_in_order(place, *pair) for pair in pairs]
    never_read = [not (left["reads"] and right["reads"]) for left, right, _ in pairs]
    return {
        "board": round(sum(boards) / len(boards), 4),
        "order": round(sum(right) / len(pairs), 4),
        "order_at_best": round(1.0 - sum(never_read) / len(pairs), 4),
    }


def _neighbours(row: list[Mapping[str, Any]]) -> Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    return pairwise(sorted(row, key=lambda book: book["rank"]))


def _in_order(
    place: Mapping[str, tuple[str, int]], left: Mapping[str, Any], right: Mapping[str, Any], shelf: str
) -> bool:
    """Both on their board, and in order; copies under one call number may stand either way round."""
    first, second = place.get(left["barcode"]), place.get(right["barcode"])
    if not (first and second and first[0] == second[0] == shelf):
        return False
    return first[1] < second[1] or left["call_number"] == right["call_number"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--json", action="store_true", help="One JSON document (the default is lines).")
    parser.add_argument("--own", type=int, default=0, help="So many scenes of our own of each kind as well.")
    arguments = parser.parse_args()
    found = figures(arguments.data) | own_figures(arguments.own)
    if arguments.json:
        print(json.dumps(found))
        return
    for scene, row in found.items():
        print(scene, *(f"{key}={value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
