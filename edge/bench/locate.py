"""Book positions: a cart along simulated shelves, whole scans, and live."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from edge.bench.figure import Figure, measure
from edge.columns import Readings, take
from edge.fusion.live_shelves import LiveShelves
from edge.fusion.locate import Options, locate
from edge.fusion.window import Window, whole, window
from edge.sensors.simulate.scene import shelf_scene

BOARDS = 6
SECOND_NS = 1_000_000_000


def run() -> Iterator[Figure]:
    readings, _ = shelf_scene(1, boards=BOARDS)
    scan, n = whole(readings), len(readings.tags)
    lengths_m = {f"s-{board}": 0.9 for board in range(BOARDS)}
    quick = Options(coupling=False)
    work = partial(locate, scan, lengths_m, quick)
    yield measure("locate", "a scan, each tag alone", "reads", n, work, 3)
    cells = len(readings.tags.epcs) * len(np.unique(readings.tags.freq_mhz))
    yield measure("locate", "a scan, each tag alone", "tag channels", cells, work, 3)
    yield measure("locate", "live, a window a second", "reads", n, partial(_live, readings), 1)


def _live(readings: Readings) -> None:
    live = LiveShelves()
    for part in _by_second(readings):
        live.step(part)
    live.finish()


def _by_second(readings: Readings) -> Iterator[Window]:
    scan = whole(readings)
    seconds = range(scan.start_ns, scan.end_ns, SECOND_NS)
    tags, poses = scan.tags, scan.poses
    tag_edges = np.searchsorted(tags.t_ns, [*seconds, scan.end_ns])
    pose_edges = np.searchsorted(poses.t_ns, [*seconds, scan.end_ns])
    for n, start_ns in enumerate(seconds):
        reads = take(tags, np.arange(tag_edges[n], tag_edges[n + 1]))
        places = take(poses, np.arange(pose_edges[n], pose_edges[n + 1]))
        part = Readings(tags=reads, poses=places)
        yield window([part], start_ns, start_ns + SECOND_NS)
