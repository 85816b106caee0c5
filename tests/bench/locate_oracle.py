"""What the simulated scenes allow: an oracle that knows each tag's board, depth, height and coarse place.

It has to find the place along the board within 10 cm only, by the best fit of a direct path to the field.
`noise_limit_cm` is the Cramér-Rao bound of the reader's phase noise, σ_x = σ_θ / (2k·√Σ sin²α) (Kay 1993).
What lies between it and `shift_median_cm` is what a fit of one direct path can't explain; `order` is what
that leaves of the order. It bounds such fits, not every model.

Run `python -m tests.bench.locate_oracle [--json] [DATA_DIR]`.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.columns import F64
from edge.ext.matched import matched
from edge.fusion.locate.path import Pass, passes_of
from edge.fusion.locate.physics import wavenumber
from edge.fusion.locate.port import calibrate
from edge.fusion.locate.profile import continuous, profile
from edge.fusion.locate.result import Port
from edge.fusion.locate.tracks import Tracks, follow
from edge.recording import read

DATA: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data"
AROUND_M: Final = np.arange(-0.10, 0.1001, 0.002)
MIN_READS: Final = 20
NOISE_RAD: Final = 0.15  # the largest that the scenes have


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag's true place, where each pass and both together see it (off the truth), and the bound; all m."""

    shelf: str
    x_m: float
    seen_m: tuple[float, ...]
    together_m: float
    noise_m: float


def figures(data_dir: Path) -> dict[str, dict[str, float]]:
    """By scene: shift of the field itself, how well two passes agree on it, and the order it allows."""
    found = {}
    for path in sorted((data_dir / "sim").glob("*/*.jsonl.gz")):
        if (path.parent / "shelf_list.csv").exists():
            found[path.parent.name.rsplit("-", 1)[0]] = _summary(list(_tags(path)))
    return found


def _tags(path: Path) -> Iterator[Tag]:
    truth = json.loads((path.parent / "truth.json").read_text())
    scale, zeros = truth["encoder"]["scale"], truth["encoder"]["zero_m"]
    window, _ = read([path])
    passes = passes_of(window.poses)
    tracks = follow(window.tags, passes)
    ports = [calibrate(tracks, n) for n in range(len(tracks.ports))]
    place = {epc: n for n, epc in enumerate(window.tags.epcs)}
    for book in truth["books"]:
        if book["present"] and book["scanned"] and not book["flat"] and book["epc"] in place:
            at_m = book["x_m"] * scale + zeros[book["shelf"]]
            yield from _tag(tracks, passes, ports[0], place[book["epc"]], book, at_m)


def _tag(
    tracks: Tracks, passes: list[Pass], port: Port, tag: int, book: dict[str, Any], at_m: float
) -> Iterator[Tag]:
    fits, seen, information = [], [], 0.0
    for leg, one in enumerate(passes):
        rows = np.flatnonzero((tracks.leg == leg) & (tracks.tag == tag) & np.isfinite(tracks.theta_rad))
        if one.shelf == book["shelf"] and len(rows) >= MIN_READS:
            line = float(np.hypot(np.median(one.y_m) + book["depth_m"], book["z_m"] - np.median(one.z_m)))
            fits.append(_explained(tracks, rows, port, tag, at_m, line))
            seen.append(float(AROUND_M[fits[-1].argmax()]))
            ahead = tracks.x_m[rows] - at_m
            k2 = 2.0 * wavenumber(tracks.f_mhz[rows])
            information += float(((k2 * ahead / np.hypot(ahead, line) / NOISE_RAD) ** 2).sum())
    if fits:
        together = float(AROUND_M[np.sum(fits, axis=0).argmax()])
        yield Tag(book["shelf"], at_m, tuple(seen), together, information**-0.5)


def _explained(tracks: Tracks, rows: Any, port: Port, tag: int, at_m: float, line: float) -> F64:
    local = np.full(int(tracks.tag.max()) + 1, -1, np.intp)
    local[tag] = 0
    one = continuous(profile(tracks, rows, port, local, np.array([[at_m, line]]), 0.01), np.array([at_m]))
    k = float(wavenumber(one.f_mhz))
    power, total = matched(one.h, one.x_m, at_m + AROUND_M[None, :], np.array([line]), k)
    share: F64 = power[0, 0] / total[0]
    return share


def _summary(tags: list[Tag]) -> dict[str, float]:
    off = np.array([tag.together_m for tag in tags])
    twice = np.array([tag.seen_m[0] - tag.seen_m[1] for tag in tags if len(tag.seen_m) == 2])
    order = []
    for shelf in {tag.shelf for tag in tags}:
        row = sorted((tag for tag in tags if tag.shelf == shelf), key=_place)
        order += [a.x_m + a.together_m < b.x_m + b.together_m for a, b in pairwise(row)]
    return {
        "tags": len(tags),
        "noise_limit_cm": float(np.median([tag.noise_m for tag in tags])) * 100.0,
        "shift_median_cm": float(np.median(np.abs(off - np.median(off)))) * 100.0,
        "passes_differ_median_cm": float(np.median(np.abs(twice))) * 100.0 if len(twice) else float("nan"),
        "order": float(np.mean(order)),
    }


def _place(tag: Tag) -> float:
    return tag.x_m


def main() -> None:
    """Print the table, or the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", nargs="?", type=Path, default=DATA)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = figures(given.data_dir)
    if given.json:
        json.dump(found, sys.stdout, indent=1)
        return
    for scene, row in found.items():
        print(f"{scene:12} " + "  ".join(f"{name} {value:.3f}" for name, value in row.items()))


if __name__ == "__main__":
    main()
