"""Places of a board's tags in plain numpy: the twin of `_places_c.pyx`, tag by tag."""

import numpy as np
from numpy.typing import NDArray

from edge.ext import _echoes_py, _sources_py

F64 = NDArray[np.float64]
Index = NDArray[np.intp]


def places(
    path: F64,
    h: F64,
    sd: F64,
    start: Index,
    x_m: F64,
    ahead_m: F64,
    depth_m: F64,
    mirrors: F64,
    echoes: F64,
    many: Index,
    strengths: F64,
    log_p: F64,
    alpha: F64,
    left: F64,
) -> None:
    """Fills `log_p` and `left` [n, s, m], and `alpha` [n, s, m, 2]."""
    ends = np.cumsum(2 * np.diff(start) * many)
    for tag, flat in enumerate(np.split(echoes, ends[:-1])):
        own = slice(int(start[tag]), int(start[tag + 1]))
        rows = _errors(path[:, own], h[own], sd[:, own], x_m[tag] + ahead_m, depth_m, mirrors)
        of_tag = flat.reshape(int(many[tag]), rows.shape[1])
        _echoes_py.likely(rows, of_tag, strengths[tag], log_p[tag], alpha[tag], left[tag])


def surroundings(
    path: F64,
    h: F64,
    sd: F64,
    start: Index,
    x_m: F64,
    ahead_m: F64,
    depth_m: F64,
    mirrors: F64,
    strength: F64,
    ends: Index,
    least: float,
    out: F64,
    counts: Index,
) -> None:
    """Fills `out`, from 4 * m * start on for each tag, and `counts` [n, g]."""
    m = len(ahead_m)
    for tag, low in enumerate(start[:-1].tolist()):
        own = slice(low, int(start[tag + 1]))
        wide = 2 * (own.stop - low)
        rows = _errors(path[:, own], h[own], sd[:, own], x_m[tag] + ahead_m, depth_m, mirrors)
        both = (rows[:-1].reshape(2, m, wide) * strength[:, None]).swapaxes(0, 1)
        few = out[4 * m * low : 4 * m * own.stop].reshape(2 * m, wide)
        groups = [part.swapaxes(0, 1).reshape(-1, wide) for part in np.split(both, ends[:-1])]
        _echoes_py.compressed(np.concatenate(groups), 2 * ends, least, few, counts[tag])


def _errors(path: F64, h: F64, sd: F64, x_m: F64, depth_m: F64, mirrors: F64) -> F64:
    """Errors that sources would be in the samples of one tag, [2m + 1, 2k]."""
    rows = np.zeros((2 * len(x_m) + 1, 2 * len(h)))
    x, y, wavenumber = path
    _sources_py.errors(x, y, wavenumber, h, sd, x_m, depth_m, mirrors, rows)
    return rows
