"""Tags at fixed antennas: reads in columns to presence, and the step of its kernel against its twin."""

from collections.abc import Iterator
from functools import partial
from types import ModuleType

import numpy as np

from edge.bench.figure import Figure, measure
from edge.columns import TagColumns
from edge.ext import _presence_py, load
from edge.fusion.presence import Presence
from edge.fusion.window import Window

TAGS = 200
READS = 4096
STEPS = 200


def run() -> Iterator[Figure]:
    yield measure("presence", "reads to presence", "reads", READS * 20, _windows)
    for name, kernel in (("kernel, c", load("presence")), ("kernel, python", _presence_py)):
        yield measure("presence", name, "tag epochs", TAGS * STEPS, partial(_steps, kernel))


def _windows() -> None:
    presence = Presence()
    for second in range(20):
        presence.step(_window(second))


def _window(second: int) -> Window:
    start_ns = second * 1_000_000_000
    order = np.arange(READS)
    tags = TagColumns(
        t_ns=start_ns + order * (1_000_000_000 // READS),
        source=np.zeros(READS, np.intp),
        antenna=np.ones(READS, np.intp),
        tag=order % TAGS,
        rssi_dbm=np.asarray(-50.0 - (order % 17) * 0.5, np.float64),
        phase_rad=np.full(READS, np.nan),
        freq_mhz=np.full(READS, np.nan),
        doppler_hz=np.full(READS, np.nan),
        sources=("shelf-1",),
        epcs=tuple(f"{n:024X}" for n in range(TAGS)),
    )
    return Window(tags=tags, start_ns=start_ns, end_ns=start_ns + 1_000_000_000)


def _steps(kernel: ModuleType) -> None:
    state = np.zeros(TAGS, np.uint64), np.ones(TAGS, np.int32), np.full(TAGS, 0.5), np.zeros(TAGS, np.uint8)
    for step in range(STEPS):
        seen = np.asarray((np.arange(TAGS) + step) % 3 == 0, np.uint8)
        kernel.step(*state, seen, 0.01)
