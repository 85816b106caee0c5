"""Book positions: a cart along simulated shelves, whole scans, and live."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from edge.bench.figure import Figure, measure
from edge.columns import Readings, take
from edge.ext.coupled import direct
from edge.fusion.live_shelves import LiveShelves
from edge.fusion.locate import Options, locate
from edge.fusion.locate.coupled import Prior
from edge.fusion.locate.coupling import solve_jointly
from edge.fusion.locate.impedance import mutual
from edge.fusion.locate.physics import wavenumber
from edge.fusion.locate.profile import Profile
from edge.fusion.window import Window, whole, window
from edge.sensors.simulate.config import Stock
from edge.sensors.simulate.scene import shelf_scene

BOARDS = 6
SECOND_NS = 1_000_000_000


def run() -> Iterator[Figure]:
    readings, _ = shelf_scene(1, boards=BOARDS)
    scan, n = whole(readings), len(readings.tags)
    lengths_m = {f"s-{board}": 0.9 for board in range(BOARDS)}
    alone = Options(coupling=False)
    work = partial(locate, scan, lengths_m, alone)
    yield measure("locate", "a scan, each tag alone", "reads", n, work, 3)
    cells = len(readings.tags.epcs) * len(np.unique(readings.tags.freq_mhz))
    yield measure("locate", "a scan, each tag alone", "tag channels", cells, work, 3)
    work = partial(locate, scan, lengths_m, replace(alone, thorough=False))
    yield measure("locate", "a scan, each tag alone, the quick way", "tag channels", cells, work, 3)
    yield _coupled()
    yield _coupled_row()
    yield measure("locate", "live, a window a second", "reads", n, partial(_live, readings), 1)


def _coupled() -> Figure:
    """Books of 6 cm, few enough a board to be worked out together; that they do not couple is seen soon."""
    readings, _ = shelf_scene(1, boards=BOARDS, stock=Stock(thickness_m=0.06))
    scan, lengths_m = whole(readings), {f"s-{board}": 0.9 for board in range(BOARDS)}
    cells = len(readings.tags.epcs) * len(np.unique(readings.tags.freq_mhz))
    return measure(
        "locate", "a scan, rows that may couple", "tag channels", cells, partial(locate, scan, lengths_m)
    )


def _coupled_row() -> Figure:
    """Eight tags that do couple, 6 cm apart, a pass of a metre: the joint fit, whatever the channels."""
    path_m, places_m, f_mhz = np.linspace(0.0, 0.99, 100), np.linspace(0.3, 0.72, 8), 922.0
    k = float(wavenumber(f_mhz))
    z, _ = mutual(np.abs(places_m[:, None] - places_m), 2.0 * np.pi / k)
    np.fill_diagonal(z, Prior().own)
    field = np.linalg.inv(z) @ direct(path_m, places_m, np.full(8, 0.5), k, 1.5)[0]
    row = Profile(path_m, 0.5, f_mhz, field, np.ones(field.shape), 1)
    starts = [places_m, places_m[[1, 0, 2, 3, 5, 4, 6, 7]]]
    work = partial(solve_jointly, [row], starts, Prior())
    return measure("locate", "a row of 8 that couples, the fit alone", "tags", 8, work, 3)


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
