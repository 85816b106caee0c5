"""What a stock-take could find by the reads of scenes of our own: an oracle seats one book at a time.

It is told on which board every book stands, and where all others on that board do, to the millimetre; the
law by which books were moved; how thick books are. Of the book itself it knows what all of its own reads
say (`edge.fusion.locate.own`). A book is called where the gap that the list has for it is not the likeliest.
No stock-take knows the others' places: it bounds what these posteriors of single tags allow, and other
locators as far as theirs are no sharper (`tests.bench.echo_bound` says how sharp they can be).

Run `python -m tests.bench.inventory_bound [--scenes N]`.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from edge.cli.stock import load_shelf_list
from edge.columns import F64
from edge.config import load_site
from edge.fusion.inventory import Evidence, scan
from edge.fusion.locate.own import Own
from edge.library.call_numbers import DEFAULT_SIGN_ORDER
from edge.recording import read
from edge.site_models import boards_of
from tests.bench.stocktake_books import KINDS, LENGTH_M, Kind
from tests.bench.stocktake_scene import write

STEP_M: Final = 0.001
LEAST_PASSED: Final = 3  # books that a moved one was carried past
SHAPE: Final = 4.0  # of the gamma law of thicknesses
HOLES: Final = 0.06


@dataclass(frozen=True, slots=True)
class Seat:
    """A book's gap among the others of its board: the true one, that of the list (None: on another board)."""

    true: int
    listed: int | None
    found: int


def seat(own: Own, others_m: F64, listed: int | None, moved_share: float) -> int:
    """The likeliest gap among the others at others_m [n], rising; from 0 to n."""
    grid_m = np.arange(-0.05, LENGTH_M + 0.05, STEP_M)
    gap = np.searchsorted(others_m, grid_m)
    edges = np.concatenate([[-np.inf], others_m, [np.inf]])
    mean_m = float(np.ptp(others_m)) / max(1, len(others_m) - 1)
    room = _law(grid_m - edges[gap], mean_m) * _law(edges[gap + 1] - grid_m, mean_m)
    weight = own.density(grid_m) * room / _law(edges[gap + 1] - edges[gap], mean_m)
    p = np.bincount(gap, weight, len(others_m) + 1) * _prior(len(others_m), listed, moved_share)
    return int(p.argmax())


def _law(gap_m: F64, mean_m: float) -> F64:
    """Density of gaps; 1 at a row's ends."""
    known = np.isfinite(gap_m)
    x = np.where(known, np.maximum(gap_m, STEP_M) / mean_m, 1.0)
    density = x ** (SHAPE - 1.0) * np.exp(-SHAPE * x) * SHAPE**SHAPE / 6.0
    law: F64 = np.where(known, (1.0 - HOLES) * density + HOLES * np.exp(-0.4 * x) + 1e-6, 1.0)
    return law


def _prior(others: int, listed: int | None, moved_share: float) -> F64:
    if listed is None:
        return np.ones(others + 1)
    far = np.abs(np.arange(others + 1) - listed) >= LEAST_PASSED
    prior: F64 = moved_share * far / max(1, far.sum())
    prior[listed] = 1.0 - moved_share
    return prior


def seats(evidence: Evidence, books: Sequence[Mapping[str, Any]], kind: Kind) -> Iterator[Seat]:
    """All books that were read on their boards, each seated among the others there."""
    standing = [b for b in books if b["present"] and b["scanned"] and b["rank"] is not None]
    for shelf in sorted({b["shelf"] for b in standing}):
        row = sorted((b for b in standing if b["shelf"] == shelf), key=_rank)
        tags = [evidence.tags.get(b["epc"]) for b in row]
        seen = [n for n, tag in enumerate(tags) if tag and tag.shelf == shelf and tag.own and tag.x_m]
        ahead = [float(tags[n].x_m or 0.0) - row[n]["x_m"] for n in seen]  # type: ignore[union-attr]
        x_m = np.array([b["x_m"] for b in row]) + float(np.median(ahead))
        for n in seen:
            (own,) = tags[n].own  # type: ignore[union-attr]
            listed = _listed(row, n)
            found = seat(own, np.delete(x_m, n), listed, kind.moved / 3.0 / kind.books)
            yield Seat(n, listed, found)


def _rank(book: Mapping[str, Any]) -> int:
    return int(book["rank"])


def _listed(row: Sequence[Mapping[str, Any]], n: int) -> int | None:
    """The gap that the list has for a book of this board, among the others that stand in order."""
    book = row[n]
    if book["fault"] != "misplaced":
        return n
    if book["expected_shelf"] != book["shelf"]:
        return None
    others = [b for m, b in enumerate(row) if m != n]
    before = [m for m, b in enumerate(others) if b["fault"] != "misplaced" and b["barcode"] < book["barcode"]]
    return before[-1] + 1 if before else 0


def figures(scenes: int) -> dict[str, dict[str, float]]:
    """By kind of scene, means over seeds 1, 2 ..."""
    return {f"own {name} ({scenes})": _figures(kind, scenes) for name, kind in KINDS.items()}


def _figures(kind: Kind, scenes: int) -> dict[str, float]:
    rows = []
    with TemporaryDirectory() as folder:
        for seed in range(1, scenes + 1):
            path = Path(folder) / f"own-{seed}"
            write(path, kind, seed)
            truth = json.loads((path / "truth.json").read_text(encoding="utf-8"))
            rows.append(_scored(list(seats(_evidence(path), truth["books"], kind)), truth["books"]))
    return {key: round(fmean(row[key] for row in rows), 3) for key in rows[0]}


def _scored(found: Sequence[Seat], books: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Books on another board than the list's are found; who is seated wrong is so towards one neighbour."""
    moved = [one for one in found if one.listed != one.true]
    called = [one for one in found if one.listed != one.found]
    right = sum(one.listed != one.true for one in called)
    ranked = [b for b in books if b["present"] and b["scanned"] and b["rank"] is not None]
    pairs = len(ranked) - len({b["shelf"] for b in ranked})
    unread = sum(2 for b in ranked if not b["reads"])
    wrong = sum(one.found != one.true for one in found)
    return {
        "misplaced_recall": right / max(1, len(moved)),
        "misplaced_f1": 2.0 * right / max(1, len(moved) + len(called)),
        "seats_of_moved": fmean(one.found == one.true for one in moved),
        "order": 1.0 - (wrong + unread) / pairs,
    }


def _evidence(path: Path) -> Evidence:
    window, _ = read([str(path / f"{path.name}.jsonl.gz")])
    site = load_site(str(path / "site.toml"))
    return scan(window, load_shelf_list(str(path / "shelf_list.csv"), DEFAULT_SIGN_ORDER), boards_of(site))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=6, help="So many of each kind.")
    for name, row in figures(parser.parse_args().scenes).items():
        print(name, *(f"{key}={value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
