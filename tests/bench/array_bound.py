"""What three boards in one row allow: an oracle that knows every tag's board and place but for two of them.

The row is an array of parallel dipoles in two dimensions, tags where they truly stand; what they share
(offset, depth, impedance, beam, the antenna's height, the dipoles' length) is fitted to all fields. Then
every two neighbours of a board are exchanged: `order` is the share of pairs whose fields suit their own
places better than each other's. A locator knows none of that, so it bounds this model, and not others.

Run `python -m tests.bench.array_bound [--json] [DATA_DIR]`.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product
from pathlib import Path
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.ext.coupled import direct
from edge.fusion.locate import Options
from edge.fusion.locate.coupled import Prior
from edge.fusion.locate.cut import Cut, cut_up
from edge.fusion.locate.hologram import coarse_places
from edge.fusion.locate.profile import C128, profiles_of
from edge.fusion.locate.samples import Part, left_by, parts_of
from edge.recording import read
from tests.bench.locate_scene import Known, lengths, recordings, truth

DATA: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data"
TIER_M: Final = 0.125  # from board to board in these recordings
TIERS: Final = {"0": 0.0, "1": 1.0, "2": -1.0}
# offset and depth (m), own impedance (of the radiation resistance), beam, height (m), length (wavelengths)
START: Final = np.array([0.0, 0.0, 1.1, -0.6, 1.5, 0.0, 0.38])
STEP: Final = np.array([0.02, 0.02, 0.2, 0.3, 0.4, 0.05, 0.05])
LEAST: Final = np.array([-0.1, -0.08, 0.3, -3.0, 0.0, -0.15, 0.2])
MOST: Final = np.array([0.1, 0.08, 3.0, 1.0, 4.0, 0.15, 0.5])
HALVINGS: Final = 3
OFFSETS_M: Final = (-0.02, 0.0, 0.02)
OTHERS: Final = [
    np.array([0.0, 0.0, re, im, 0.0, 0.0, length])
    for re, im in ((0.0, 0.0), (0.6, -0.6))
    for length in (0.0, 0.1)
]
DEPTH_SD_M: Final = 0.025
BEAM: Final = (1.5, 0.7)


def staggered(side_m: F64, shift_m: F64, length: float, k: float) -> C128:
    """Mutual impedance of parallel dipoles beside and above one another, over the radiation resistance.

    length : in wavelengths (induced EMF, sinusoidal currents; Balanis, Antenna Theory, 8.6)
    """
    half_m = length * np.pi / k
    return _induced(side_m, shift_m, half_m, k) / _induced(np.array(5e-4), np.array(0.0), half_m, k).real


def _induced(side_m: F64, shift_m: F64, half_m: float, k: float) -> C128:
    along = np.linspace(-half_m, half_m, 61)
    side = np.maximum(side_m, 2e-3 if side_m.ndim else 0.0)[..., None]
    z = shift_m[..., None] + along
    low, high, middle = np.hypot(side, z - half_m), np.hypot(side, z + half_m), np.hypot(side, z)
    waves = (np.exp(-1j * k * r) / r for r in (low, high, middle))
    sent = next(waves) + next(waves) - 2.0 * np.cos(k * half_m) * next(waves)
    found: C128 = np.trapezoid(30.0j * sent * np.sin(k * (half_m - np.abs(along))), along, axis=-1)
    return found


def fields(part: Part, x_m: F64, z_m: F64, q: F64) -> C128:
    """complex128[n, k]: the tags' currents where all stand as told."""
    offset_m, depth_m, real, imag, beam, height_m, length = (float(v) for v in q)
    lines = np.hypot(part.y_m + depth_m, z_m - height_m)
    g = direct(part.x_m, x_m + offset_m, lines, part.k, beam)[0]
    z = staggered(np.abs(x_m[:, None] - x_m), z_m[:, None] - z_m, length, part.k)
    np.fill_diagonal(z, complex(real, imag))
    return np.linalg.solve(z, g).astype(np.complex128)


