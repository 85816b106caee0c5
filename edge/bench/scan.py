"""An hour's scan of a whole library: from a packed recording to every book's place, as `edge locate` does."""

import gzip
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge.bench.figure import Figure, of_seconds
from edge.columns import Readings
from edge.fusion.locate import LocateResult, locate
from edge.heap import WORKING_BYTES, keep_small
from edge.recording import lines_of, read
from edge.sensors.simulate.config import Reader
from edge.sensors.simulate.scene import shelf_scene

BOOKS: Final = 10_000
BOARDS: Final = 18
LENGTH_M: Final = 0.9
READER: Final = Reader(reads_per_s=300.0)
PASSES: Final = 2
BEYOND_NS: Final = 5_000_000_000


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scan.jsonl.gz"
        shelves = _record(path)
        started = time.process_time()
        result = _located(path, shelves)
        cpu_s = time.process_time() - started
    yield of_seconds("scan", "10,000 books, recording to places", "reads", result.quality.reads, cpu_s)
    yield of_seconds("scan", "10,000 books, recording to places", "books", len(result.places), cpu_s)


def _located(path: Path, shelves: tuple[str, ...]) -> LocateResult:
    keep_small()
    window, _ = read([path])
    keep_small(WORKING_BYTES)
    result = locate(window, dict.fromkeys(shelves, LENGTH_M))
    json.dumps([[place.epc, place.shelf, place.x_m, place.confidence] for place in result.places])
    return result


def _record(path: Path) -> tuple[str, ...]:
    """Writes the scan of some boards again and again, each time of other books on other boards."""
    readings, _ = shelf_scene(1, boards=BOARDS, reader=READER, passes=PASSES)
    shelves: list[str] = []
    with gzip.open(path, "wb", compresslevel=1) as packed:
        for turn in range(-(-BOOKS // len(readings.tags.epcs))):
            part = _of_turn(readings, turn)
            packed.writelines(lines_of(part))
            shelves += part.poses.shelves
    return tuple(shelves)


def _of_turn(readings: Readings, turn: int) -> Readings:
    tags, poses = readings.tags, readings.poses
    later_ns = turn * (int(poses.t_ns[-1] - poses.t_ns[0]) + BEYOND_NS)
    epcs = tuple(f"{turn:04X}{epc[4:]}" for epc in tags.epcs)
    shelves = tuple(f"{shelf}-{turn}" for shelf in poses.shelves)
    return Readings(
        tags=replace(tags, t_ns=tags.t_ns + later_ns, epcs=epcs),
        poses=replace(poses, t_ns=poses.t_ns + later_ns, shelves=shelves),
    )
