"""Whole stock-takes of our own with their truth, in the form of the simulated ones: as many as one likes.

The physics is that of the `simulate` driver; rows, faults and the cart are as the data's README describes
them. `python -m tests.bench.stocktake_scene --kind hard --seeds 1-8 FOLDER` writes one folder a seed.
"""

import argparse
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.columns import F64, Index, PoseColumns, Readings, TagColumns, concat_readings, take
from edge.recording import lines_of
from edge.sensors.simulate.reader import ReaderModel
from edge.sensors.simulate.tags import BACK_M, BAY_GAP_M, NEIGHBOURS, SCATTERERS, TIER_M, Complex, Tags
from tests.bench.stocktake_books import KINDS, LENGTH_M, TIERS, Kind, Library, Rng, document

START_NS: Final = 1_772_000_000_000_000_000
TURN_S: Final = 2.4
CENTRE_Z_M: Final = 0.13
REACH_M: Final = (0.15, 0.08, 0.08)  # of points that scatter beside a tag
COUPLING_M: Final = 0.05


def write(folder: Path, kind: Kind, seed: int) -> None:
    """Recording, site, list and truth of one scene, named as the folder is."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    library = Library(kind, rng)
    readings = Scan(library, kind, rng).readings()
    with gzip.open(folder / f"{folder.name}.jsonl.gz", "wb", compresslevel=1) as out:
        out.writelines(lines_of(readings))
    (folder / "site.toml").write_text(library.site(), encoding="utf-8")
    library.write_list(folder / "shelf_list.csv")
    (folder / "truth.json").write_text(json.dumps(truth(library, readings)), encoding="utf-8")


def truth(library: Library, readings: Readings) -> dict[str, Any]:
    """Truth as the data's README has it, as far as scores go by it."""
    count = np.bincount(readings.tags.tag, minlength=len(readings.tags.epcs))
    reads = dict(zip(readings.tags.epcs, map(int, count), strict=True))
    for book in library.books:
        book.reads = reads.get(book.epc, 0)
    strangers = [{"epc": b.epc, "shelf": b.shelf, "x_m": b.x_m, "rank": b.rank} for b in library.unknown]
    return {"books": [document(book) for book in library.books], "unknown_tags": strangers}