def costs(parts: Sequence[Part], x_m: F64, z_m: F64, q: F64) -> F64:
    """float64[n, n]: the energy of every tag's samples in every tag's place."""
    prior = Prior()
    left = np.sum([left_by(part, fields(part, x_m, z_m, q), prior.flip) for part in parts], axis=0)
    seen = np.sum([part.seen.sum(axis=1) for part in parts], axis=0)
    cost: F64 = prior.informative * np.log(left / np.maximum(seen, 1.0)[:, None] + prior.floor)
    return cost


def settled(energy: Callable[[F64], float], start: F64) -> F64:
    """The minimum by steps along one unknown at a time, halved where none helps."""
    q, best, step = start, energy(start), STEP.copy()
    halved = 0
    while halved < HALVINGS:
        before = best
        for n in range(len(q)):
            for sign in (1.0, -1.0):
                tried = q.copy()
                tried[n] = np.clip(q[n] + sign * step[n], LEAST[n], MOST[n])
                if (now := energy(tried)) < best - 1e-3:
                    q, best = tried, now
                    break
        if best > before - 0.5:
            step, halved = 0.5 * step, halved + 1
    return q


def pairs(path: Path) -> list[bool]:
    """For every two neighbours whether their own places suit them better than each other's."""
    window, _ = read([path])
    cut, known = cut_up(window, lengths(path), Options()), truth(path)
    if cut is None:
        return []
    tags = np.array([tag for tag, epc in enumerate(window.tags.epcs) if epc in known])
    told = [known[window.tags.epcs[tag]] for tag in tags]
    x_m, z_m = np.array([one.x_m for one in told]), np.array([TIERS[one.row] * TIER_M for one in told])
    coarse_m, parts = _parts(cut, tags)

    def energy(q: F64) -> float:
        own = float(np.diag(costs(parts, x_m, z_m, q)).sum())
        return own + 0.5 * float((q[1] / DEPTH_SD_M) ** 2 + ((q[4] - BEAM[0]) / BEAM[1]) ** 2)

    offset = np.eye(len(START))[0]
    middle = START + offset * np.median(coarse_m - x_m)
    starts = [middle + offset * off_m + other for off_m, other in product(OFFSETS_M, OTHERS)]
    best = min((settled(energy, start) for start in starts), key=energy)
    cost = costs(parts, x_m, z_m, best)
    return [bool(cost[a, a] + cost[b, b] < cost[a, b] + cost[b, a]) for a, b in neighbours(told)]


def _parts(cut: Cut, tags: Index) -> tuple[F64, list[Part]]:
    """The hologram's places of all tags, and their samples."""
    rows, tracks = cut.phased_on(0), cut.tracks
    low, high = float(tracks.x_m[rows].min()), float(tracks.x_m[rows].max())
    middle = np.full(len(tags), 0.5 * (low + high))
    first = profiles_of(tracks, rows, tags, cut.ports, middle, cut.options)
    coarse_m = coarse_places(first, low, high, cut.options).x_m
    return coarse_m, parts_of(profiles_of(tracks, rows, tags, cut.ports, coarse_m, cut.options), coarse_m)


def neighbours(told: Sequence[Known]) -> Iterator[tuple[int, int]]:
    """Every two tags side by side on a board, from left to right."""
    for board in sorted({one.row for one in told}):
        row = sorted((n for n, one in enumerate(told) if one.row == board), key=lambda n: told[n].x_m)
        yield from pairwise(row)


def figures(data_dir: Path) -> dict[str, dict[str, float]]:
    """The oracle's order by set of recordings, and of how many pairs."""
    good: dict[str, list[bool]] = {}
    for name, path in recordings(data_dir):
        if name.endswith("three boards"):
            good.setdefault(name, []).extend(pairs(path))
    return {name: {"order": float(np.mean(held)), "pairs": len(held)} for name, held in good.items()}


def main() -> None:
    """Print the figures, a set a line, or the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", nargs="?", type=Path, default=DATA)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    document = figures(given.data_dir)
    if given.json:
        json.dump(document, sys.stdout, indent=1)
        return
    for name, one in document.items():
        print(f"{name:32}  order with all but two tags told {one['order']:.2f}  pairs {one['pairs']:.0f}")


if __name__ == "__main__":
    main()