class Scan:
    """A cart's way along the boards of a library, and what its reader hears of the tags."""

    def __init__(self, library: Library, kind: Kind, rng: Rng) -> None:
        self._library, self._kind, self._rng = library, kind, rng

    def readings(self) -> Readings:
        """There and back along every board, with a turn between, during which no pose comes."""
        kind, rng = self._kind, self._rng
        tags = self._tags()
        reader = ReaderModel("cart-1", kind.reader, tags, rng)
        scale, zeros = 1.0 + rng.normal(0, kind.scale_sd), rng.normal(0, kind.zero_sd_m, kind.boards)
        lag_ns = int(rng.normal(0, 5e6))
        hz, parts, t_s, at = float(rng.uniform(20, 50)), [], 0.0, (0.0, 0.0)
        for board, begin, end in self._legs():
            y_m = float(rng.uniform(0.37, 0.45))
            z_m = self._floor_m(board) + CENTRE_Z_M
            left_m = self._left_m(board)
            t_s, turn = self._path(t_s, TURN_S, hz, at, (left_m + begin, z_m), y_m)
            parts.append(Readings(tags=self._heard(reader.read(*turn, START_NS))))
            seconds = abs(end - begin) / float(rng.uniform(0.12, 0.26))
            t_s, (times, antenna) = self._path(
                t_s, seconds, hz, (left_m + begin, z_m), (left_m + end, z_m), y_m
            )
            x_m = (antenna[:, 0] - left_m) * scale + zeros[board]
            x_m += rng.normal(0, kind.pose_noise_m, len(x_m))
            poses = _poses(times, x_m, -antenna[:, 1], self._library.boards[board])
            lost = np.abs(times - rng.uniform(times[0], times[-1])) < 0.25
            if rng.random() < 0.4:
                poses = take(poses, ~lost)
            poses = replace(poses, t_ns=poses.t_ns + lag_ns)
            some = np.array_split(np.arange(len(times)), max(1, len(times) // 5))
            read = (reader.read(times[n], antenna[n], START_NS) for n in some)
            parts += [Readings(tags=self._heard(tags)) for tags in read]
            parts.append(Readings(poses=poses))
            at = (float(antenna[-1, 0]), z_m)
        return concat_readings(parts)

    def _heard(self, tags: TagColumns) -> TagColumns:
        """The same with this reader's noise beyond the driver's, and its steps of the RSSI."""
        step_db = self._kind.rssi_step_db
        noise = self._rng.normal(0, self._kind.phase_noise_rad, len(tags))
        return replace(
            tags,
            phase_rad=np.mod(tags.phase_rad + noise, 2 * np.pi),
            rssi_dbm=np.round(tags.rssi_dbm / step_db) * step_db,
        )

    def _legs(self) -> Iterator[tuple[int, float, float]]:
        for board in range(self._kind.boards):
            ends = -float(self._rng.uniform(0.1, 0.2)), LENGTH_M + float(self._rng.uniform(0.1, 0.2))
            yield board, *ends
            yield board, *ends[::-1]

    def _path(
        self,
        t_s: float,
        seconds: float,
        hz: float,
        a: tuple[float, float],
        b: tuple[float, float],
        y_m: float,
    ) -> tuple[float, tuple[F64, F64]]:
        n = max(4, round(seconds * hz))
        share = np.arange(n) / n
        swing = share + self._rng.uniform(-0.03, 0.03) * np.sin(2 * np.pi * share)  # no hand is even
        weave_m = self._kind.weave_m * np.sin(2 * np.pi * (share + self._rng.random()))
        antenna = np.stack(
            [a[0] + swing * (b[0] - a[0]), weave_m - y_m, a[1] + swing * (b[1] - a[1])], axis=1
        )
        return t_s + seconds, (t_s + share * seconds, antenna)

    def _left_m(self, board: int) -> float:
        return board // TIERS * (LENGTH_M + BAY_GAP_M)

    def _floor_m(self, board: int) -> float:
        return TIER_M * (TIERS - 1 - board % TIERS)

    def _tags(self) -> Tags:
        kind, rng = self._kind, self._rng
        seen = [
            b for b in self._library.books if b.present and b.fault != "unreadable"
        ] + self._library.unknown
        m = len(seen)
        behind = np.array([b.shelf.startswith("b") for b in seen])
        board = np.array([int(b.shelf[1:3]) * TIERS - TIERS + int(b.shelf[-1]) - 1 for b in seen], np.intp)
        left = np.array([self._left_m(n) for n in board])
        floor = np.array([self._floor_m(n) for n in board])
        flat = np.array([b.fault == "flat" for b in seen])
        depth = np.clip(0.045 * np.exp(0.65 * rng.standard_normal(m)), 0.01, 0.14)
        z = np.where(flat, 0.232, rng.uniform(0.03, 0.17, m))
        x = np.array([b.x_m for b in seen])
        mirrored = left + np.where(behind, LENGTH_M - x, x)
        place = np.stack([mirrored, np.where(behind, 2 * BACK_M - depth, depth), floor + z], axis=1)
        gain = rng.normal(0, kind.weak_db, m) - np.where(rng.random(m) < 0.05, 5.0, 0.0)
        around = rng.normal(0, REACH_M, (m, SCATTERERS, 3))
        rest = np.maximum(np.linalg.norm(around, axis=2), 0.05)
        strength = rest * kind.echoes * _turned((m, SCATTERERS), rng)
        neighbour, coupling = _coupled(place[:, 0], board + 100 * behind, kind.coupling, rng)
        return Tags(
            epcs=tuple(b.epc for b in seen),
            board=board,
            place=place,
            left_m=left,
            right_m=left + LENGTH_M,
            floor_m=floor,
            gain_db=gain - np.where(behind, 13.0, 0.0),
            phase_rad=rng.uniform(0, 2 * np.pi, m),
            scatterer=place[:, None, :] + around,
            scatter=strength,
            neighbour=neighbour,
            coupling=coupling,
        )


def _turned(shape: tuple[int, ...], rng: Rng) -> Complex:
    """Strengths about 1, of any phase."""
    found: Complex = rng.uniform(0.6, 1.4, shape) * np.exp(2j * np.pi * rng.random(shape))
    return found


def _coupled(x_m: F64, row: Index, strength: float, rng: Rng) -> tuple[Index, Complex]:
    """The nearest tags of the same row and what each passes on; the coupling falls along the row."""
    m = len(x_m)
    neighbour = np.tile(np.arange(m)[:, None], (1, NEIGHBOURS))
    coupling = np.zeros((m, NEIGHBOURS), np.complex128)
    for n in range(m):
        others = np.flatnonzero(row == row[n])
        gap_m = np.abs(x_m[others] - x_m[n])
        near = np.argsort(gap_m)[1 : NEIGHBOURS + 1]
        neighbour[n, : len(near)] = others[near]
        coupling[n, : len(near)] = strength * np.exp(-gap_m[near] / COUPLING_M)
    return neighbour, coupling * _turned((m, NEIGHBOURS), rng)


def _poses(t_s: F64, x_m: F64, y_m: F64, shelf: str) -> PoseColumns:
    zero = np.zeros(len(t_s), np.intp)
    return PoseColumns(
        t_ns=START_NS + (t_s * 1e9).astype(np.int64),
        source=zero,
        shelf=zero,
        x_m=x_m,
        y_m=np.round(y_m, 3),
        z_m=np.full(len(t_s), CENTRE_Z_M),
        sources=("cart-1",),
        shelves=(shelf,),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=KINDS, default="standard")
    parser.add_argument("--seeds", default="1-4", help="First and last.")
    arguments = parser.parse_args()
    first, last = map(int, arguments.seeds.split("-"))
    for seed in range(first, last + 1):
        write(arguments.folder / f"own-{arguments.kind}-{seed}", KINDS[arguments.kind], seed)


if __name__ == "__main__":
    main()
